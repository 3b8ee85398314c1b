"""The page to evaluate: what weights are worth on the done images of a split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.events import Failed, Progress
from core.kept_evaluations import KeptEvaluation, kept_evaluations
from core.project import Project
from core.types import ImageState, Split
from gui.pages import PageSpec
from gui.runs import ThreadRun
from gui.session import Session
from gui.session.evaluating import Evaluating, Wanted
from gui.session.outlook import outlook_of
from gui.session.review import Place
from gui.session.weights import chosen
from gui.texts import QT_TR_NOOP, n_images, n_instances, tr
from gui.widgets.measured.behind_rows import Behind, BehindGroup, BehindRow
from gui.widgets.measured.measurement import Measurement, measurement_of
from gui.widgets.measured.saving import SavingBar
from gui.widgets.measured.view import MeasuredView
from gui.widgets.moments import minute_text
from gui.widgets.weights_field import WeightsField
from gui.widgets.words import progress_steps, progress_text, whole_percents

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
    kept: tuple[KeptEvaluation, ...]
    """The newest first."""


class EvaluatePage(QWidget):
    """Chooses weights and images, measures in a child, and shows what came out."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._outcome = ""
        """How the last evaluation ended without numbers, until another choice is made."""
        self._notes: dict[tuple[str, str], Sequence[str]] = {}
        """What was said on the way, as of images that were left out, by weights and split."""
        self._offered: frozenset[str] = frozenset()
        """Weights of the runs of this folder."""
        self._kept: dict[tuple[str, str], KeptEvaluation] = {}
        """By weights and split."""
        self._n_of: dict[Split, int] | None = None
        """Done images of each split; None while they are being counted."""
        self.evaluating = Evaluating(session, self)
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
        self.view = MeasuredView()
        self.saving = SavingBar(self.view)

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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addLayout(form)
        layout.addWidget(self.warning)
        layout.addLayout(going)
        layout.addWidget(self.status)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.saving)
        layout.addStretch(0)
        self.setFocusProxy(self.weights.choices)

    def _connect(self) -> None:
        self.weights.changed.connect(lambda _: self._on_chosen())
        self.split.currentIndexChanged.connect(lambda _: self._on_chosen())
        self.start_button.clicked.connect(self.start)
        self.cancel_button.clicked.connect(self.evaluating.cancel)
        self.evaluating.changed.connect(self._update)
        self.evaluating.progressed.connect(self._on_progress)
        self.evaluating.said.connect(self._say)
        self.evaluating.measured.connect(self._on_measured)
        self.evaluating.failed.connect(self._on_failed)
        self._session.project_changed.connect(self._on_project_changed)
        self._reading = self._reader(measurement_of, self._on_read)
        asking = self._reader(_called, self.view.show_behind)
        counting = self._reader(_called, self.view.show_cells)
        self.view.asked.connect(asking.start)
        self.view.cells_asked.connect(counting.start)
        self.view.count_wanted.connect(self._on_count_wanted)
        self.view.behind.opened.connect(self._go_to)
        self.view.behind.only_wanted.connect(self._on_only_wanted)
        self.view.curves.thresholds_wanted.connect(self._use_thresholds)
        self.saving.wanted.connect(self._save)

    def _reader(self, job: Callable[..., Any], then: Callable[[Any], object]) -> ThreadRun:
        reading = self._session.work.reading(job, parent=self)
        reading.reported.connect(then)
        reading.ended.connect(self._on_job_ended)
        return reading

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
        self.evaluating.let_go()
        self._kept.clear()
        self._notes.clear()
        self._outcome = ""
        self.view.forget()
        if self.isVisible():
            self._look()
        self._update()

    def _on_looked(self, found: _Looked) -> None:
        if found.project is not self._session.project:
            return
        is_first = self._n_of is None
        self._n_of = found.n_of
        for one in reversed(found.kept):
            self._kept[_key(one)] = one
        before = self.weights.weights
        self._offer(found.runs)
        if is_first and found.kept:
            self._show_last(found.kept[0])
        elif not self.weights.weights:
            wished = chosen(self._session.settings).weights
            self.weights.set_weights(wished or next(iter(found.runs), ""))
        if self.weights.weights == before:
            self._show_chosen()
        else:
            self._on_chosen()

    def _show_last(self, kept: KeptEvaluation) -> None:
        """Chooses what was measured last."""
        self.weights.set_weights(kept.heading.weights)
        self.split.setCurrentIndex(max(0, self.split.findData(kept.heading.split)))

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
        if self._why_not():
            return
        self._outcome = ""
        title = self.weights.choices.currentText()
        self.evaluating.start([Wanted(self.weights.weights, title, self._wished)])
        self.progress.setRange(0, 0)
        self._say(tr("Loading the weights…"))

    def _on_chosen(self) -> None:
        self._outcome = ""
        self._show_chosen()

    def _on_progress(self, event: Progress) -> None:
        done, total = progress_steps(event)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self._say(f"{progress_text(event)}.")

    def _on_measured(self, kept: KeptEvaluation, notes: Sequence[str]) -> None:
        self._kept[_key(kept)] = kept
        self._notes[_key(kept)] = notes
        self._show_chosen()

    def _on_failed(self, sentence: str) -> None:
        self._outcome = sentence
        self._update()

    # What is shown

    def _show_chosen(self) -> None:
        """Shows what is kept of these weights on these images, or that nothing is."""
        kept = self._kept.get((self.weights.weights, str(self._wished)))
        if kept is None:
            self._reading.drop()
            self.view.forget()
        elif self.view.measurement is None or self.view.measurement.kept is not kept:
            self._reading.start(kept)
        self._update()

    def _on_read(self, measurement: Measurement) -> None:
        self.view.show_measurement(measurement)
        self._update()

    def _on_job_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self._on_failed(last.sentence)

    def _on_count_wanted(self, class_name: str, split: str) -> None:
        """Lists the images of a split that was not measured on, from what is known of them."""
        project = self._session.project
        if project is None:
            return
        ids = [one.id for one in self._session.classes if class_name in ("", one.name)]
        rows = []
        for key, given in project.splits.items():
            summary = self._session.summaries.get(key)
            if given == split and summary and summary.state is ImageState.DONE:
                n = sum(summary.class_counts.get(one, 0) for one in ids)
                rows.append(BehindRow(key, n))
        title = tr("{class_name}: instances in {split}").format(
            class_name=class_name or tr("All classes"), split=split
        )
        there = tuple(row for row in rows if row.n)
        self.view.show_behind(Behind(title, (BehindGroup(tr("Instances"), there),)))

    def _go_to(self, row: BehindRow) -> None:
        if self._session.review is not None:
            self._session.review.go_to(Place(row.key, row.ids, row.box_xyxy))

    def _on_only_wanted(self, keys: Sequence[str], words: str) -> None:
        self._session.order.show_only(keys, words)
        if self._session.review is not None and keys:
            self._session.review.go_to(Place(keys[0]))

    def _use_thresholds(self, wanted: Sequence[tuple[int | None, float]]) -> None:
        """Makes these the project's."""
        confidence, measurement = self._session.confidence, self.view.measurement
        if confidence is None or measurement is None:
            return
        ids = {one.name: one.id for one in self._session.classes}
        thresholds = confidence.thresholds
        for class_index, score in wanted:
            name = "" if class_index is None else measurement.matches.classes[class_index]
            if class_index is None or name in ids:
                class_id = None if class_index is None else ids[name]
                thresholds = thresholds.with_least(class_id, whole_percents(score))
        confidence.set_thresholds(thresholds)
        confidence.settle()
        self._session.told.emit(tr("The confidence of the project is set."))

    def _save(self, write: Callable[[], str]) -> None:
        self._session.work.when_written(lambda _: write(), self._session.told.emit)

    def _say(self, sentence: str) -> None:
        self.status.setText(sentence)

    @property
    def _wished(self) -> Split:
        return Split(self.split.currentData())

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
        is_going = self.evaluating.is_going
        why_not = self._why_not()
        measurement = self.view.measurement
        if not is_going:
            shown = ""
            if measurement is not None:
                shown = _words_of(measurement.kept, self._notes.get(_key(measurement.kept), ()))
            self._say(self._outcome or shown or why_not or tr(_READY))
        for choice in (self.weights, self.split):
            choice.setEnabled(not is_going)
        for place, (split, title) in enumerate(_SPLITS.items()):
            n = "" if self._n_of is None else f" ({n_images(self._n_of[split])})"
            self.split.setItemText(place, tr(title) + n)
        self.warning.setVisible(self._wished is Split.TRAIN)
        self.start_button.setEnabled(not why_not and not is_going)
        self.cancel_button.setVisible(is_going)
        self.progress.setVisible(is_going)
        self.view.setVisible(self._session.project is not None)
        self.saving.setVisible(measurement is not None)


def _looked(project: Project) -> _Looked:
    """Called in a thread."""
    runs = {str(run.folder.best_weights): run.title for run in outlook_of(project).runs}
    n_of = {split: len(project.keys_of(split)) for split in Split}
    return _Looked(project, runs, n_of, kept_evaluations(project.hidden_folder))


def _called(work: Callable[[], Any]) -> Any:
    """Called in a thread."""
    return work()


def _key(kept: KeptEvaluation) -> tuple[str, str]:
    return kept.heading.weights, kept.heading.split


def _words_of(kept: KeptEvaluation, notes: Sequence[str]) -> str:
    counts = kept.numbers["counts"]
    n = counts["instances"]
    sentence = tr("Measured on {images} of {split} with {instances}, {when}.").format(
        images=n_images(counts["images"]), split=kept.heading.split, instances=n_instances(n),
        when=minute_text(kept.heading.moment),
    )  # fmt: skip
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


PAGE = PageSpec("evaluate", 2, EvaluatePage, free_below_px=56)
