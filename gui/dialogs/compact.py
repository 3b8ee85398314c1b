"""Make a model smaller: in which form, where to, and what it costs in AP."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QProgressBar,
    QWidget,
)

from core.configs import CompactConfig
from core.events import Failed, Finished, Noted, Progress
from gui.dialogs.run_choices import offer_runs
from gui.runs import Run
from gui.session import Session, compacting
from gui.session.run_list import RunInfo, run_infos
from gui.session.weights import WeightsChoice, chosen, use, weights_name
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.before_after import BeforeAfterTable
from gui.widgets.dialog_layout import lay_out, words_label
from gui.widgets.path_row import PathRow
from gui.widgets.weights_field import WeightsField
from gui.widgets.words import progress_steps, progress_text

_FORMS = {
    "half": (
        QT_TR_NOOP("Half precision (half the size)"),
        QT_TR_NOOP("A checkpoint with 16 bits a number. detectron2 loads it, too."),
    ),
    "int8": (
        QT_TR_NOOP("8 bits (a quarter of the size)"),
        QT_TR_NOOP("A checkpoint with 8 bits a number, for Maskloop; it is as fast as before."),
    ),
    "onnx": (
        QT_TR_NOOP("ONNX (runs without torch)"),
        QT_TR_NOOP("One file for ONNX Runtime, which many programs and languages have."),
    ),
    "onnx-int8": (
        QT_TR_NOOP("ONNX in 8 bits (a quarter of the size)"),
        QT_TR_NOOP("One file for ONNX Runtime that computes in 8 bits, fitted to your images."),
    ),
}
_NEEDS_IMAGES = "onnx-int8"


class CompactDialog(QDialog):
    """Chooses weights, a form and a folder; follows the work and shows what came of it."""

    begun = Signal(object)
    """Run."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Make the model smaller"))
        self._session = session
        self._chosen = chosen(session.settings)
        self._run: Run | None = None
        self._is_beginning = False
        self._is_stopping = False
        self._said = ""
        """What the work does, in a sentence."""
        self._made = ""
        """The small model that was written last."""
        self.weights = WeightsField(_first(self._chosen))
        self.weights.changed.connect(lambda _: self._update())
        self.form = _form_field()
        self.form.currentIndexChanged.connect(lambda _: self._on_form())
        self._suggested = self._suggestion()
        self.folder = PathRow(self._suggested, tr("Put the small model's folder into"))
        self.folder.changed.connect(self._update)
        self.force = QCheckBox(tr("Write it even if AP falls by more than 0.5"))
        self.force.setToolTip(tr("Without this nothing is written where AP falls that much."))
        self.words = words_label(self)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(tr("Progress"))
        self.bar.setToolTip(tr("How far the work is."))
        self.table = BeforeAfterTable()
        self.table.hide()
        lay_out(self, self._fields(), self.words, self.bar, self.table, buttons=self._buttons())
        self._set_going(going=False)
        session.work.when_written(lambda project: run_infos(project.labels_folder), self._offer)

    def accept(self) -> None:
        """As Qt asks; the work begins, and the dialog stays."""
        path = self.folder.path
        if path is None or self._why_not() or self._is_going:
            return
        self._session.settings.set("export_folder", str(path.parent))
        weights = self.weights.weights
        is_chosen = weights == self._chosen.weights
        config = CompactConfig(
            weights=weights,
            to=self._to,
            out=str(path),
            folder=str(self._session.project.folder) if self._session.project else "",
            model_config=self._chosen.model_config if is_chosen else "",
            class_names=self._chosen.class_names if is_chosen else (),
            force=self.force.isChecked(),
        )
        self._is_beginning, self._is_stopping = True, False
        self.table.hide()
        self._say(tr("Saving what you edited."))
        self._set_going(going=True)
        compacting.compact(self._session, config, self._follow)

    def reject(self) -> None:
        """As Qt asks; what goes on is cancelled first."""
        if not self._is_going:
            super().reject()
            return
        self._is_stopping = True
        self._say(tr("Stopping."))
        if self._run is not None and self._run.is_going:
            self._run.cancel()

    @property
    def _is_going(self) -> bool:
        return self._is_beginning or (self._run is not None and self._run.is_going)

    @property
    def _to(self) -> str:
        return str(self.form.currentData())

    def _fields(self) -> QFormLayout:
        form = QFormLayout()
        form.addRow(tr("Weights"), self.weights)
        form.addRow(tr("Form"), self.form)
        form.addRow(tr("Folder"), self.folder)
        form.addRow("", self.force)
        return form

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.start_button = buttons.addButton(tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.start_button.setToolTip(tr("Make the small model, and measure it."))
        self.use_button = buttons.addButton(
            tr("Pre-label with it"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.use_button.setToolTip(tr("Use the small model from now on, and close this dialog."))
        self.use_button.setAutoDefault(False)
        self.use_button.clicked.connect(self._use)
        self.use_button.hide()
        self.close_button = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.close_button.setToolTip(tr("Close this dialog; while it works, stop the work."))
        return buttons

    def _set_going(self, *, going: bool) -> None:
        for one in (self.weights, self.form, self.folder, self.force):
            one.setEnabled(not going)
        self.use_button.setVisible(False)
        self.bar.setVisible(going)
        self.bar.setRange(0, 0)
        self.close_button.setText(tr("Stop") if going else tr("Close"))
        if going:
            self.start_button.setEnabled(False)
        else:
            self._update()

    def _follow(self, run: Run) -> None:
        self._is_beginning = False
        self._run = run
        run.reported.connect(self._on_reported)
        run.ended.connect(self._on_ended)
        self.begun.emit(run)
        if self._is_stopping:
            run.cancel()
        else:
            self._say(tr("The work begins."))

    def _on_reported(self, event: object) -> None:
        if self._is_stopping:
            return
        if isinstance(event, Noted):
            self._say(event.sentence)
            self.bar.setRange(0, 0)  # nobody knows how long that takes
        elif isinstance(event, Progress) and event.total:
            done, total = progress_steps(event)
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            self.words.setText(f"{self._said} {progress_text(event)}.")

    def _on_ended(self, last: object) -> None:
        self._set_going(going=False)
        if isinstance(last, Failed):
            self.words.setText(last.sentence)
        elif isinstance(last, Finished) and last.was_cancelled:
            self.words.setText(tr("It was stopped, and nothing was written."))
        elif isinstance(last, Finished):
            self.words.setText(compacting.told(last))
            self.table.show_numbers(last.result["before"], last.result["after"])
            self.table.show()
            self._made = str(last.result["file"])
            self.use_button.setVisible(bool(self._made))

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self.words.setText(sentence)

    def _use(self) -> None:
        """Pre-labels with what was made; its engine and its class names come with it."""
        use(self._session.settings, WeightsChoice(self._made))
        sentence = tr("Predictions come from {weights} from now on.")
        self._session.told.emit(sentence.format(weights=weights_name(self._made)))
        super().accept()

    def _suggestion(self) -> Path:
        remembered = self._session.settings.text("export_folder")
        project = self._session.project
        name = f"{project.folder.name} {self._to}" if project else f"model {self._to}"
        return (Path(remembered) if remembered else Path.home()) / name

    def _on_form(self) -> None:
        """Another form has another folder, unless a person named one."""
        if self.folder.line.text() == str(self._suggested):
            self._suggested = self._suggestion()
            self.folder.line.setText(str(self._suggested))
        self._update()

    def _offer(self, runs: Sequence[RunInfo]) -> None:
        """Puts the runs of the project first; takes the newest where none was chosen."""
        has_chosen = bool(self.weights.weights)
        if offer_runs(self.weights.choices, runs) and not has_chosen:
            self.weights.choices.setCurrentIndex(0)
        if not self._is_going and self._run is None:
            self._update()

    def _update(self) -> None:
        why_not = self._why_not()
        self.start_button.setEnabled(not why_not)
        self.words.setText(why_not or self._what())

    def _why_not(self) -> str:
        if not self.weights.weights:
            return tr("Choose weights: a run of this project, or a file.")
        if Path(self.weights.weights).suffix.lower() == ".onnx":
            return tr(
                "{file} is a network already. Choose the weights that it was made of."
            ).format(file=Path(self.weights.weights).name)
        if self._to == _NEEDS_IMAGES and self._session.project is None:
            return tr("ONNX in 8 bits is fitted to images. Open a folder of images first.")
        path = self.folder.path
        if path is None:
            return tr("Name a folder with its whole path.")
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            return tr("{folder} is there and is not empty. Name a folder that is new.").format(
                folder=path
            )
        return ""

    def _what(self) -> str:
        what = tr(_FORMS[self._to][1])
        if self._session.project is None:
            measured = tr("Size and speed are measured. For AP, open a project first.")
        else:
            measured = tr("Size, speed and AP on the val images are measured before and after.")
        return f"{what} {measured}"


def _form_field() -> QComboBox:
    field = QComboBox()
    field.setAccessibleName(tr("Form"))
    field.setToolTip(tr("How small the model becomes, and what can load it."))
    for to, (title, about) in _FORMS.items():
        field.addItem(tr(title), to)
        field.setItemData(field.count() - 1, tr(about), Qt.ItemDataRole.ToolTipRole)
    return field


def _first(choice: WeightsChoice) -> dict[str, str]:
    is_network = Path(choice.weights).suffix.lower() == ".onnx"
    if not choice.weights or is_network:  # there is nothing to make of that one
        return {"": tr("Choose weights")}
    name = weights_name(choice.weights)
    return {choice.weights: tr("{weights} (used now)").format(weights=name)}
