"""Pre-label: batches of images through the engine's process and into the labels."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from core.batches import TakenBack, apply_predictions, batches, new_batch_id, remember, take_back
from core.configs import PrelabelConfig
from core.errors import AppError
from core.events import Failed, Finished, Prelabelled, Progress
from core.merge import merge
from core.project import Project
from core.types import ImageLabels, ImageState, Instance
from gui.runs import EngineProcess, EngineRequest, Run, ThreadRun
from gui.session.documents import Documents
from gui.session.weights import engine_config, weights_name
from gui.settings import Settings

_CHUNK = 8  # images of one request: what a person waits for goes first after so many at most


class Batch(Run):
    """One pre-label of one or many images, taken back as a whole."""

    predicted = Signal(object)
    """Prelabelled."""

    def __init__(
        self, title: str, ask: Callable[[Sequence[str]], EngineRequest], parent: QObject
    ) -> None:
        super().__init__(title, parent)
        self.batch_id = new_batch_id()
        self.n_instances = 0
        self.problems: list[str] = []
        """What could not be pre-labelled, a sentence each."""
        self._ask = ask
        self._keys: Sequence[str] = ()
        self._n_done = 0
        self._started_s = time.monotonic()
        self._request: EngineRequest | None = None
        self._is_cancelled = False

    def start(self, keys: Sequence[str]) -> None:
        """Asks the engine for these images, a few at a time."""
        self._keys = keys
        self._ask_next()

    def fail(self, sentence: str) -> None:
        """Ends it."""
        self._take(Failed(sentence))

    def cancel(self) -> None:
        """Stops after the image that is being predicted; what is there stays."""
        self._is_cancelled = True
        if self._request is None:
            self._take(Finished(was_cancelled=True))
        else:
            self._request.cancel()

    def abandon(self) -> None:
        """Ends it at once: its folder is closed, and nothing of it may arrive any more."""
        self._is_cancelled = True
        if self._request is not None:
            self._request.cancel()
        self._take(Finished(was_cancelled=True))

    def _ask_next(self) -> None:
        if self._is_cancelled or not self.is_going:
            return
        self._request = self._ask(self._keys[self._n_done : self._n_done + _CHUNK])
        self._request.reported.connect(self._on_reported)
        self._request.ended.connect(self._on_ended)

    def _on_reported(self, event: object) -> None:
        if not self.is_going:
            return
        if isinstance(event, Prelabelled):
            self.n_instances += len(event.instances)
            self.predicted.emit(event)
        elif isinstance(event, Progress) and event.what == "images":
            n = min(self._n_done + event.done, len(self._keys))
            eta_s = (time.monotonic() - self._started_s) / n * (len(self._keys) - n)
            self._take(Progress(n, len(self._keys), "images", eta_s))
        else:
            self._take(event)

    def _on_ended(self, last: object) -> None:
        self._n_done += _CHUNK
        if not isinstance(last, Finished) or last.was_cancelled:
            self._take(last)
            return
        found = last.result.get("problems", ())
        self.problems += [f"{problem['where']}: {problem['sentence']}" for problem in found]
        if self._n_done < len(self._keys):
            QTimer.singleShot(0, self, self._ask_next)
        else:
            n_images = len(self._keys) - len(self.problems)
            self._take(Finished({"images": n_images, "instances": self.n_instances}))


class Prelabelling(QObject):
    """Begins batches and puts what they predict into the labels."""

    started = Signal(object)
    """Batch."""
    image_changed = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        project: Project,
        documents: Documents,
        *,
        engine: EngineProcess,
        settings: Settings,
        writer: Executor,
        device_left: Callable[[str], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._documents = documents
        self._engine = engine
        self._settings = settings
        self._device_left = device_left
        self._in_documents: dict[str, dict[str, tuple[ImageLabels, ImageLabels]]] = {}
        """Of each batch: labels before and after, of images that changed through a document."""
        self._last_batch_id = ""
        self._batches: list[Batch] = []
        self._listing = ThreadRun(self._not_done, writer, parent=self)
        self._listing.reported.connect(self._on_listed)
        self._writing = ThreadRun(self._write, writer, parent=self)
        self._writing.reported.connect(self.image_changed.emit)
        self._writing.ended.connect(self._on_write_ended)
        self._remembering = ThreadRun(self._remember, writer, parent=self)
        self._remembering.ended.connect(self._on_write_ended)
        self._taking_back = ThreadRun(self._take_back, writer, parent=self)
        self._taking_back.reported.connect(self._on_taken_back)
        self._taking_back.ended.connect(self._on_write_ended)

    def start_image(self, key: str) -> None:
        """Pre-labels one image, before everything that waits."""
        batch = self._new_batch(f"Pre-label {key}", goes_first=True)
        if batch is not None:
            batch.start((key,))

    def start_all(self, keys: Sequence[str]) -> None:
        """Pre-labels all of these images that are not done."""
        batch = self._new_batch("Pre-label all images", goes_first=False)
        if batch is not None:
            self._listing.start(batch, tuple(keys))

    def leave(self) -> None:
        """Ends what goes on."""
        for batch in self._batches:
            if batch.is_going:
                batch.abandon()

    def take_back_last(self) -> None:
        """Brings back the labels as they were before the last batch, of an earlier start too."""
        batch_id, self._last_batch_id = self._last_batch_id, ""
        restored = []
        for key, (before, after) in self._in_documents.pop(batch_id, {}).items():
            document = self._documents.document(key)
            if document is not None and document.labels == after:
                document.apply("Take back pre-label", before)
                restored.append(key)
        self._taking_back.start(batch_id, tuple(restored))

    def _new_batch(self, title: str, *, goes_first: bool) -> Batch | None:
        try:
            engine = engine_config(self._settings)
            class_map = self._project.class_map(weights_name(engine.weights))
        except AppError as error:
            self.told.emit(str(error))
            return None

        def ask(keys: Sequence[str]) -> EngineRequest:
            config = PrelabelConfig(
                # now, not when the batch began: a fine-tune may have taken the device since
                replace(engine, device=self._device_left(engine.device)),
                folder=str(self._project.folder),
                labels_folder=str(self._project.labels_folder),
                images=tuple(keys),
                class_map=dict(class_map),
            )
            return self._engine.ask("prelabel", config, goes_first=goes_first)

        batch = Batch(title, ask, self)
        self._batches = [one for one in self._batches if one.is_going] + [batch]
        batch.predicted.connect(lambda event: self._on_predicted(batch.batch_id, event))
        batch.ended.connect(lambda last: self._on_ended(batch, last))
        self.started.emit(batch)
        return batch

    def _not_done(self, batch: Batch, keys: Sequence[str]) -> tuple[Batch, tuple[str, ...]]:
        """Called in a thread."""
        return batch, tuple(
            key for key in keys if self._project.summary(key).state is not ImageState.DONE
        )

    def _on_listed(self, found: tuple[Batch, tuple[str, ...]]) -> None:
        batch, keys = found
        if keys:
            batch.start(keys)
        else:
            batch.fail("There is nothing to pre-label: every image is done.")

    def _on_predicted(self, batch_id: str, event: Prelabelled) -> None:
        self._last_batch_id = batch_id
        document = self._documents.document(event.image)
        if document is None or (document is not self._documents.current and not document.is_dirty):
            self._writing.start(batch_id, event.image, event.instances)
            return
        before, is_on_disk = document.labels, not document.is_dirty
        if document.apply("Pre-label", merge(before, event.instances)):
            changes = self._in_documents.setdefault(batch_id, {})
            changes[event.image] = (before, document.labels)
            # The writer does this ahead of the document's save, which is not begun yet.
            self._remembering.start(
                batch_id, event.image, None if is_on_disk else before, document.labels
            )

    def _write(self, batch_id: str, key: str, instances: tuple[Instance, ...]) -> str:
        """Called in the writer's thread."""
        apply_predictions(self._project, batch_id, key, instances)
        return key

    def _remember(
        self, batch_id: str, key: str, before: ImageLabels | None, after: ImageLabels
    ) -> None:
        """Called in the writer's thread."""
        remember(self._project, batch_id, key, before=before, after=after)

    def _on_write_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)

    def _on_ended(self, batch: Batch, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)
        elif isinstance(last, Finished) and not last.was_cancelled:
            n_images = last.result["images"]
            images = "1 image" if n_images == 1 else f"{n_images} images"
            sentence = (
                f"Pre-labelled {images}: {batch.n_instances} predictions with"
                f" {weights_name(self._settings.text('weights'))}."
            )
            if batch.problems:
                more = f", and {len(batch.problems) - 1} others" if len(batch.problems) > 1 else ""
                sentence += f" Left out: {batch.problems[0]}{more}"
            self.told.emit(sentence)

    def _take_back(self, batch_id: str, restored: tuple[str, ...]) -> TakenBack:
        """Called in the writer's thread."""
        on_disk = batches(self._project)
        wished = batch_id or (on_disk[-1] if on_disk else "")
        if not wished:
            raise AppError("There is no pre-label to take back.")
        if wished in on_disk:
            taken = take_back(self._project, wished, elsewhere=restored)
            return TakenBack(restored + taken.restored, taken.left_alone)
        return TakenBack(restored, ())

    def _on_taken_back(self, result: TakenBack) -> None:
        restored, left = result
        for key in restored:
            self.image_changed.emit(key)
        sentence = f"The pre-label was taken back in {len(restored)} images."
        if left:
            names = ", ".join(left[:5]) + (" and others" if len(left) > 5 else "")
            sentence += f" {names} changed since and stayed as they are."
        self.told.emit(sentence)
