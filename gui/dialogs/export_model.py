"""Export a model: which weights, where to, and how large it will be."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QWidget,
)

from core.configs import ExportModelConfig
from gui.dialogs.run_choices import offer_runs
from gui.session import Session
from gui.session.run_list import RunInfo, run_infos
from gui.session.weights import WeightsChoice, chosen, weights_name
from gui.texts import tr
from gui.widgets.dialog_layout import lay_out, words_label
from gui.widgets.path_row import PathRow
from gui.widgets.weights_field import WeightsField
from gui.widgets.words import size_text


class ExportModelDialog(QDialog):
    """Chooses weights and a folder; shows what the folder will hold."""

    wanted = Signal(object)
    """ExportModelConfig."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Export model"))
        self._settings = session.settings
        self._chosen = chosen(session.settings)
        self.weights = WeightsField(_first(self._chosen))
        self.weights.changed.connect(lambda _: self._update())
        self.folder = PathRow(self._first_folder(session), tr("Put the model's folder into"))
        self.folder.changed.connect(self._update)
        self.half = QCheckBox(tr("Half precision: half the size, detections all but the same"))
        self.half.setToolTip(tr("Two bytes a number instead of four. detectron2 loads it, too."))
        self.half.toggled.connect(lambda _: self._update())
        self.zip = QCheckBox(tr("As one zip file"))
        self.zip.setToolTip(tr("Write the folder as one file that is easy to pass on."))
        self.zip.toggled.connect(lambda _: self._update())
        self.words = words_label(self)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = buttons.addButton(tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.export_button.setToolTip(tr("Write the folder."))
        form = QFormLayout()
        form.addRow(tr("Weights"), self.weights)
        form.addRow(tr("Folder"), self.folder)
        form.addRow("", self.half)
        form.addRow("", self.zip)
        lay_out(self, form, self.words, buttons=buttons)
        self._update()
        session.work.when_written(lambda project: run_infos(project.labels_folder), self._offer)

    def accept(self) -> None:
        """As Qt asks; the export begins."""
        if (path := self._path) is None:
            return
        self._settings.set("export_folder", str(path.parent))
        weights = self.weights.weights
        is_chosen = weights == self._chosen.weights
        self.wanted.emit(
            ExportModelConfig(
                weights=weights,
                out=str(path),
                model_config=self._chosen.model_config if is_chosen else "",
                class_names=self._chosen.class_names if is_chosen else (),
                half_precision=self.half.isChecked(),
            )
        )
        super().accept()

    @property
    def _path(self) -> Path | None:
        path = self.folder.path
        if path is None or not self.zip.isChecked() or path.suffix.lower() == ".zip":
            return path
        return path.with_name(f"{path.name}.zip")

    def _first_folder(self, session: Session) -> Path:
        remembered = session.settings.text("export_folder")
        name = f"{session.project.folder.name} model" if session.project else "model"
        return (Path(remembered) if remembered else Path.home()) / name

    def _offer(self, runs: Sequence[RunInfo]) -> None:
        """Puts the runs of the project first; takes the newest where none was chosen."""
        if offer_runs(self.weights.choices, runs) and not self._chosen.weights:
            self.weights.choices.setCurrentIndex(0)
        self._update()

    def _update(self) -> None:
        why_not = self._why_not()
        self.export_button.setEnabled(not why_not)
        self.words.setText(why_not or self._what())

    def _why_not(self) -> str:
        if not self.weights.weights:
            return tr("Choose weights: a run of this project, or a file.")
        path = self._path
        if path is None:
            return tr("Name a folder with its whole path.")
        if path.suffix.lower() == ".zip" and path.exists():
            return tr("{file} is there already. Name a file that is new.").format(file=path)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            return tr("{folder} is there and is not empty. Name a folder that is new.").format(
                folder=path
            )
        return ""

    def _what(self) -> str:
        path = self._path
        if path is not None and path.suffix.lower() == ".zip":
            first = tr(
                "{file} gets model.pth, config.yaml, classes.txt and a README.md with the lines"
                " that load it, here and in detectron2."
            ).format(file=path.name)
        else:
            first = tr(
                "The folder gets model.pth, config.yaml, classes.txt and a README.md with the lines"
                " that load it, here and in detectron2."
            )
        sentences = [first]
        file = Path(self.weights.weights)
        if file.is_file():
            n_bytes = file.stat().st_size / (2 if self.half.isChecked() else 1)
            # What a training left may hold its optimizer too, which does not go out.
            about = tr("About {size}.") if file.name == "best.pth" else tr("At most {size}.")
            sentences.append(about.format(size=size_text(n_bytes)))
        return " ".join(sentences)


def _first(choice: WeightsChoice) -> dict[str, str]:
    if not choice.weights:
        return {"": tr("Choose weights")}
    name = weights_name(choice.weights)
    return {choice.weights: tr("{weights} (used now)").format(weights=name)}
