"""The last batch, a pre-label, a move of the threshold or a verdict, taken back in one step."""

from concurrent.futures import Executor
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.batches import TakenBack, batches, confidence_before, take_back, verdict_of
from core.errors import AppError
from core.events import Failed
from core.project import Project
from core.thresholds import Thresholds
from core.wording import counted, listed
from gui.runs import ThreadRun
from gui.session.confidence import Confidence, percent
from gui.session.documents import Documents


@dataclass(frozen=True, slots=True, eq=False)
class _Undone:
    """A batch that was taken back."""

    taken: TakenBack
    confidence: Thresholds | None
    """The thresholds that are back, where the batch was a move of it."""
    verdict: str = ""
    """What it is called, where the batch was a verdict."""


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
            raise AppError("There is no pre-label to take back.")
        before = confidence_before(self._project, on_disk[-1])
        verdict = verdict_of(self._project, on_disk[-1])
        taken = take_back(self._project, on_disk[-1])
        if before is not None:
            self._project.keep_thresholds(before)
        return _Undone(taken, before, verdict)

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
        if undone.confidence is None:
            what = f"“{undone.verdict}”" if undone.verdict else "The pre-label"
            sentence = f"{what} was taken back in {counted(len(restored), 'image')}."
        else:
            where = f" in {counted(len(restored), 'image')}" if restored else ""
            of_all = f"The confidence is {percent(undone.confidence.overall)} again{where}."
            of_classes = f"The confidence of the classes is again what it was{where}."
            sentence = of_classes if is_of_classes else of_all
        if left:
            stay = "stays as it is" if len(left) == 1 else "stay as they are"
            sentence += f" {listed(left)} changed since, or cannot be written, and {stay}."
        self.told.emit(sentence)

    def _on_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)
