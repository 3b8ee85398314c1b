"""The page to evaluate: what weights are worth on the done images of a split."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, QTemporaryDir
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.atomic import write_atomically
from core.configs import EngineConfig, EvaluateConfig
from core.errors import AppError
from core.events import Failed, Finished, Noted, Prelabelled, Progress
from core.project import Project
from core.types import Json, Split
from gui.pages import PageSpec
from gui.runs import ProcessRun, Run
from gui.session import Session
from gui.session.outlook import outlook_of
from gui.session.weights import chosen, engine_config
from gui.texts import QT_TR_NOOP, n_images, n_instances, tr
from gui.widgets.ap_table import ApTable
from gui.widgets.weights_field import WeightsField
from gui.widgets.words import progress_steps, progress_text

_NO_PROJECT = QT_TR_NOOP(
    "No folder is open. Open a folder of images (Ctrl+O); then weights can be measured."
)
_NO_WEIGHTS = QT_TR_NOOP("Choose weights: a run of this folder, published ones, or a file.")
_NOTHING_DONE = QT_TR_NOOP(
    "No image is done, so there is nothing to measure on. Correct the labels of some images and"
    " mark each done (F)."
)
_SPLITS = {
    Split.VAL: QT_TR_NOOP("val: kept to measure with"),
    Split.TEST: QT_TR_NOOP("test: kept for the very end"),
    Split.TRAIN: QT_TR_NOOP("train: learnt from"),
}
_OF_TRAIN = QT_TR_NOOP(
    "AP on images that weights have learnt from says nothing about new images. It shows only"
    " whether anything was learnt."
)
_READY = QT_TR_NOOP(
    "Press Evaluate: the model labels these images, and its labels are held against yours."
)
_MOST_NOTES = 4


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the page shows of a folder."""

    project: Project
    runs: Mapping[str, str]
    """What its runs trained, the newest first, and how it is called."""
    n_of: dict[Split, int]


class EvaluatePage(QWidget):
    """Chooses weights and images, measures in a child, and shows what came out."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._run: Run | None = None
        self._result: Json = None
        self._outcome = ""
        """How the last evaluation ended, in a sentence, until another choice is made."""
        self._notes: list[str] = []
        """What it said on the way, as of images that it left out."""
        self._offered: frozenset[str] = frozenset()
        """Weights of the runs of this folder."""
        self._split = Split.VAL
        """That was or is measured on."""
        self._n_of: dict[Split, int] | None = None
        """Done images of each split; None while they are being counted."""
        self._place = QTemporaryDir()
        self._build()
        self._lay_out()
        self._connect()
        self._update()

    def _build(self) -> None:
        self.weights = WeightsField({"": tr("Choose weights")})
        self.weights.setToolTip(tr("What is measured: a run of yours, published weights, a file."))
        self.split = QComboBox()
        self.split.setAccessibleName(tr("Images to measure on"))
        self.split.setToolTip(tr("Which of the done images are measured on."))
        for split, title in _SPLITS.items():
            self.split.addItem(tr(title), split)
        self.warning = QLabel(tr(_OF_TRAIN), wordWrap=True)
        self.start_button = _button(tr("Evaluate"), tr("Measure AP of these weights (Enter)."))
        self.start_button.setDefault(True)
        self.cancel_button = _button(tr("Cancel"), tr("Stop measuring."))
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("How far the evaluation is"))
        self.status = QLabel(wordWrap=True)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = ApTable()
        self.report_button = _button(
            tr("Save report…"), tr("Save this as one HTML file to look at.")
        )
        self.json_button = _button(tr("Save JSON…"), tr("Save the numbers for other programs."))

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Weights"), self.weights)
        form.addRow(tr("Images"), self.split)
        going = QHBoxLayout()
        going.setSpacing(8)
        going.addWidget(self.start_button)
        going.addWidget(self.cancel_button)
        going.addWidget(self.progress, 1)
        going.addStretch(0)
        saving = QHBoxLayout()
        saving.setSpacing(8)
        saving.addWidget(self.report_button)
        saving.addWidget(self.json_button)
        saving.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addLayout(form)
        layout.addWidget(self.warning)
        layout.addLayout(going)
        layout.addWidget(self.status)
        layout.addWidget(self.table, 1)
        layout.addLayout(saving)
        layout.addStretch(0)
        self.setFocusProxy(self.weights.choices)

    def _connect(self) -> None:
        self.weights.changed.connect(lambda _: self._on_chosen())
        self.split.currentIndexChanged.connect(lambda _: self._on_chosen())
        self.start_button.clicked.connect(self.start)
        self.cancel_button.clicked.connect(self._cancel)
        self.report_button.clicked.connect(lambda: self._ask_for_file("html", "HTML"))
        self.json_button.clicked.connect(lambda: self._ask_for_file("json", "JSON"))
        self._session.project_changed.connect(self._on_project_changed)

    # While it is seen

    def showEvent(self, event: QShowEvent) -> None:
        """As Qt asks."""
        super().showEvent(event)
        if not event.spontaneous():
            self._look()

    def _look(self) -> None:
        self._session.work.when_written(_looked, self._on_looked)
        self._update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As Qt asks."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and self.start_button.isEnabled():
            self.start()
        else:
            super().keyPressEvent(event)

    def _on_project_changed(self) -> None:
        self._n_of = None
        self._let_go()
        self._forget()
        if self.isVisible():
            self._look()
        self._update()

    def _on_looked(self, found: _Looked) -> None:
        if found.project is not self._session.project:
            return
        self._n_of = found.n_of
        before = self.weights.weights
        self._offer(found.runs)
        if not self.weights.weights:
            wished = chosen(self._session.settings).weights
            self.weights.set_weights(wished or next(iter(found.runs), ""))
        if self.weights.weights == before:
            self._update()
        else:
            self._on_chosen()

    def _offer(self, runs: Mapping[str, str]) -> None:
        """Offers the weights of these runs, and those of no others any more."""
        for weights in self._offered - runs.keys():
            self.weights.withdraw(weights)
        for weights, title in runs.items():
            self.weights.offer(weights, title)
        self._offered = frozenset(runs)

    # Measuring

    def start(self) -> None:
        """Measures, when every edit is written."""
        project = self._session.project
        if project is None or self._why_not():
            return
        self._forget()
        self._split = self._wished
        self._session.work.when_written(lambda project: project.assign_splits(), self._on_written)

    def _forget(self) -> None:
        self._result, self._outcome, self._notes = None, "", []

    def _on_chosen(self) -> None:
        if not self._is_going:
            self._forget()  # what is shown would be of other weights or images
        self._update()

    def _on_written(self, _given: object) -> None:
        project = self._session.project
        if project is None or self._is_going:
            return
        config = EvaluateConfig(
            folder=str(project.folder),
            labels_folder=str(project.labels_folder),
            engine=self._engine_config(),
            split=str(self._split),
            with_counts=True,
            with_predictions=True,
            report=str(self._report),
        )
        name = self.weights.choices.currentText()
        title = tr("Evaluate {weights}").format(weights=name)
        self._run = self._session.work.start("evaluate", config, title=title)
        self._run.reported.connect(self._on_reported)
        self._run.ended.connect(self._on_ended)
        self.progress.setRange(0, 0)
        self._say(tr("Loading the weights…"))
        self._update()

    def _engine_config(self) -> EngineConfig:
        settings, weights = self._session.settings, self.weights.weights
        device = self._session.work.device_left(settings.text("device"))
        if weights == settings.text("weights"):
            # as it pre-labels, but with every detection: AP wants the unsure ones too
            return replace(engine_config(settings), score=None, device=device)
        return EngineConfig(weights, device=device)

    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress):
            done, total = progress_steps(event)
            self.progress.setRange(0, total)
            self.progress.setValue(done)
            self._say(f"{progress_text(event)}.")
        elif isinstance(event, Noted):
            self._notes.append(event.sentence)
        elif isinstance(event, Prelabelled):
            self._keep(event)

    def _keep(self, event: Prelabelled) -> None:
        """What is seen on the way shows what is doubtful in the labels."""
        review, run = self._session.review, self._run
        if review is not None and isinstance(run, ProcessRun) and run.config.engine is not None:
            review.keep(event, run.config.engine)

    def _on_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self._outcome = last.sentence
        elif isinstance(last, Finished) and last.was_cancelled:
            self._outcome = tr("Cancelled; nothing was measured.")
        elif isinstance(last, Finished):
            self._result = last.result
            self.table.show_measured(last.result)
            self._outcome = _words_of(last.result, self._split, self._notes)
        self._update()

    def _cancel(self) -> None:
        if self._run is not None:
            self._run.cancel()

    def _let_go(self) -> None:
        """What is being measured is of a folder that was left."""
        if self._run is not None:
            self._run.reported.disconnect(self._on_reported)
            self._run.ended.disconnect(self._on_ended)
            self._run.cancel()
            self._run = None

    # Saving

    @property
    def _report(self) -> Path:
        return Path(self._place.path()) / "report.html"

    def save(self, file: Path) -> None:
        """Saves what was measured: as a report to look at (.html), or its numbers (.json)."""
        try:
            if file.suffix.lower() in (".html", ".htm"):
                content = self._report.read_bytes()
            else:
                content = (json.dumps(self._result, indent=1) + "\n").encode()
            write_atomically(file, content)
        except (AppError, OSError) as error:
            sentence = tr("The evaluation could not be saved: {error}").format(error=error)
            self._session.told.emit(sentence)
        else:
            self._session.told.emit(tr("The evaluation is in {file}.").format(file=file))

    def _ask_for_file(self, suffix: str, kind: str) -> None:
        dialog = QFileDialog(self.window(), tr("Save the evaluation"), "", f"{kind} (*.{suffix})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.fileSelected.connect(lambda file: self.save(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # What is shown

    def _say(self, sentence: str) -> None:
        self.status.setText(sentence)

    @property
    def _wished(self) -> Split:
        return Split(self.split.currentData())

    @property
    def _is_going(self) -> bool:
        return self._run is not None and self._run.is_going

    def _why_not(self) -> str:
        """Why nothing can be measured now, or an empty string."""
        if self._session.project is None:
            return tr(_NO_PROJECT)
        if self._n_of is None:
            return tr("Looking at the images that are done…")
        if not sum(self._n_of.values()):
            return tr(_NOTHING_DONE)
        split = self._wished
        if not self._n_of[split]:
            return tr(
                "No done image is in the split {split}, so there is nothing to measure on. Mark"
                " more images done (one of five goes to val), or choose other images."
            ).format(split=split)
        return "" if self.weights.weights else tr(_NO_WEIGHTS)

    def _update(self) -> None:
        is_going = self._is_going
        why_not = self._why_not()
        if not is_going:
            self._say(why_not or self._outcome or tr(_READY))
        for choice in (self.weights, self.split):
            choice.setEnabled(not is_going)
        for place, (split, title) in enumerate(_SPLITS.items()):
            n = "" if self._n_of is None else f" ({n_images(self._n_of[split])})"
            self.split.setItemText(place, tr(title) + n)
        self.warning.setVisible(self._wished is Split.TRAIN)
        self.start_button.setEnabled(not why_not and not is_going)
        self.cancel_button.setVisible(is_going)
        self.progress.setVisible(is_going)
        self.table.setVisible(self._result is not None)
        for button in (self.report_button, self.json_button):
            button.setVisible(self._result is not None)


def _looked(project: Project) -> _Looked:
    """Called in a thread."""
    runs = {str(run.folder.best_weights): run.title for run in outlook_of(project).runs}
    return _Looked(project, runs, {split: len(project.keys_of(split)) for split in Split})


def _words_of(result: Json, split: Split, notes: Sequence[str]) -> str:
    counts = result["counts"]
    n = counts["instances"]
    sentence = tr("Measured on {images} of {split} with {instances}.").format(
        images=n_images(counts["images"]), split=split, instances=n_instances(n)
    )
    if not n:
        sentence = " ".join((sentence, tr("There is no instance in them, so there is no AP.")))
    n_more = len(notes) - _MOST_NOTES
    more = [_more_notes(n_more)] if n_more > 0 else []
    return "\n".join([sentence, *notes[:_MOST_NOTES], *more])


def _more_notes(n: int) -> str:
    if n == 1:
        return tr("1 more note of this kind is not shown.")
    return tr("%n more notes of this kind are not shown.", "", n)


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    return button


PAGE = PageSpec("evaluate", 2, EvaluatePage)
