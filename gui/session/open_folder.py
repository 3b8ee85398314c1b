"""An open folder: its project, its images, their documents, and what is done with them."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor

from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.events import Failed, Finished
from core.project import Project
from gui.document import Document
from gui.runs import EngineProcess, ThreadRun
from gui.session.confidence import Confidence
from gui.session.disagreements import Disagreements
from gui.session.documents import Documents
from gui.session.effort import EffortWatch
from gui.session.finishing import Finishing
from gui.session.pictures import Opened, Pictures, PreparePicture
from gui.session.prelabelling import Prelabelling
from gui.session.review import Review
from gui.session.summaries import Summaries
from gui.settings import Settings
from gui.texts import tr


class OpenFolder(QObject):
    """Lives as long as its folder is open."""

    images_added = Signal(object)
    """Keys that a scan that still goes on has found."""
    images_changed = Signal()
    image_changed = Signal(str)
    key_changed = Signal(str)
    image_shown = Signal(object)
    """Opened, of the image that a person is on."""
    stock_taken = Signal()
    """What the label files name is known: classes, and the splits of done images."""
    told = Signal(str)

    def __init__(
        self,
        project: Project,
        settings: Settings,
        *,
        engine: EngineProcess,
        writer: Executor,
        reader: Executor,
        prepare: PreparePicture,
        device_left: Callable[[str], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.project = project
        self.keys: list[str] = []
        self.key = ""
        self.order: Sequence[str] = ()
        """What next and previous go through; empty: all."""
        self._settings = settings
        self._writer = writer
        self.documents = Documents(
            project,
            writer=writer,
            reader=reader,
            idle_ms=settings.whole("autosave_idle_ms"),
            parent=self,
        )
        self.effort = EffortWatch(project, self.documents, writer, parent=self)
        self.summaries = Summaries(project, reader, self)
        settings.changed.connect(self._on_setting_changed)
        self.finishing = Finishing(
            document_of=self._document_arrived,
            go_on=lambda: self.open_image(self.neighbour(1) or self.key),
            parent=self,
        )
        self._pictures = Pictures(project, reader, prepare=prepare, parent=self)
        self.confidence = Confidence(
            project, self.documents, writer=writer, reader=reader, keys=lambda: self.keys,
            default=settings.number("score"), parent=self,
        )  # fmt: skip
        self.disagreements = Disagreements(
            project, self.confidence.store, reader,
            thresholds_of=lambda: self.confidence.thresholds, parent=self,
        )  # fmt: skip
        self.confidence.image_changed.connect(self._on_predictions_written)
        self.confidence.told.connect(self.told)
        self.prelabelling = Prelabelling(
            project, self.documents, self.confidence, engine=engine, settings=settings,
            writer=writer, reader=reader, device_left=device_left, parent=self,
        )  # fmt: skip
        self.prelabelling.asked.connect(self.documents.asked)
        self.prelabelling.answered.connect(self.documents.answered)
        self.prelabelling.image_changed.connect(self._on_predictions_written)
        self.prelabelling.told.connect(self.told)
        self._is_gone = False
        """Whether the folder itself was not there when it was looked through last."""
        self._compose_looking(reader)
        self._connect()

    def _compose_looking(self, reader: Executor) -> None:
        """What finds images, and what their label files name."""
        self.review = Review(self.project, self.documents, writer=self._writer, parent=self)
        self.review.image_changed.connect(self._on_predictions_written)
        self.review.told.connect(self.told)
        self._scanning = ThreadRun(self._scan, reader, latest_only=True, parent=self)
        self._scanning.reported.connect(self._on_scanned)
        self._scanning.ended.connect(self._on_scan_ended)
        self._scanning_again = ThreadRun(self._scan_again, reader, latest_only=True, parent=self)
        self._scanning_again.reported.connect(self._on_scanned_again)
        self._scanning_again.ended.connect(self._on_scan_again_ended)
        stock = ThreadRun(self._take_stock, self._writer, latest_only=True, parent=self)
        stock.ended.connect(self._on_stock_taken)
        self._taking_stock = stock

    def _connect(self) -> None:
        self.summaries.image_changed.connect(self.image_changed)
        self.summaries.ended.connect(self._on_looked_through)
        self.documents.written.connect(self.summaries.look_at)
        self.documents.written.connect(self.image_changed)
        self.image_changed.connect(self.review.look_at)
        self.image_changed.connect(self.confidence.foreseen.forget)
        self.documents.told.connect(self.told)
        self.effort.told.connect(self.told)
        self.review.verdicts.judged.connect(self.effort.judge)
        self.key_changed.connect(self.finishing.withdraw)
        self._pictures.opened.connect(self._on_opened)

    @property
    def is_scanning(self) -> bool:
        """Whether more images may come."""
        return self._scanning.is_going

    def scan(self) -> None:
        """Finds the images; the first one is opened as soon as it is known."""
        self._scanning.start()

    def scan_again(self) -> None:
        """Finds images that are new or gone, and label files that others changed."""
        if self.is_scanning or self.summaries.is_looking:
            self.documents.check_disk(self.key)
        else:
            self._scanning_again.start()

    def open_image(self, key: str) -> None:
        """Goes to this image."""
        if key == self.key:
            return
        self.confidence.settle()
        self.documents.save_all()
        self.key = key
        self._settings.set("last_image", key)
        self._pictures.open(key)
        self.key_changed.emit(key)

    def take_in(self, key: str) -> None:
        """Lists an image that was just added to the project."""
        if key in self.keys:
            return
        if self.is_scanning:  # what was walked through already is sorted at its end
            self._on_scanned((key,))
            return
        self.keys = list(self.project.keys)
        self.images_changed.emit()
        if not self.key:
            self.open_image(key)

    def neighbour(self, by: int) -> str:
        """The key so many images on, or back; empty where there is none."""
        order = self.order or self.keys
        if self.key not in order:
            return order[0] if order else ""
        place = order.index(self.key) + by
        return order[place] if 0 <= place < len(order) else ""

    def leave(self) -> None:
        """Begins to write what is not written, and gives the folder back after that."""
        for going in (
            self._scanning,
            self._scanning_again,
            self._taking_stock,
            self.summaries,
            self.disagreements,
        ):
            going.drop()
        self._pictures.leave()
        self.finishing.withdraw()
        # What is being written of a batch may be told when nothing can be read any more.
        self.prelabelling.image_changed.disconnect(self._on_predictions_written)
        self.review.leave()
        self.prelabelling.leave()
        for write in (*self.documents.leave(), *self.effort.leave()):
            self._writer.submit(write)
        # The journal is removed only where nothing waits in it, so this comes last.
        self._writer.submit(self.project.close)
        self.deleteLater()

    def _document_arrived(self) -> Document | None:
        """The document of the image that a person is on, None while it is being opened."""
        document = self.documents.current
        return document if document is not None and document.key == self.key else None

    def _scan(self) -> Iterator[tuple[str, ...]]:
        """Called in a thread."""
        return self.project.scan()

    def _scan_again(self) -> tuple[str, ...]:
        """Called in a thread."""
        for folder in (self.project.folder, self.project.labels_folder):
            if not folder.is_dir():
                sentence = tr(
                    "The folder {folder} is not there any more. If its disk was unplugged, connect"
                    " it again; if it was moved, move it back, or open it where it is now. Your"
                    " edits so far are kept."
                )
                raise AppError(sentence.format(folder=folder))
        deque(self.project.scan(), maxlen=0)
        return self.project.keys

    def _take_stock(self) -> None:
        """Called in the writer's thread, which has little left to do after the look."""
        if not self.project.read_only_reason:
            self.project.take_stock()

    def _on_scanned(self, keys: tuple[str, ...]) -> None:
        self.keys.extend(keys)
        if not self.key and keys:  # before the list shows them: it is decoded meanwhile
            wished = self._settings.text("last_image")
            self.open_image(wished if wished in keys else keys[0])
        self.images_added.emit(keys)

    def _on_scan_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)
        self._set_keys(self.project.keys)

    def _on_scanned_again(self, keys: tuple[str, ...]) -> None:
        self.documents.check_disk(self.key)
        if list(keys) != self.keys:
            self._set_keys(keys)
            if not self.key and keys:
                self.open_image(keys[0])
        else:
            self.summaries.look_through()

    def _on_scan_again_ended(self, last: object) -> None:
        # Once, not each time that a person comes back to the window. The list stays as it is.
        if isinstance(last, Failed) and not self._is_gone:
            self.told.emit(last.sentence)
        self._is_gone = isinstance(last, Failed)

    def _set_keys(self, keys: Sequence[str]) -> None:
        self.keys = list(keys)
        self.images_changed.emit()
        self.summaries.look_through()

    def _on_looked_through(self, last: object) -> None:
        if isinstance(last, Finished) and not self.summaries.take_news():
            self.stock_taken.emit()
            return
        self._taking_stock.start()

    def _on_stock_taken(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)
        self.stock_taken.emit()

    def _on_opened(self, opened: Opened) -> None:
        if opened.key != self.key:
            return
        self.image_shown.emit(opened)
        if opened.loaded is not None and opened.picture is not None:
            self.documents.show(opened.key, opened.loaded)
        else:
            self.documents.show_none()
        if ahead := self.neighbour(1):
            self._pictures.decode_ahead(ahead)

    def _on_setting_changed(self, name: str) -> None:
        if name == "autosave_idle_ms":
            self.documents.set_idle_ms(self._settings.whole(name))

    def _on_predictions_written(self, key: str) -> None:
        self.summaries.look_at(key)
        self.image_changed.emit(key)
        if key == self.key:
            self.documents.check_disk(key)
