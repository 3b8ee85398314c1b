"""Which classes are labelled in this folder: names typed or taken from a list, looked at first."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from core.class_names import NamedClass, names_in_text
from gui.session import Session
from gui.texts import tr

_KEYS = 9


class ProjectClassesDialog(QDialog):
    """A field for names, and beside it the classes that they make."""

    def __init__(
        self,
        session: Session,
        parent: QWidget | None = None,
        *,
        classes: Sequence[NamedClass] = (),
        source: str = "",
    ) -> None:
        """Begins with these classes, which `source` lists."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Classes of this folder"))
        self._session = session
        self._ids = {one.name: one.wished_id for one in classes}
        intro = QLabel(" ".join(_intro(source)), wordWrap=True)
        self.names = QPlainTextEdit("\n".join(one.name for one in classes))
        self.names.setPlaceholderText(tr("jeans\nT-shirt\nskirt"))
        self.names.setAccessibleName(tr("Names"))
        self.names.setToolTip(tr("One a line, or between commas."))
        self.names.setTabChangesFocus(True)
        self.preview = QListWidget()
        self.preview.setAccessibleName(tr("Classes"))
        self.preview.setToolTip(tr("What the names make; the number is the class's key."))
        self.preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.count = QLabel(wordWrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add_button = buttons.addButton(
            tr("Add classes"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.add_button.setToolTip(tr("Make these classes (Ctrl+Enter)."))
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.accept)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        beside = QHBoxLayout()
        beside.addWidget(self.names, 1)
        beside.addWidget(self.preview, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(intro)
        layout.addLayout(beside, 1)
        layout.addWidget(self.count)
        layout.addWidget(buttons)
        # Tab goes from the names to what makes the classes, not to what throws them away
        self.setTabOrder(self.names, self.add_button)
        self.names.textChanged.connect(self._update)
        self._update()
        self.resize(520, 420)

    @property
    def new_names(self) -> tuple[str, ...]:
        """The names that become classes."""
        there = {one.name for one in self._session.classes}
        names = names_in_text(self.names.toPlainText())
        return tuple(name for name in names if name not in there)

    def accept(self) -> None:
        """As Qt asks."""
        wished = [(name, self._ids.get(name)) for name in self.new_names]
        if wished:
            session = self._session
            session.work.when_written(
                lambda project: project.add_classes(wished), lambda _: session.class_list.look()
            )
            super().accept()

    def _update(self) -> None:
        names, new = names_in_text(self.names.toPlainText()), self.new_names
        n_there = len(self._session.classes)
        self.preview.clear()
        for place, name in enumerate(new, start=n_there + 1):
            self.preview.addItem(f"{place}   {name}" if place <= _KEYS else f"     {name}")
        told = " ".join(_counted(n_new=len(new), n_known=len(names) - len(new)))
        self.count.setText(told or tr("No name yet."))
        self.add_button.setEnabled(bool(new))
        self.add_button.setText(tr("Add class") if len(new) == 1 else tr("Add classes"))


def _intro(source: str) -> Iterator[str]:
    if source:
        yield tr("{file} lists these classes.").format(file=source)
    yield tr(
        "Write the names of what you want to label, one a line or between commas. They can be"
        " renamed, merged and moved later."
    )


def _counted(*, n_new: int, n_known: int) -> Iterator[str]:
    if n_new:
        yield tr("1 class to add.") if n_new == 1 else tr("%n classes to add.", "", n_new)
    if n_known == 1:
        yield tr("1 class of these is there.")
    elif n_known:
        yield tr("%n classes of these are there.", "", n_known)
