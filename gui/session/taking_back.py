"""The last batch taken back in one step: a pre-label, a move of the threshold or to other splits,
a verdict."""

from collections.abc import Sequence, Sized
from concurrent.futures import Executor
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.batches import (
    TakenBack,
    batches,
    confidence_before,
    moved_in,
    take_back,
    verdict_of,
)
from core.errors import AppError
from core.events import Failed
from core.project import Project
from core.thresholds import Thresholds
from core.wording import listed
from gui.runs import ThreadRun
from gui.session.confidence import Confidence, percent
from gui.session.documents import Documents
from gui.texts import n_images, tr


@dataclass(frozen=True, slots=True, eq=False)
class _Undone:
    """A batch that was taken back."""

    taken: TakenBack
    confidence: Thresholds | None
    """The thresholds that are back, where the batch was a move of it."""
    verdict: str = ""
    """What it is called, where the batch was a verdict."""
    was_move: bool = False
    """Whether it moved images to other splits."""


class TakingBack(QObject):
    """Brings back the label files as they were before the last batch, of an earlier start too."""

    image_changed = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        project: Project,
        documents: Documents,
        confidence: Confidence,
        *,
        writer: Executor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._documents = documents
        self._confidence = confidence
        self._running = ThreadRun(self._take_back, writer, parent=self)
        self._running.reported.connect(self._on_taken_back)
        self._running.ended.connect(self._on_ended)

    def start(self) -> None:
        """Takes it back, when every edit is written; a move that goes on is the last batch."""
        self._confidence.settle()
        self._confidence.stop()
        self._documents.save_all()
        self._running.start()

    def _take_back(self) -> _Undone:
        """Called in the writer's thread."""
        on_disk = batches(self._project)
        if not on_disk:
            raise AppError(tr("There is no pre-label to take back."))
        before = confidence_before(self._project, on_disk[-1])
        verdict = verdict_of(self._project, on_disk[-1])
        was_move = bool(moved_in(self._project, on_disk[-1]))
        taken = take_back(self._project, on_disk[-1])
        if before is not None:
            self._project.keep_thresholds(before)
        return _Undone(taken, before, verdict, was_move=was_move)

    def _on_taken_back(self, undone: _Undone) -> None:
        restored, left = undone.taken
        is_of_classes = False
        if undone.confidence is not None:
            is_of_classes = self._confidence.thresholds.of_class != undone.confidence.of_class
            self._confidence.go_back(undone.confidence)
        for key in restored:
            self.image_changed.emit(key)
        if (current := self._documents.current) is not None:
            self._confidence.look_again(current.key)
        if undone.was_move:
            sentence = moved_back_sentence(restored)
        elif undone.confidence is None:
            sentence = taken_back_sentence(undone.verdict, restored=restored)
        else:
            sentence = _confidence_sentence(
                undone.confidence, restored=restored, is_of_classes=is_of_classes
            )
        self.told.emit(" ".join((sentence, staying_sentence(left))) if left else sentence)

    def _on_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)


def taken_back_sentence(verdict: str, *, restored: Sized) -> str:
    """That a verdict, or a pre-label where it has no name, was taken back in these images."""
    of_verdict = tr("“{verdict}” was taken back in {images}.")
    of_prelabel = tr("The pre-label was taken back in {images}.")
    sentence = of_verdict if verdict else of_prelabel
    return sentence.format(verdict=verdict, images=n_images(len(restored)))


def moved_back_sentence(restored: Sized) -> str:
    """That a move to other splits was taken back."""
    one, several = tr("{images} is in its split again."), tr("{images} are in theirs again.")
    return (one if len(restored) == 1 else several).format(images=n_images(len(restored)))


def staying_sentence(left: Sequence[str]) -> str:
    """Which images stay as they are, of at least one."""
    one = tr("{image} changed since, or cannot be written, and stays as it is.")
    several = tr("{images} changed since, or cannot be written, and stay as they are.")
    names = listed(left)
    return (one if len(left) == 1 else several).format(image=names, images=names)


def _confidence_sentence(confidence: Thresholds, *, restored: Sized, is_of_classes: bool) -> str:
    """What the confidence is again, and in how many images."""
    if is_of_classes:
        alone = tr("The confidence of the classes is again what it was.")
        in_images = tr("The confidence of the classes is again what it was in {images}.")
    else:
        alone = tr("The confidence is {percent} again.")
        in_images = tr("The confidence is {percent} again in {images}.")
    sentence = in_images if restored else alone
    return sentence.format(percent=percent(confidence.overall), images=n_images(len(restored)))
