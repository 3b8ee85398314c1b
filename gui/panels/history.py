"""History: the steps of the open image, and its labels as they were in earlier sessions."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.document import Document
from gui.panels import PanelSpec
from gui.session import Session
from gui.session.earlier import EarlierLabels
from gui.texts import QT_TR_NOOP, n_instances, tr
from gui.widgets.moments import difference_text, moment_text
from gui.widgets.wrapped import WrappedLabel

_NAME_ROLE = Qt.ItemDataRole.UserRole
_NO_STEPS = QT_TR_NOOP(
    "Nothing was changed in this image since it was opened. Each edit becomes a step here."
)
_NO_VERSIONS = QT_TR_NOOP(
    "No earlier version is kept yet. One is kept when you change labels that you worked on in an"
    " earlier session, and then every few minutes."
)


class HistoryPanel(QWidget):
    """A click goes to a step; a version is looked at first, and brought back when it is wanted."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._document: Document | None = None
        self.steps = _list(tr("Steps"), tr("Go to a step: later ones can be made again."))
        self.hint = WrappedLabel()
        self.versions = _list(tr("Earlier versions"), tr("Look at the labels as they were."))
        self.versions_hint = WrappedLabel(tr(_NO_VERSIONS))
        self.bring_back = QPushButton(tr("Bring back"))
        self.bring_back.setToolTip(tr("Make the labels what they were then. It can be undone."))
        self.stop = QPushButton(tr("Back to now"))
        self.stop.setToolTip(tr("Show the labels as they are now (Esc)."))
        self._lay_out()
        self.steps.itemClicked.connect(self._on_step_chosen)
        self.steps.itemActivated.connect(self._on_step_chosen)
        self.versions.itemClicked.connect(self._on_version_chosen)
        self.versions.itemActivated.connect(self._on_version_chosen)
        self.bring_back.clicked.connect(self._on_bring_back)
        self.stop.clicked.connect(session.earlier.stop_looking)
        session.document_changed.connect(self._on_document_changed)
        session.earlier.changed.connect(self._fill_versions)
        session.earlier.shown_changed.connect(self._mark_shown)
        self._on_document_changed()
        self._fill_versions()

    def showEvent(self, event: QShowEvent) -> None:
        """What nobody sees is not read."""
        super().showEvent(event)
        self._session.earlier.set_wanted(True)
        self._fill_steps()

    def hideEvent(self, event: QHideEvent) -> None:
        """As Qt asks."""
        super().hideEvent(event)
        self._session.earlier.set_wanted(False)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.bring_back)
        buttons.addWidget(self.stop)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(QLabel(tr("Steps since it was opened")))
        layout.addWidget(self.hint)
        layout.addWidget(self.steps, 1)
        layout.addWidget(QLabel(tr("Earlier versions")))
        layout.addWidget(self.versions_hint)
        layout.addWidget(self.versions, 1)
        layout.addLayout(buttons)
        layout.addStretch(0)

    # The steps

    def _on_document_changed(self) -> None:
        document = self._session.document
        if document is self._document:
            return
        if self._document is not None:
            self._document.undo_stack.indexChanged.disconnect(self._on_index_changed)
        self._document = document
        if document is not None:
            document.undo_stack.indexChanged.connect(self._on_index_changed)
        self._fill_steps()

    def _on_index_changed(self, _index: int) -> None:
        self._fill_steps()

    def _fill_steps(self) -> None:
        document = self._document
        if not self.isVisible():
            return
        steps = document.steps if document else ()
        self.steps.clear()
        self.hint.setText(tr(_NO_STEPS) if document else tr("No image is open."))
        self.hint.setVisible(not steps)
        self.steps.setVisible(bool(steps))
        if document is None or not steps:
            return
        index = document.undo_stack.index()
        texts = [f"{one.text}   {moment_text(one.made_at)}" for one in steps]
        texts.insert(0, tr("As it was opened"))
        for number, text in enumerate(texts):
            item = QListWidgetItem(f"▸ {text}" if number == index else f"   {text}")
            font = item.font()
            font.setBold(number == index)
            font.setItalic(number > index)
            item.setFont(font)
            if number > index:
                item.setToolTip(tr("Taken back; a click makes it again, and those before it."))
            self.steps.addItem(item)
        self.steps.setCurrentRow(index)
        self.steps.scrollToItem(self.steps.item(index))

    def _on_step_chosen(self, item: QListWidgetItem) -> None:
        if self._document is not None:
            self._document.go_to_step(self.steps.row(item))

    # The versions

    def _fill_versions(self) -> None:
        versions = self._session.earlier.versions
        self.versions.clear()
        self.versions_hint.setVisible(not versions)
        self.versions.setVisible(bool(versions))
        for one in versions:
            item = QListWidgetItem(_words(one))
            item.setData(_NAME_ROLE, one.version.name)
            item.setToolTip(one.why_not or tr("Look at the labels as they were. Escape ends it."))
            self.versions.addItem(item)
        self._mark_shown()

    def _mark_shown(self) -> None:
        name = self._session.earlier.shown_name
        for row in range(self.versions.count()):
            item = self.versions.item(row)
            is_shown = item.data(_NAME_ROLE) == name
            font = item.font()
            font.setBold(is_shown)
            item.setFont(font)
            if is_shown:
                self.versions.setCurrentItem(item)
        for button in (self.bring_back, self.stop):
            button.setVisible(self.versions.count() > 0)
            button.setEnabled(bool(name))
        if not name:
            self.versions.clearSelection()

    def _on_version_chosen(self, item: QListWidgetItem) -> None:
        self._session.earlier.look_at(item.data(_NAME_ROLE))

    def _on_bring_back(self) -> None:
        self._session.earlier.bring_back(self._session.earlier.shown_name)


def _list(name: str, tip: str) -> QListWidget:
    made = QListWidget()
    made.setAccessibleName(name)
    made.setToolTip(tip)
    made.setUniformItemSizes(False)
    made.setWordWrap(True)
    return made


def _words(one: EarlierLabels) -> str:
    at = moment_text(one.version.at)
    if one.version.was_put_aside:
        at = tr("{moment}, written by another program").format(moment=at)
    if one.labels is None:
        return "\n".join((at, tr("cannot be read")))
    count = n_instances(len(one.labels.instances))
    return f"{at}\n{count}" + (f": {difference_text(one.change)}" if one.change else "")


PANEL = PanelSpec(
    "history",
    QT_TR_NOOP("History"),
    Qt.DockWidgetArea.LeftDockWidgetArea,
    1,
    HistoryPanel,
    is_open_at_first=False,
)
