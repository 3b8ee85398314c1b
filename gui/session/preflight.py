"""What is to be known before a fine-tune: looked for, mended by a click, and looked for again."""

from collections.abc import Generator, Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.batches import TakenBack, move_to_splits, new_batch_id, take_back
from core.configs import TrainConfig
from core.errors import AppError
from core.events import Failed, Progress
from core.project import Project
from core.readiness import Finding, Fix, LabelFix, Readiness, SplitFix, look
from core.types import Split
from gui.session.outlook import Outlook, outlook_of
from gui.session.session import Session
from gui.session.taking_back import moved_back_sentence, staying_sentence
from gui.session.verdicts import Verdicts
from gui.texts import n_images, tr

_SCRATCH = "none"


class Preflight(QObject):
    """Findings of a project: those that are known at once, then those of a closer look."""

    looked = Signal()
    """`outlook` is there, or there anew."""
    changed = Signal()
    """`findings` are others, or whether fixes can be done."""
    progressed = Signal(object)
    """Progress of the closer look."""
    told = Signal(str)
    """What a fix did."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """Nothing is looked at yet.

        Args:
            session: with a project.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self.outlook: Outlook | None = None
        self._session = session
        self._closer: tuple[Finding, ...] = ()
        self._is_mending = False
        self._is_stale = True
        """Whether the labels may be others than those that were looked at."""
        self._ends_when_told = False
        self._fixed: list[str] = []
        """The batches that can be taken back; one of an earlier time, where that was a move."""
        self._moves: set[str] = set()
        """Those of them that moved images to other splits."""
        self._batch_before = ""
        review = session.review
        self._verdicts: Verdicts | None = review.verdicts if review else None
        self._looking = review.reading(_looked_closely, parent=self) if review else None
        if self._looking is not None:
            self._looking.reported.connect(self._on_reported)
            self._looking.ended.connect(self._on_looked_closely)
        if self._verdicts is not None:
            self._verdicts.ended.connect(self._on_verdict_ended)
            self._verdicts.told.connect(self._on_told)

    @property
    def is_looking(self) -> bool:
        """Whether images are being looked at closely."""
        return self._looking is not None and self._looking.is_going

    @property
    def can_mend(self) -> bool:
        """Whether a fix can be done now: it is of what was looked at, so that nothing else goes
        on."""
        return not self._is_mending and not self._is_stale and not self.is_looking

    @property
    def can_take_back(self) -> bool:
        """Whether a fix was done that can be taken back now: here, or a move of an earlier time."""
        if not self._fixed or not self.can_mend:
            return False
        last = self._fixed[-1]
        return last in self._moves or (self._verdicts is not None and self._verdicts.last == last)

    def readiness(self, config: TrainConfig) -> Readiness | None:
        """What was known at once of a fine-tune with this config; None: nothing is yet."""
        if self.outlook is None:
            return None
        is_small = config.weights == _SCRATCH and not config.model_config
        return self.outlook.of_small if is_small else self.outlook.readiness

    def findings(self, config: TrainConfig) -> tuple[Finding, ...]:
        """All that is known by now; what stops the fine-tune comes first."""
        ready = self.readiness(config)
        if ready is None or ready.why_not:
            return ready.findings if ready else ()
        return (*self._closer, *ready.findings)

    def look(self) -> None:
        """Looks, when every edit is written."""
        self._is_stale = True
        self._session.work.when_written(outlook_of, self._on_outlook)

    def mend(self, fix: Fix) -> None:
        """Does what a finding offers, as one batch, and looks again."""
        if not self.can_mend or self._verdicts is None:
            return
        self._is_mending = True
        if isinstance(fix, SplitFix):
            moved = partial(_moved, splits=fix.splits)
            self._session.work.when_written(moved, self._on_moved)
            return
        self._batch_before = self._verdicts.last
        if not self._give(fix, self._verdicts):
            self._end_mending()

    def take_back(self) -> None:
        """Takes the last fix back, and looks again."""
        if not self.can_take_back or self._verdicts is None:
            return
        self._is_mending = True
        last = self._fixed.pop()
        if last in self._moves:
            moved_back = partial(_moved_back, batch_id=last)
            self._session.work.when_written(moved_back, self._on_moved_back)
        else:
            self._ends_when_told = True  # whether it could be taken back or not
            self._verdicts.take_back()

    def close(self) -> None:
        """Looks no further."""
        if self._looking is not None:
            self._looking.drop()

    def _give(self, fix: LabelFix, verdicts: Verdicts) -> bool:
        return verdicts.give(fix.text, fix.keys, fix.changed, with_done=True, tells=True)

    def _on_moved(self, moved: tuple[str, int] | str) -> None:
        if isinstance(moved, str):
            self.told.emit(moved)
        else:
            batch_id, n = moved
            if n:
                self._fixed.append(batch_id)
                self._moves.add(batch_id)
            one, several = tr("{images} is in another split."), tr("{images} are in another split.")
            self.told.emit((one if n == 1 else several).format(images=n_images(n)))
        self._end_mending()

    def _on_moved_back(self, taken: TakenBack | str) -> None:
        if isinstance(taken, str):
            self.told.emit(taken)
        else:
            sentence, left = moved_back_sentence(taken.restored), taken.left_alone
            self.told.emit(" ".join((sentence, staying_sentence(left))) if left else sentence)
        self._end_mending()

    def _on_verdict_ended(self) -> None:
        if not self._is_mending or self._ends_when_told or self._verdicts is None:
            return
        last = self._verdicts.last
        if last not in ("", self._batch_before):
            self._fixed.append(last)
        self._end_mending()

    def _end_mending(self) -> None:
        self._is_mending = self._ends_when_told = False
        self.look()
        self.changed.emit()

    def _on_told(self, sentence: str) -> None:
        if self._is_mending:
            self.told.emit(sentence)
            if self._ends_when_told:
                self._end_mending()

    def _on_outlook(self, outlook: Outlook) -> None:
        project = self._session.project
        if project is None:
            return
        is_first = self.outlook is None
        self.outlook, self._closer, self._is_stale = outlook, (), False
        if is_first and outlook.last_move:
            self._fixed, self._moves = [outlook.last_move], {outlook.last_move}
            sentence = tr("Images were moved to another split earlier; that can be taken back.")
            self.told.emit(sentence)
        if self._looking is not None and not outlook.readiness.why_not:
            self._looking.start(project)
        self.looked.emit()

    def _on_reported(self, value: Progress | tuple[Finding, ...]) -> None:
        if isinstance(value, Progress):
            self.progressed.emit(value)
        else:
            self._closer = value

    def _on_looked_closely(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)
        self.changed.emit()


def _looked_closely(project: Project) -> Generator[Progress | tuple[Finding, ...], None, None]:
    """Called in a thread."""
    yield (yield from look(project))


def _moved(project: Project, splits: Mapping[str, Split]) -> tuple[str, int] | str:
    """Called in the writer's thread: the batch and how many moved, or why they cannot."""
    batch_id = new_batch_id()
    try:
        return batch_id, len(move_to_splits(project, batch_id, splits))
    except AppError as error:
        return str(error)


def _moved_back(project: Project, batch_id: str) -> TakenBack | str:
    """Called in the writer's thread."""
    try:
        return take_back(project, batch_id)
    except AppError as error:
        return str(error)
