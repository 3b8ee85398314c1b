"""Export to COCO: what comes out is counted before anything is written."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.configs import ExportConfig
from core.types import Split
from gui.session import Session
from gui.session.export_counts import ExportCount, ImageCount, export_count, image_counts

_STATES = {
    "accepted": "What a person drew, accepted or corrected",
    "all": "Predictions that nobody looked at, too",
}


class ExportDialog(QDialog):
    """Chooses what goes out and where to; shows how much that is."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export COCO")
        self._session = session
        self._images: Sequence[ImageCount] | None = None
        self.state = QComboBox()
        for name, title in _STATES.items():
            self.state.addItem(title, name)
        self.split = QComboBox()
        self.split.addItem("All images", "")
        for one in Split:
            self.split.addItem(f"The {one} images", str(one))
        self.file = QLineEdit(str(self._first_file()))
        self.file.setAccessibleName("File")
        self.counts = QLabel("Counting…")
        self.counts.setWordWrap(True)
        self.counts.setMinimumHeight(self.fontMetrics().lineSpacing() * 4)
        self.counts.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._lay_out(buttons)
        self.state.currentIndexChanged.connect(lambda _: self._update())
        self.split.currentIndexChanged.connect(lambda _: self._update())
        self.file.textChanged.connect(lambda _: self._update())
        self._update()
        session.work.when_written(image_counts, self._on_counted)

    @property
    def count(self) -> ExportCount | None:
        """What would be written; None while it is being counted."""
        if self._images is None:
            return None
        return export_count(
            self._images, state=self.state.currentData(), split=self.split.currentData()
        )

    def accept(self) -> None:
        """As Qt asks; the export begins."""
        project = self._session.project
        if project is None:
            return
        self._session.settings.set("export_folder", str(Path(self.file.text()).parent))
        self._session.work.start_export(
            ExportConfig(
                folder=str(project.folder),
                format="coco",
                out=self.file.text().strip(),
                labels_folder=str(project.labels_folder),
                state=self.state.currentData(),
                split=self.split.currentData(),
            )
        )
        super().accept()

    def _first_file(self) -> Path:
        project = self._session.project
        name = f"{project.folder.name}_coco.json" if project else "coco.json"
        remembered = self._session.settings.text("export_folder")
        return (Path(remembered) if remembered else Path.home()) / name

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._ask_for_file)
        line = QHBoxLayout()
        line.addWidget(self.file, 1)
        line.addWidget(choose)
        form = QFormLayout()
        form.addRow("Instances", self.state)
        form.addRow("Images", self.split)
        form.addRow("File", line)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.counts)
        layout.addWidget(buttons)
        self.setMinimumWidth(520)

    def _on_counted(self, images: tuple[ImageCount, ...]) -> None:
        self._images = images
        self._update()

    def _update(self) -> None:
        count = self.count
        has_file = bool(self.file.text().strip())
        self.export_button.setEnabled(count is not None and count.n_images > 0 and has_file)
        if count is not None:
            self.counts.setText("\n".join(_sentences(count, has_file=has_file)))

    def _ask_for_file(self) -> None:
        dialog = QFileDialog(self, "Export COCO", self.file.text(), "COCO JSON (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.fileSelected.connect(self.file.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _sentences(count: ExportCount, *, has_file: bool) -> list[str]:
    if not count.n_images:
        return ["Nothing goes out: no image is done, and none has such an instance."]
    sentences = [f"{count.n_instances} instances in {count.n_images} images go out."]
    if count.n_empty:
        sentences.append(f"{count.n_empty} of the images are done and empty: true negatives.")
    if count.n_not_done:
        sentences.append(f"{count.n_not_done} of the images are not marked done.")
    if count.n_left_out:
        sentences.append(f"{count.n_left_out} predictions that nobody looked at stay here.")
    if not has_file:
        sentences.append("Choose a file to write to.")
    return sentences
