"""What is kept of the predictions for the open image, and what of it no person judged."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from core.merge import stays, unjudged
from core.predictions import PredictionStore, usable
from core.types import ImageLabels, ImageState, Instance, LabelClass
from gui.document import Document
from gui.runs import ThreadRun


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    document: Document | None = None
    predictions: tuple[Instance, ...] = ()
    is_there: bool = False
    """Whether the image was pre-labelled: a model may also have seen nothing."""
    judged: tuple[Instance, ...] = ()
    is_done: bool | None = None
    """Of the image; None while `unjudged` was not found yet."""
    unjudged: tuple[Instance, ...] = ()
    """Found with `judged` and `is_done`; none in a done image."""


class KeptPredictions(QObject):
    """Follows a document, and reads what is kept for its image in a thread."""

    changed = Signal()

    def __init__(
        self,
        store: PredictionStore,
        reader: Executor,
        *,
        classes: Callable[[], Sequence[LabelClass]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._classes = classes
        self._kept = _Kept()
        self._has_left = False
        self._loading = ThreadRun(self._load, reader, latest_only=True, parent=self)
        self._loading.reported.connect(self._on_loaded)
        self._judging = ThreadRun(_judged, reader, latest_only=True, parent=self)
        self._judging.reported.connect(self._on_judged)

    @property
    def document(self) -> Document | None:
        """The one that it follows."""
        return self._kept.document

    @property
    def is_there(self) -> bool:
        """Whether predictions are kept for its image."""
        return self._kept.is_there

    @property
    def is_loading(self) -> bool:
        """Whether that is not known yet."""
        return self._loading.is_going

    @property
    def unjudged(self) -> tuple[Instance, ...]:
        """Those in which no object was judged by a person; none in a done image."""
        return self._kept.unjudged

    def follow(self, document: Document | None) -> None:
        """Reads what is kept for the image of this document from now on."""
        if self._kept.document is not None:
            self._kept.document.changed.disconnect(self._on_edited)
        self._kept = _Kept(document)
        self._loading.drop()
        self._judging.drop()
        if document is not None:
            document.changed.connect(self._on_edited)
            self.look_again()

    def look_again(self) -> None:
        """Reads it anew: other predictions are kept now."""
        document = self._kept.document
        if document is not None and not self._has_left:
            self._loading.start(document, document.key, document.labels)

    def judge_now(self) -> tuple[Instance, ...]:
        """`unjudged` for the labels as they are at this moment."""
        if self._kept.document is not None:
            self._kept = _judged(self._kept, self._kept.document.labels)
        return self._kept.unjudged

    def leave(self) -> None:
        """Ends everything: the folder is closed."""
        self._has_left = True
        self._loading.drop()
        self._judging.drop()

    def _load(self, document: Document, key: str, labels: ImageLabels) -> _Kept:
        """Called in a reader's thread, which looks at no document."""
        found = self._store.latest(key)
        if found is None or found.size_hw != labels.size_hw:
            return _Kept(document)
        predictions = usable(found, labels, classes=self._classes())
        return _judged(_Kept(document, predictions, is_there=True), labels)

    def _on_loaded(self, kept: _Kept) -> None:
        if kept.document is self._kept.document:
            self._kept = kept
            self._look_at_judged()
            self.changed.emit()

    def _on_edited(self, _ids: object) -> None:
        if self._kept.is_there:
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
