"""What a file of weights does not say of itself: how the model is built, what its classes are."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.class_names import NamedClass, names_in_text
from gui.session import Session
from gui.session.class_files import ClassReader
from gui.session.weights import WeightsChoice
from gui.texts import tr
from gui.widgets.browsing import begin_near

_LINES_SHOWN = 4


class FileFields(QWidget):
    """config.yaml and class names; both may be empty."""

    changed = Signal()
    """A person changed one of them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reader = ClassReader(session.work, self)
        self.reader.read.connect(self._on_read)
        self._is_filling = False
        self.config = QLineEdit(
            placeholderText=tr("config.yaml beside the weights, if there is one")
        )
        self.config.setAccessibleName("config.yaml")
        self.config.setToolTip(
            tr("How the model is built, as detectron2 writes it. May stay empty.")
        )
        config_button = _button(tr("Choose…"), tr("Look for the model's config.yaml."))
        config_button.clicked.connect(self._ask_for_config)
        self.names = QPlainTextEdit(placeholderText=tr("As the file or its config says"))
        self.names.setAccessibleName(tr("Class names"))
        self.names.setToolTip(tr("One a line, in the order of training. May stay empty."))
        self.names.setTabChangesFocus(True)
        self.names.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES_SHOWN + 12)
        names_button = _button(tr("From a file…"), tr("A names.txt, a data.yaml or a COCO file."))
        names_button.clicked.connect(self._ask_for_names)
        for field in (self.config, self.names):
            field.textChanged.connect(self._on_changed)
        config_row = QHBoxLayout()
        config_row.addWidget(self.config, 1)
        config_row.addWidget(config_button)
        beside = QVBoxLayout()
        beside.addWidget(names_button)
        beside.addStretch(1)
        names_row = QHBoxLayout()
        names_row.addWidget(self.names, 1)
        names_row.addLayout(beside)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("config.yaml", config_row)
        form.addRow(tr("Class names"), names_row)

    @property
    def model_config(self) -> str:
        """The config.yaml; empty for the one beside the weights."""
        return self.config.text().strip()

    @property
    def class_names(self) -> tuple[str, ...]:
        """In the order of training; empty for those that the file or its config says."""
        return names_in_text(self.names.toPlainText())

    def show_choice(self, choice: WeightsChoice) -> None:
        """Shows what a person said of these weights before."""
        if (choice.model_config, choice.class_names) == (self.model_config, self.class_names):
            return
        self._is_filling = True
        self.config.setText(choice.model_config)
        self.names.setPlainText("\n".join(choice.class_names))
        self._is_filling = False

    def _on_changed(self) -> None:
        if not self._is_filling:
            self.changed.emit()

    def _ask_for_config(self) -> None:
        dialog = self._dialog(tr("The model's config"), tr("Configs (*.yaml *.yml);;All files (*)"))
        dialog.fileSelected.connect(self.config.setText)
        dialog.open()

    def _ask_for_names(self) -> None:
        kinds = tr("Class names (*.txt *.names *.yaml *.yml *.json);;All files (*)")
        dialog = self._dialog(tr("Class names"), kinds)
        dialog.fileSelected.connect(self.reader.start)
        dialog.open()

    def _on_read(self, classes: Sequence[NamedClass]) -> None:
        self.names.setPlainText("\n".join(one.name for one in classes))

    def _dialog(self, title: str, kinds: str) -> QFileDialog:
        dialog = begin_near(QFileDialog(self.window(), title))
        dialog.setNameFilter(kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.finished.connect(dialog.deleteLater)
        return dialog


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setToolTip(tooltip)
    return button
