"""The page to evaluate: what weights are worth on the done images of a split."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.events import Failed, Progress
from core.kept_evaluations import KeptEvaluation, kept_evaluations
from core.project import Project
from core.types import Split
from gui.pages import PageSpec
from gui.runs import ThreadRun
from gui.session import Session
from gui.session.behind import go_to, instances_in, list_only, use_thresholds
from gui.session.evaluating import Evaluating, Wanted
from gui.session.outlook import outlook_of
from gui.session.run_list import RunInfo
from gui.session.sheets import SheetDrawing, WantedSheets
from gui.session.weights import chosen, recent, weights_name
from gui.texts import QT_TR_NOOP, n_images, n_instances, tr
from gui.widgets.measured.behind_rows import BehindRow
from gui.widgets.measured.measure_bar import MeasureBar
from gui.widgets.measured.measurement import Measurement, measurement_of
from gui.widgets.measured.pictures import picture_of
from gui.widgets.measured.rounds_view import RoundNumbers
from gui.widgets.measured.saving import SavingBar
from gui.widgets.measured.view import MeasuredView
from gui.widgets.moments import minute_text

_NO_PROJECT = QT_TR_NOOP(
    "No folder is open. Open a folder of images (Ctrl+O); then weights can be measured."
)
_NO_WEIGHTS = QT_TR_NOOP("Choose weights: a run of this folder, published ones, or a file.")
_NOTHING_DONE = QT_TR_NOOP(
    "No image is done, so there is nothing to measure on. Correct the labels of some images and"
    " mark each done (F)."
)
_READY = QT_TR_NOOP(
    "Press Evaluate: the model labels these images, and its labels are held against yours."
)
_MOST_NOTES = 4


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the page shows of a folder."""

    project: Project
    runs: tuple[RunInfo, ...]
    """Finished ones with weights, the newest first."""
    n_of: dict[Split, int]
    kept: tuple[KeptEvaluation, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What is kept, read to be shown."""

    measurement: Measurement
    n_changed: int
    """Images whose label files are newer."""


class EvaluatePage(QWidget):
    """Chooses weights and images, measures in a child, and shows what came out."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._outcome = ""
        """How the last evaluation ended without numbers, until another choice is made."""
        self._notes: dict[tuple[str, str], Sequence[str]] = {}
        """What was said on the way, as of images that were left out, by weights and split."""
        self._runs: tuple[RunInfo, ...] = ()
        self._kept: dict[tuple[str, str], KeptEvaluation] = {}
        """By weights and split."""
        self._n_changed = 0
        """Images whose labels are newer than what is shown."""
        self._n_of: dict[Split, int] | None = None
        """Done images of each split; None while they are being counted."""
        self.evaluating = Evaluating(session, self)
        self.sheets = SheetDrawing(session, self)
        self.bar = MeasureBar()
        self.view = MeasuredView()
        self.saving = SavingBar(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.bar)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.saving)
        layout.addStretch(0)
        self.setFocusProxy(self.bar.weights.choices)
        self._reading = self._reader(_read, self._on_read)
        self._connect()
        self._connect_view()
        self._update()

    def _connect(self) -> None:
        self.bar.chosen.connect(self._on_chosen)
        self.bar.started.connect(self.start)
        self.bar.cancelled.connect(self.evaluating.cancel)
        self.evaluating.changed.connect(self._update)
        self.evaluating.progressed.connect(self._on_progress)
        self.evaluating.said.connect(self.bar.show_busy)
        self.evaluating.measured.connect(self._on_measured)
        self.evaluating.failed.connect(self._on_failed)
        self._session.project_changed.connect(self._on_project_changed)

    def _connect_view(self) -> None:
        session, view = self._session, self.view
        view.asked.connect(self._reader(_called, view.show_behind).start)
        view.cells_asked.connect(self._reader(_called, view.show_cells).start)
        view.count_wanted.connect(
            lambda name, split: view.show_behind(instances_in(session, name, split))
        )
        self._picturing = session.work.reading(picture_of, parent=self)
        self._picturing.reported.connect(view.behind.model.take_picture)
        view.behind.model.picture_wanted.connect(self._want_picture)
        view.behind.opened.connect(partial(go_to, session))
        view.behind.only_wanted.connect(partial(list_only, session))
        view.curves.thresholds_wanted.connect(partial(use_thresholds, session))
        view.rounds.measure_wanted.connect(self._measure_rounds)
        self.saving.wanted.connect(self._save)
        self.saving.sheets_wanted.connect(self._draw_sheets)
        self.sheets.changed.connect(self._update)

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
        if is_enter and self.bar.start_button.isEnabled():
            self.start()
        else:
            super().keyPressEvent(event)

    def _on_project_changed(self) -> None:
        self._n_of, self._runs, self._outcome = None, (), ""
        self.evaluating.let_go()
        self._kept.clear()
        self._notes.clear()
        self._reading.drop()
        self.view.forget()
        if self.isVisible():
            self._look()
        self._update()

    def _on_looked(self, found: _Looked) -> None:
        if found.project is not self._session.project:
            return
        is_first = self._n_of is None
        self._n_of, self._runs = found.n_of, found.runs
        for one in reversed(found.kept):
            self._kept[_key(one)] = one
        before = self.bar.weights.weights
        used = {one.weights: weights_name(one.weights) for one in recent(self._session.settings)}
        self.bar.offer({**used, **{_weights_of(one): one.title for one in found.runs}})
        if is_first and found.kept:  # what was measured last
            heading = found.kept[0].heading
            self.bar.choose(heading.weights, heading.split)
        elif not self.bar.weights.weights:
            of_runs = map(_weights_of, found.runs)
            self.bar.choose(chosen(self._session.settings).weights or next(of_runs, ""))
        if self.bar.weights.weights != before:
            self._outcome = ""
        self._show_chosen()

    # Measuring

    def start(self) -> None:
        """Measures, when every edit is written."""
        if not self._why_not():
            self._outcome = ""
            wanted = Wanted(self.bar.weights.weights, self.bar.title, self.bar.wished)
            self.evaluating.start([wanted])

    def _measure_rounds(self, rounds: Sequence[RoundNumbers]) -> None:
        """Measures the weights of these on the val images, one after another."""
        self._outcome = ""
        self.evaluating.start([Wanted(one.weights, one.name, Split.VAL) for one in rounds])

    def _on_chosen(self) -> None:
        self._outcome = ""
        self._show_chosen()

    def _on_progress(self, event: Progress) -> None:
        self.bar.show_progress(event, n_waiting=self.evaluating.n_waiting)

    def _on_measured(self, kept: KeptEvaluation, notes: Sequence[str]) -> None:
        self._kept[_key(kept)] = kept
        self._notes[_key(kept)] = notes
        self._show_chosen()

    def _on_failed(self, sentence: str) -> None:
        self._outcome = sentence
        self._update()

    def _want_picture(self, row: BehindRow) -> None:
        if self._session.project is not None:
            self._picturing.start(self._session.project.image_path(row.key), row)

    def _save(self, write: Callable[[], str]) -> None:
        self._session.work.when_written(lambda _: write(), self._session.told.emit)

    def _draw_sheets(self, folder: Path, threshold: float) -> None:
        if self.view.measurement is not None:
            heading = self.view.measurement.kept.heading
            self.sheets.start(heading, WantedSheets(folder, threshold))

    # What is shown

    def _show_chosen(self) -> None:
        """Shows what is kept of these weights on these images, or that nothing is."""
        kept = self._kept.get((self.bar.weights.weights, str(self.bar.wished)))
        if kept is None:
            self._reading.drop()
            self.view.forget()
        elif self.view.measurement is None or self.view.measurement.kept is not kept:
            self._reading.start(self._session.project, kept)
        self._update()

    def _show_rounds(self, *, can_measure: bool) -> None:
        """What is known of the runs, the oldest first."""
        rounds = []
        for run in reversed(self._runs):
            weights, then = _weights_of(run), run.evaluation.get("after") or {}
            kept = self._kept.get((weights, str(Split.VAL)))
            rounds.append(RoundNumbers(weights, run.called, then, kept))
        self.view.rounds.show_rounds(rounds, can_measure=can_measure)

    def _on_read(self, read: _Read) -> None:
        self._n_changed = read.n_changed
        self.view.show_measurement(read.measurement)
        self._update()

    def _on_job_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self._on_failed(last.sentence)

    def _why_not(self) -> str:
        """Why nothing can be measured now, or an empty string."""
        if self._session.project is None:
            return tr(_NO_PROJECT)
        if self._n_of is None:
            return tr("Looking at the images that are done…")
        if not sum(self._n_of.values()):
            return tr(_NOTHING_DONE)
        split = self.bar.wished
        if not self._n_of[split]:
            return tr(
                "No done image is in the split {split}, so there is nothing to measure on. Mark"
                " more images done (one of five goes to val), or choose other images."
            ).format(split=split)
        return "" if self.bar.weights.weights else tr(_NO_WEIGHTS)

    def _update(self) -> None:
        is_going, why_not = self.evaluating.is_going, self._why_not()
        measurement = self.view.measurement
        if not is_going:
            shown = ""
            if measurement is not None:
                notes = self._notes.get(_key(measurement.kept), ())
                shown = _words_of(measurement.kept, notes, n_changed=self._n_changed)
            self.bar.status.setText(self._outcome or shown or why_not or tr(_READY))
        self.bar.update_to(self._n_of, is_going=is_going, can_start=not why_not)
        self.view.say_what_is_needed(why_not, is_going=is_going)
        has_val = bool(self._n_of and self._n_of[Split.VAL])
        self._show_rounds(can_measure=has_val and not is_going)
        self.view.setVisible(self._session.project is not None)
        self.saving.setVisible(measurement is not None)
        self.saving.sheets_button.setEnabled(not (is_going or self.sheets.is_going))


def _looked(project: Project) -> _Looked:
    """Called in a thread."""
    runs = outlook_of(project).runs  # first: it gives done images their splits
    n_of = {split: len(project.keys_of(split)) for split in Split}
    return _Looked(project, runs, n_of, kept_evaluations(project.hidden_folder))


def _read(project: Project, kept: KeptEvaluation) -> _Read:
    """Called in a thread."""
    measurement = measurement_of(kept)
    when, n_changed = kept.heading.moment.timestamp(), 0
    for key in measurement.matches.images:
        with contextlib.suppress(OSError):
            n_changed += project.label_path(key).stat().st_mtime > when
    return _Read(measurement, n_changed)


def _called(work: Callable[[], Any]) -> Any:
    """Called in a thread."""
    return work()


def _weights_of(run: RunInfo) -> str:
    """The file that came out of a run."""
    return str(run.folder.best_weights)


def _key(kept: KeptEvaluation) -> tuple[str, str]:
    return kept.heading.weights, kept.heading.split


def _words_of(kept: KeptEvaluation, notes: Sequence[str], *, n_changed: int) -> str:
    counts = kept.numbers["counts"]
    n = counts["instances"]
    sentence = tr("Measured on {images} of {split} with {instances}, {when}.").format(
        images=n_images(counts["images"]), split=kept.heading.split, instances=n_instances(n),
        when=minute_text(kept.heading.moment),
    )  # fmt: skip
    if not n:
        sentence = " ".join((sentence, tr("There is no instance in them, so there is no AP.")))
    if n_changed:
        sentence = " ".join((sentence, _changed_words(n_changed)))
    n_more = len(notes) - _MOST_NOTES
    more = [_more_notes(n_more)] if n_more > 0 else []
    return "\n".join([sentence, *notes[:_MOST_NOTES], *more])


def _changed_words(n: int) -> str:
    if n == 1:
        return tr("The labels of 1 image have changed since: evaluate again to measure on them.")
    return tr("The labels of %n images have changed since: evaluate again.", "", n)


def _more_notes(n: int) -> str:
    if n == 1:
        return tr("1 more note of this kind is not shown.")
    return tr("%n more notes of this kind are not shown.", "", n)


PAGE = PageSpec("evaluate", 2, EvaluatePage, free_below_px=56)
