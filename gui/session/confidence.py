"""The threshold of confidence: which of the kept predictions show, without a model."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from core.batches import apply_threshold, new_batch_id, remember
from core.events import Failed
from core.merge import showing
from core.predictions import PredictionStore
from core.project import Project
from core.thresholds import Thresholds
from core.types import ImageLabels, ImageState, Problem
from gui.document import Document
from gui.runs import ThreadRun
from gui.session.documents import Documents
from gui.session.foreseen import Change, Foreseen
from gui.session.kept import KeptPredictions
from gui.session.sweep import Sweep
from gui.texts import n_images, tr

_SHOW_AFTER_MS = 20  # a drag reports more often than anybody can see
_SAME = 1e-9


@dataclass(slots=True)
class _Move:
    """A move of the threshold, from its first change to its last."""

    number: int
    from_thresholds: Thresholds
    document: Document | None
    before: ImageLabels | None
    is_on_disk: bool
    """Whether the label file holds `before`."""


@dataclass(slots=True)
class _Spread:
    """A move that is being carried into the other images."""

    batch_id: str
    from_thresholds: Thresholds
    n_images: int = 0
    n_more: int = 0


class Confidence(QObject):
    """The project's threshold, and what lies above and below it in the open image."""

    changed = Signal()
    image_changed = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        project: Project,
        documents: Documents,
        *,
        writer: Executor,
        reader: Executor,
        keys: Callable[[], Sequence[str]],
        default: float,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.thresholds = project.thresholds(default)
        """The least score that shows, of each class."""
        self.store = PredictionStore(project.hidden_folder, note=self._note)
        self._project = project
        self._documents = documents
        self._keys = keys
        self._move: _Move | None = None
        self._n_moves = 0
        self._spread: _Spread | None = None
        self._noted: set[str] = set()
        self._soon = QTimer(self, singleShot=True, interval=_SHOW_AFTER_MS)
        self._soon.timeout.connect(self._show)
        self.foreseen = Foreseen(project, self.store, reader, self)
        """What a move that goes on will do in the other images."""
        self.foreseen.changed.connect(self.changed)
        self._kept = KeptPredictions(
            self.store, reader, classes=lambda: project.classes, parent=self
        )
        self._kept.changed.connect(self.changed)
        self._writing = ThreadRun(_call, writer, parent=self)
        self._writing.ended.connect(self._on_written)
        self._choosing = ThreadRun(self._with_predictions, reader, latest_only=True, parent=self)
        self._choosing.reported.connect(self._on_chosen)
        self._sweep = Sweep(writer, self)
        self._sweep.reported.connect(self._on_image_done)
        self._sweep.failed.connect(self.told)
        self._sweep.ended.connect(self._on_spread)
        documents.current_changed.connect(self._on_current_changed)

    # What shows

    @property
    def threshold(self) -> float:
        """The least score that shows, of classes without one of their own."""
        return self.thresholds.overall

    @property
    def has_predictions(self) -> bool:
        """Whether predictions are kept for the open image."""
        return self._kept.is_there

    @property
    def is_done(self) -> bool:
        """Whether the open image is done, where no threshold changes anything."""
        document = self._documents.current
        return document is not None and document.labels.state is ImageState.DONE

    @property
    def n_shown(self) -> int:
        """Kept predictions that the open image shows, not those that a person took over."""
        return sum(one.id in self._shown_ids for one in self._kept.unjudged)

    @property
    def n_hidden(self) -> int:
        """Kept predictions that it does not show, and that no person judged."""
        return len(self._kept.unjudged) - self.n_shown

    @property
    def is_as_threshold_says(self) -> bool:
        """Whether what shows is what the threshold says; after an undo it need not be."""
        return all(
            (one.id in self._shown_ids) == self.thresholds.shows(one) for one in self._kept.unjudged
        )

    @property
    def change_here(self) -> Change | None:
        """What the move that goes on did in the open image; None while there is none."""
        if self._move is None or self._move.before is None:
            return None
        before = {one.id for one in self._move.before.instances if not one.is_of_person}
        n_appear, n_go = len(self._shown_ids - before), len(before - self._shown_ids)
        return Change(n_appear, n_go, n_images=1)

    @property
    def change_elsewhere(self) -> Change | None:
        """What it will do in the others; None while there is none."""
        if self._move is None:
            return None
        return self.foreseen.change(self._move.from_thresholds, self.thresholds)

    @property
    def n_images_waiting(self) -> int:
        """Other images that the threshold was not carried into yet."""
        return self._sweep.n_waiting

    @property
    def _shown_ids(self) -> frozenset[str]:
        document = self._documents.current
        instances = document.labels.instances if document else ()
        return frozenset(one.id for one in instances if not one.is_of_person)

    def look_again(self, key: str) -> None:
        """Says that other predictions are kept for an image now."""
        self.foreseen.forget(key)
        if self._kept.document is not None and self._kept.document.key == key:
            self._kept.look_again()

    # Moving it

    def move(self, threshold: float, *, class_id: int | None = None) -> None:
        """Shows the predictions of the open image from this score on; `set_thresholds` tells more.

        Args:
            threshold: the least score that shows.
            class_id: of the class that it holds for; None: of all without one of their own.
        """
        if abs(threshold - self.thresholds.least(class_id)) >= _SAME:
            self.set_thresholds(self.thresholds.with_least(class_id, threshold))

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Shows what these say in the open image. `settle` ends the move.

        All moves up to then are one step of undo.
        """
        if thresholds == self.thresholds:
            return
        if self._move is None:
            self._begin()
        self.thresholds = thresholds
        self._soon.start()
        self.changed.emit()

    def settle(self) -> None:
        """Carries the threshold into the other images that are not done, as one batch."""
        move = self._move
        self._show()
        if move is None or self._move is not move:
            return  # a slider that is disabled by what shows now lets go, and has settled it
        self._move = None
        self.foreseen.stop()
        if move.from_thresholds == self.thresholds:
            self.changed.emit()
            return
        if self._spread is None:
            self._spread = _Spread(new_batch_id(), move.from_thresholds)
        spread, thresholds = self._spread, self.thresholds
        self._writing.start(lambda: self._project.keep_thresholds(thresholds))
        self._remember(move, spread)
        self._documents.save_all()
        self._choosing.start(spread, thresholds, self._others(move.document))
        self.changed.emit()

    def go_back(self, thresholds: Thresholds) -> None:
        """Says that a move was taken back: the files have these thresholds again."""
        self.stop()
        self.thresholds = thresholds
        self.changed.emit()

    def stop(self) -> None:
        """Ends what is being carried into the other images."""
        self._soon.stop()
        self._move = self._spread = None
        self._choosing.drop()
        self._sweep.stop()

    def leave(self) -> None:
        """Ends everything: the folder is closed."""
        self._kept.leave()
        self.settle()
        self.stop()
        self.foreseen.stop()

    def _begin(self) -> None:
        self._n_moves += 1
        document = self._documents.current
        self._move = _Move(
            self._n_moves,
            self.thresholds,
            document,
            document.labels if document else None,
            is_on_disk=document is not None and not document.is_dirty,
        )
        own = document.key if document else ""
        self.foreseen.begin([key for key in self._keys() if key != own])

    def _show(self) -> None:
        self._soon.stop()
        document = self._documents.current
        if self._move is None or document is None or document is not self._move.document:
            return
        if self.has_predictions:
            labels = document.labels
            there = {one.id for one in self._project.classes}  # none that was deleted since
            free = [one for one in self._kept.judge_now() if one.class_id in there]
            after = showing(labels, free, threshold=self.thresholds)
            text = _step_text(self._move.from_thresholds, self.thresholds)
            document.apply(text, after, merge_key=f"confidence {self._move.number}")
            # What is saved ends its step of undo.
            self._documents.wait()
            self.changed.emit()

    def _remember(self, move: _Move, spread: _Spread) -> None:
        """Makes the open image a part of the batch, before it is saved."""
        document, before = move.document, move.before
        if document is None or before is None or document.labels is before:
            return
        key, after = document.key, document.labels
        # What was saved in the middle of the move is no longer what was there before it.
        is_on_disk = move.is_on_disk and document.is_dirty
        spread.n_images += 1
        spread.n_more += len(after.instances) - len(before.instances)
        self._writing.start(
            lambda: remember(
                self._project, spread.batch_id, key,
                before=None if is_on_disk else before, after=after,
                confidence_before=spread.from_thresholds,
            )
        )  # fmt: skip

    def _others(self, moved: Document | None) -> list[str]:
        """The images but the one that shows it already, and those with edits to be written."""
        own = moved.key if moved and not self._kept.is_loading else ""
        keys = (key for key in self._keys() if key != own)
        return [key for key in keys if not self._is_dirty(key)]

    def _is_dirty(self, key: str) -> bool:
        document = self._documents.document(key)
        return document is not None and document.is_dirty

    def _with_predictions(
        self, spread: _Spread, thresholds: Thresholds, keys: list[str]
    ) -> tuple[_Spread, Thresholds, list[str]]:
        """Called in a reader's thread."""
        return spread, thresholds, self.store.those_kept(keys)

    def _on_chosen(self, chosen: tuple[_Spread, Thresholds, list[str]]) -> None:
        spread, thresholds, keys = chosen
        self._sweep.start(lambda key: self._carry(key, spread, thresholds), keys)

    def _carry(self, key: str, spread: _Spread, thresholds: Thresholds) -> tuple[str, int] | None:
        """Called in the writer's thread."""
        n_more = apply_threshold(
            self._project, self.store, spread.batch_id, key,
            threshold=thresholds, confidence_before=spread.from_thresholds,
        )  # fmt: skip
        return None if n_more is None else (key, n_more)

    def _on_image_done(self, found: tuple[str, int] | None) -> None:
        if found is not None and self._spread is not None:
            key, n_more = found
            self._spread.n_images += 1
            self._spread.n_more += n_more
            self.image_changed.emit(key)
        self.changed.emit()

    def _on_spread(self) -> None:
        spread, self._spread = self._spread, None
        if spread is not None and spread.n_images:
            self.told.emit(_spread_sentence(spread, self.thresholds))
        self.changed.emit()

    def _on_written(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)

    def _on_current_changed(self) -> None:
        self.settle()
        self._kept.follow(self._documents.current)
        self.changed.emit()

    def _note(self, problem: Problem) -> None:
        """Called in any thread: tells of each file once."""
        if problem.where not in self._noted:
            self._noted.add(problem.where)
            self.told.emit(problem.sentence)


def percent(score: float) -> str:
    """A score as people say it: "50 %"."""
    return f"{round(score * 100)} %"


def _call(work: Callable[[], object]) -> None:
    work()


def _step_text(before: Thresholds, after: Thresholds) -> str:
    """What a move was to, in short; of classes with their own only where it was theirs."""
    if before.overall != after.overall or before.of_class == after.of_class:
        return tr("Confidence {percent}").format(percent=percent(after.overall))
    moved = [one for one in after.of_class if after.least(one) != before.least(one)]
    if len(moved) != 1:
        return tr("Confidence of classes")
    return tr("Confidence of a class {percent}").format(percent=percent(after.of_class[moved[0]]))


def _spread_sentence(spread: _Spread, thresholds: Thresholds) -> str:
    if spread.from_thresholds.of_class == thresholds.of_class:
        sentence = tr("The confidence is {percent} in all images that are not done: {change}.")
    else:
        sentence = tr(
            "The confidence of the classes holds in all images that are not done: {change}."
        )
    return sentence.format(percent=percent(thresholds.overall), change=_spread_change(spread))


def _spread_change(spread: _Spread) -> str:
    """What shows otherwise, and in how many images."""
    n = abs(spread.n_more)
    if not n:
        change = tr("other predictions show in {images}")
    elif spread.n_more > 0:
        one = tr("1 prediction more shows in {images}")
        change = one if n == 1 else tr("%n predictions more show in {images}", "", n)
    else:
        one = tr("1 prediction fewer shows in {images}")
        change = one if n == 1 else tr("%n predictions fewer show in {images}", "", n)
    return change.format(images=n_images(spread.n_images))
