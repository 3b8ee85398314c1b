"""Review: what is looked at and judged over all images of a folder, and the way to each place."""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.batches import keep
from core.configs import EngineConfig, PrelabelConfig
from core.events import Failed, Prelabelled
from core.predictions import PredictionStore
from core.project import Project
from gui.runs import ThreadRun
from gui.session.card_file import CardFile
from gui.session.documents import Documents
from gui.session.doubt_finder import DoubtFinder
from gui.session.verdicts import Verdicts

_THREADS = 3
"""One that looks through label files, one that finds doubts, one that makes crops of what is seen;
each of them may be two where the others rest."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on the canvas."""

    key: str
    """Of the image."""
    ids: tuple[str, ...] = ()
    """The instances to select."""
    box_xyxy: tuple[float, float, float, float] | None = None
    """What to bring into view; None: the selected."""


class Review(QObject):
    """Verdicts, cards and doubts of a folder, with threads of their own beside the image's."""

    place_wanted = Signal(object)
    """Place."""
    image_changed = Signal(str)
    told = Signal(str)
    left = Signal()
    """The folder is closed: nothing can be read any more."""

    def __init__(
        self,
        project: Project,
        documents: Documents,
        *,
        writer: Executor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.project = project
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="review")
        self.verdicts = Verdicts(project, documents, writer=writer, parent=self)
        self.verdicts.image_changed.connect(self.image_changed)
        self.verdicts.told.connect(self.told)
        self.cards = CardFile(project, self._pool, self)
        self.store = PredictionStore(project.hidden_folder)
        """What models saw, of several rounds."""
        self._keeping = ThreadRun(self._keep, writer, parent=self)
        self._keeping.ended.connect(self._on_kept)
        self.doubts = DoubtFinder(project, self._pool, writer=writer, parent=self)
        self.doubts.told.connect(self.told)

    def reading(self, job: Any, *, parent: QObject) -> ThreadRun:
        """A ThreadRun for what reads and writes nothing, of which only the latest start counts."""
        return ThreadRun(job, self._pool, latest_only=True, parent=parent)

    def keep(self, event: Prelabelled, engine: EngineConfig) -> None:
        """Keeps what weights saw in an image on the way of an evaluation: doubts and rounds hold
        labels against it. It changes no label."""
        if not self.project.read_only_reason:
            self._keeping.start(event, PrelabelConfig(engine, folder=str(self.project.folder)))

    def _keep(self, event: Prelabelled, config: PrelabelConfig) -> None:
        """Called in the writer's thread."""
        keep(self.project, self.store, event, config)

    def _on_kept(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)

    def go_to(self, place: Place) -> None:
        """Opens an image where something is to be looked at."""
        self.place_wanted.emit(place)

    def look_at(self, key: str) -> None:
        """Says that the label file of an image is new."""
        self.cards.look_at(key)
        self.doubts.look_at(key)

    def leave(self) -> None:
        """Ends everything: the folder is closed."""
        # what is being taken back may be told when nothing can be read any more
        self.verdicts.image_changed.disconnect(self.image_changed)
        self.verdicts.leave()
        self.cards.drop()
        self.doubts.leave()
        self.left.emit()
        self._pool.shutdown(wait=False, cancel_futures=True)
