"""Export to COCO: what comes out is counted before anything is written."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from core.atomic import require_replaceable
from core.configs import ExportConfig
from core.errors import AppError
from core.types import LabelClass, Split
from core.wording import listed
from gui.session import Session, leaving
from gui.session.export_counts import ExportCount, ImageCount, export_count, image_counts
from gui.texts import QT_TR_NOOP, n_images, n_instances, n_predictions, tr
from gui.widgets.path_row import PathRow

_STATES = {
    "accepted": QT_TR_NOOP("What a person drew, accepted or corrected"),
    "all": QT_TR_NOOP("Predictions that nobody looked at, too"),
}
_MOST_CLASSES = 12


class ExportDialog(QDialog):
    """Chooses what goes out and where to; shows how much that is, and what to think of before."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Export COCO"))
        self._session = session
        self._images: Sequence[ImageCount] | None = None
        self._n_problems = 0
        self.state = QComboBox()
        self.state.setAccessibleName(tr("Instances"))
        self.state.setToolTip(tr("Whether what only a model vouches for goes out."))
        for name, title in _STATES.items():
            self.state.addItem(tr(title), name)
        self.split = QComboBox()
        self.split.setAccessibleName(tr("Images"))
        self.split.setToolTip(tr("All images, or those of one split."))
        self.split.addItem(tr("All images"), "")
        for one in Split:
            self.split.addItem(tr("The {split} images").format(split=one), str(one))
        self._row = PathRow(self._first_file(), tr("Export COCO"), suffix="json")
        self.file = self._row.line
        self.counts = QLabel(tr("Counting…"), wordWrap=True)
        self.warnings = QLabel(wordWrap=True)
        for label, lines in ((self.counts, 2), (self.warnings, 5)):
            label.setMinimumHeight(self.fontMetrics().lineSpacing() * lines)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            label.setTextFormat(Qt.TextFormat.PlainText)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = buttons.addButton(tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.export_button.setToolTip(tr("Write the file."))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._lay_out(buttons)
        self.state.currentIndexChanged.connect(lambda _: self._update())
        self.split.currentIndexChanged.connect(lambda _: self._update())
        self._row.changed.connect(self._update)
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
        project, path = self._session.project, self._row.path
        if project is None or path is None:
            return
        self._session.settings.set("export_folder", str(path.parent))
        leaving.export(
            self._session,
            ExportConfig(
                folder=str(project.folder),
                format="coco",
                out=str(path),
                labels_folder=str(project.labels_folder),
                state=self.state.currentData(),
                split=self.split.currentData(),
            ),
        )
        super().accept()

    def _first_file(self) -> Path:
        project = self._session.project
        name = f"{project.folder.name}_coco.json" if project else "coco.json"
        remembered = self._session.settings.text("export_folder")
        return (Path(remembered) if remembered else Path.home()) / name

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        form = QFormLayout()
        form.addRow(tr("Instances"), self.state)
        form.addRow(tr("Images"), self.split)
        form.addRow(tr("File"), self._row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addLayout(form)
        layout.addWidget(self.counts)
        layout.addWidget(self.warnings)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(560)

    def _on_counted(self, images: tuple[ImageCount, ...]) -> None:
        self._images = images
        project = self._session.project
        self._n_problems = len(project.problems) if project else 0
        self._update()

    def _update(self) -> None:
        count = self.count
        why_not, note = _about_file(self._row.path)
        self.export_button.setEnabled(count is not None and count.n_images > 0 and not why_not)
        if count is None:
            return
        self.counts.setText("\n".join(_what(count, self._session.classes)))
        warnings = [*_warnings(count, self._session.classes), *filter(None, [why_not, note])]
        if self._n_problems:
            warnings.append(_unusable(self._n_problems))
        self.warnings.setText("\n".join(f"•  {one}" for one in warnings))


def _unusable(n_files: int) -> str:
    if n_files == 1:
        return tr("1 file of the folder cannot be used; the panel Images lists it.")
    return tr(
        "%n files of the folder cannot be used, labels without their image among them; the panel"
        " Images lists them.",
        "",
        n_files,
    )


def _what(count: ExportCount, classes: Sequence[LabelClass]) -> Iterator[str]:
    if not count.n_images:
        yield tr("Nothing goes out: no image is done, and none has such an instance.")
        return
    splits = [f"{n} {split}" for split in Split if (n := count.of_split.get(str(split), 0))]
    sentence = (
        tr("To be written: {instances} in {images} ({splits}).")
        if splits
        else tr("To be written: {instances} in {images}.")
    )
    yield sentence.format(
        instances=n_instances(count.n_instances),
        images=n_images(count.n_images),
        splits=", ".join(splits),
    )
    there = [one for one in classes if count.of_class.get(one.id)]
    named = [f"{one.name} {count.of_class[one.id]}" for one in there[:_MOST_CLASSES]]
    if named:
        yield f"{_with_more(', '.join(named), len(there) - len(named))}."


def _with_more(classes: str, n_more: int) -> str:
    if not n_more:
        return classes
    sentence = (
        tr("{classes} and 1 class more")
        if n_more == 1
        else tr("{classes} and %n classes more", "", n_more)
    )
    return sentence.format(classes=classes)


def _warnings(count: ExportCount, classes: Sequence[LabelClass]) -> Iterator[str]:
    if count.n_empty:
        yield tr("Done and empty, as true negatives: {images}.").format(
            images=n_images(count.n_empty)
        )
    if count.n_not_done:
        sentence = tr("Not marked done, so labels may be missing there: {images}.")
        yield sentence.format(images=n_images(count.n_not_done))
    if count.n_staying:
        yield tr("Left out, not done and with nothing to write: {images}.").format(
            images=n_images(count.n_staying)
        )
    if count.n_left_out:
        yield tr("Left out, as nobody looked at them: {predictions}.").format(
            predictions=n_predictions(count.n_left_out)
        )
    if count.n_missing:
        yield tr("Left out, as they are gone from the folder: {images}.").format(
            images=n_images(count.n_missing)
        )
    without = [one.name for one in classes if not count.of_class.get(one.id)]
    if without and count.n_images:
        yield tr("Classes without an instance: {classes}.").format(classes=listed(without))


def _about_file(path: Path | None) -> tuple[str, str]:
    """Why it cannot be written to, and what will happen to what is there."""
    if path is None:
        return tr("Name a file to write to, with its whole path."), ""
    if path.is_dir():
        return tr("{file} is a folder: name a file in it.").format(file=path), ""
    try:
        require_replaceable(path, suffix=".json", begins=b"{[")
    except AppError as error:
        return str(error), ""
    if not path.exists():
        return "", ""
    return "", tr("{file} is there already and will be replaced.").format(file=path.name)
