"""The threshold of confidence: which of the kept predictions show, without a model."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from core.batches import apply_threshold, new_batch_id, remember
from core.events import Failed
from core.merge import showing, stays, unjudged
from core.predictions import PredictionStore, usable
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, Problem
from core.wording import counted
from gui.document import Document
from gui.runs import ThreadRun
from gui.session.documents import Documents
from gui.session.sweep import Sweep

_SHOW_AFTER_MS = 20  # a drag reports more often than anybody can see
_SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """What is kept for an image, and what of it a person did not judge."""

    document: Document | None = None
    predictions: tuple[Instance, ...] = ()
    is_there: bool = False
    """Whether the image was pre-labelled: a model may also have seen nothing."""
    judged: tuple[Instance, ...] = ()
    is_done: bool | None = None
    """Of the image; None while `unjudged` was not found yet."""
    unjudged: tuple[Instance, ...] = ()
    """Found with `judged` and `is_done`; none in a done image."""


@dataclass(slots=True)
class _Move:
    """A move of the threshold, from its first change to its last."""

    number: int
    from_threshold: float
    document: Document | None
    before: ImageLabels | None
    is_on_disk: bool
    """Whether the label file holds `before`."""


@dataclass(slots=True)
class _Spread:
    """A move that is being carried into the other images."""

    batch_id: str
    from_threshold: float
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
        self.threshold = default if project.confidence is None else project.confidence
        """The least score that shows."""
        self.store = PredictionStore(project.hidden_folder, note=self._note)
        self._project = project
        self._documents = documents
        self._keys = keys
        self._kept = _Kept()
        self._move: _Move | None = None
        self._n_moves = 0
        self._spread: _Spread | None = None
        self._has_left = False
        self._noted: set[str] = set()
        self._soon = QTimer(self, singleShot=True, interval=_SHOW_AFTER_MS)
        self._soon.timeout.connect(self._show)
        self._loading = ThreadRun(self._load, reader, latest_only=True, parent=self)
        self._loading.reported.connect(self._on_loaded)
        self._judging = ThreadRun(_judged, reader, latest_only=True, parent=self)
        self._judging.reported.connect(self._on_judged)
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
    def has_predictions(self) -> bool:
        """Whether predictions are kept for the open image."""
        return self._kept.is_there and self._kept.document is self._documents.current

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
            (one.id in self._shown_ids) == ((one.score or 0.0) >= self.threshold)
            for one in self._kept.unjudged
        )

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
        document = self._documents.current
        if document is not None and document.key == key and not self._has_left:
            self._loading.start(document, key, document.labels)

    # Moving it

    def move(self, threshold: float) -> None:
        """Shows the predictions of the open image from this score on. `settle` ends the move.

        All moves up to then are one step of undo.
        """
        if abs(threshold - self.threshold) < _SAME:
            return
        if self._move is None:
            self._begin()
        self.threshold = threshold
        self._soon.start()
        self.changed.emit()

    def settle(self) -> None:
        """Carries the threshold into the other images that are not done, as one batch."""
        if self._move is None:
            return
        self._show()
        move, self._move = self._move, None
        if abs(move.from_threshold - self.threshold) < _SAME:
            return
        if self._spread is None:
            self._spread = _Spread(new_batch_id(), move.from_threshold)
        spread, threshold = self._spread, self.threshold
        self._writing.start(lambda: self._project.keep_confidence(threshold))
        self._remember(move, spread)
        self._documents.save_all()
        self._choosing.start(spread, threshold, self._others(move.document))
        self.changed.emit()

    def go_back(self, threshold: float) -> None:
        """Says that a move was taken back: the files have this threshold again."""
        self.stop()
        self.threshold = threshold
        self.changed.emit()

    def stop(self) -> None:
        """Ends what is being carried into the other images."""
        self._soon.stop()
        self._move = self._spread = None
        self._choosing.drop()
        self._sweep.stop()

    def leave(self) -> None:
        """Ends everything: the folder is closed."""
        self._has_left = True
        self.settle()
        self.stop()
        self._loading.drop()
        self._judging.drop()

    def _begin(self) -> None:
        self._n_moves += 1
        document = self._documents.current
        self._move = _Move(
            self._n_moves,
            self.threshold,
            document,
            document.labels if document else None,
            is_on_disk=document is not None and not document.is_dirty,
        )

    def _show(self) -> None:
        self._soon.stop()
        document = self._documents.current
        if self._move is None or document is None or document is not self._move.document:
            return
        if self.has_predictions:
            labels = document.labels
            self._kept = _judged(self._kept, labels)
            there = {one.id for one in self._project.classes}  # none that was deleted since
            free = [one for one in self._kept.unjudged if one.class_id in there]
            after = showing(labels, free, threshold=self.threshold)
            text = f"Confidence {percent(self.threshold)}"
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
                confidence_before=spread.from_threshold,
            )
        )  # fmt: skip

    def _others(self, moved: Document | None) -> list[str]:
        """The images but the one that shows it already, and those with edits to be written."""
        own = moved.key if moved and not self._loading.is_going else ""
        keys = (key for key in self._keys() if key != own)
        return [key for key in keys if not self._is_dirty(key)]

    def _is_dirty(self, key: str) -> bool:
        document = self._documents.document(key)
        return document is not None and document.is_dirty

    def _with_predictions(
        self, spread: _Spread, threshold: float, keys: list[str]
    ) -> tuple[_Spread, float, list[str]]:
        """Called in a reader's thread."""
        return spread, threshold, self.store.those_kept(keys)

    def _on_chosen(self, chosen: tuple[_Spread, float, list[str]]) -> None:
        spread, threshold, keys = chosen
        self._sweep.start(lambda key: self._carry(key, spread, threshold), keys)

    def _carry(self, key: str, spread: _Spread, threshold: float) -> tuple[str, int] | None:
        """Called in the writer's thread."""
        n_more = apply_threshold(
            self._project, self.store, spread.batch_id, key,
            threshold=threshold, confidence_before=spread.from_threshold,
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
            self.told.emit(_spread_sentence(spread, self.threshold))
        self.changed.emit()

    def _on_written(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)

    # What is kept for the open image

    def _on_current_changed(self) -> None:
        self.settle()
        document = self._documents.current
        if self._kept.document is not None:
            self._kept.document.changed.disconnect(self._on_edited)
        self._kept = _Kept(document)
        self._loading.drop()
        self._judging.drop()
        if document is not None:
            document.changed.connect(self._on_edited)
            self._loading.start(document, document.key, document.labels)
        self.changed.emit()

    def _load(self, document: Document, key: str, labels: ImageLabels) -> _Kept:
        """Called in a reader's thread, which looks at no document."""
        found = self.store.latest(key)
        if found is None or found.size_hw != labels.size_hw:
            return _Kept(document)
        predictions = usable(found, labels, classes=self._project.classes)
        return _judged(_Kept(document, predictions, is_there=True), labels)

    def _on_loaded(self, kept: _Kept) -> None:
        if kept.document is self._documents.current:
            self._kept = kept
            self._look_at_judged()
            self.changed.emit()

    def _on_edited(self, _ids: object) -> None:
        if self._move is None and self._kept.is_there:
            self._look_at_judged()
            self.changed.emit()

    def _look_at_judged(self) -> None:
        document = self._kept.document
        if document is None or self._has_left or not self._kept.is_there:
            return
        if not _is_of(self._kept, document.labels):
            self._judging.start(self._kept, document.labels)

    def _on_judged(self, kept: _Kept) -> None:
        if kept.predictions is self._kept.predictions:
            self._kept = kept
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


def _judged(kept: _Kept, labels: ImageLabels) -> _Kept:
    """What is kept, with what of it no person judged in these labels."""
    if _is_of(kept, labels):
        return kept
    is_done = labels.state is ImageState.DONE
    return replace(
        kept,
        judged=_judgements(labels),
        is_done=is_done,
        unjudged=() if is_done else unjudged(labels, kept.predictions),
    )


def _judgements(labels: ImageLabels) -> tuple[Instance, ...]:
    persons = (one for one in labels.instances if stays(one))
    return (*persons, *labels.rejected)


def _is_of(kept: _Kept, labels: ImageLabels) -> bool:
    """Whether `unjudged` was found with what a person judged in these labels."""
    now = _judgements(labels)
    return (
        kept.is_done is (labels.state is ImageState.DONE)
        and len(now) == len(kept.judged)
        and all(a is b for a, b in zip(now, kept.judged, strict=True))
    )


def _spread_sentence(spread: _Spread, threshold: float) -> str:
    images = counted(spread.n_images, "image")
    sentence = f"The confidence is {percent(threshold)} in all images that are not done"
    n = abs(spread.n_more)
    if not n:
        return f"{sentence}: other predictions show in {images}."
    more = "more" if spread.n_more > 0 else "fewer"
    show = f"1 prediction {more} shows" if n == 1 else f"{n} predictions {more} show"
    return f"{sentence}: {show} in {images}."
