"""Which class of the weights is which class of the folder."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.session import Session
from gui.session.weights import weights_name
from gui.texts import tr
from gui.widgets.class_map import used_text
from gui.widgets.class_map_table import ClassMapModel, ClassMapTable


class ClassMapDialog(QDialog):
    """A table with a row for each class of the weights; needs their description."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Class map"))
        self._session = session
        self.map = ClassMapModel(session.model.targets, session.classes)
        name = weights_name(session.model.choice.weights)
        intro = QLabel(
            tr(
                "What the classes of {weights} become in this folder. What is ignored is never"
                " written into a label file."
            ).format(weights=name)
        )
        intro.setWordWrap(True)
        self.search = QLineEdit(placeholderText=tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(tr("Search"))
        self.search.setToolTip(tr("Show only classes with this text in their name."))
        self.table = ClassMapTable(self.map)
        self.search.textChanged.connect(self.table.search)
        self.count = QLabel()
        self.count.setWordWrap(True)
        self.ignore_button = QPushButton(tr("Ignore all"))
        self.ignore_button.setToolTip(tr("Begin anew, with every class ignored."))
        self.ignore_button.setAutoDefault(False)
        self.ignore_button.clicked.connect(self.map.ignore_all)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.keep_button = self.buttons.addButton(
            tr("Use this map"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.keep_button.setToolTip(tr("Keep this map for these weights in this folder."))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.map.targets_changed.connect(self._update)
        self._lay_out(intro)
        self._update()
        self.resize(560, 560)

    def accept(self) -> None:
        """As Qt asks."""
        self._session.model.keep_targets(self.map.targets, self.map.new_classes)
        super().accept()

    def _lay_out(self, intro: QLabel) -> None:
        below = QHBoxLayout()
        below.addWidget(self.count, 1)
        below.addWidget(self.ignore_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(intro)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)
        layout.addWidget(self.buttons)

    def _update(self) -> None:
        sentences = [f"{used_text(self.map.targets)}."]
        if not any(self.map.targets.values()):
            sentences.append(tr("A pre-label would find nothing."))
        elif new := self.map.new_classes:
            sentences.append(tr("New in this folder: {classes}.").format(classes=", ".join(new)))
        self.count.setText(" ".join(sentences))
