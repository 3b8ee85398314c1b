"""Pre-label: batches of images through the engine's process and into the labels."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from core.batches import apply_predictions, keep, remember
from core.configs import PrelabelConfig
from core.errors import AppError
from core.events import Failed, Finished, Prelabelled
from core.merge import showing, unjudged
from core.predictions import Predictions, image_stamp, predicted_by
from core.project import Project
from core.thresholds import Thresholds
from core.types import ImageLabels, ImageState
from gui.runs import EngineProcess, EngineRequest, ThreadRun
from gui.session.batch_run import Batch
from gui.session.confidence import Confidence, percent
from gui.session.documents import Documents
from gui.session.sweep import first_of
from gui.session.taking_back import TakingBack
from gui.session.weights import engine_config, weights_name
from gui.settings import Settings
from gui.texts import n_images, n_predictions, tr
from gui.widgets.notices import Notice

_UNSURE = "unsure"


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """What became of the predictions for an image."""

    batch: Batch
    key: str
    is_written: bool = False
    """Whether its label file is another one now."""
    why_not: str = ""


class Prelabelling(QObject):
    """Begins batches and puts what they predict into the labels."""

    started = Signal(object)
    """Batch."""
    image_changed = Signal(str)
    told = Signal(str)
    asked = Signal(object)
    """Notice."""
    answered = Signal(str)
    """The topic of a notice that may go."""

    def __init__(
        self,
        project: Project,
        documents: Documents,
        confidence: Confidence,
        *,
        engine: EngineProcess,
        settings: Settings,
        writer: Executor,
        reader: Executor,
        device_left: Callable[[str], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._documents = documents
        self._confidence = confidence
        self._engine = engine
        self._settings = settings
        self._device_left = device_left
        self._batches: list[Batch] = []
        self._predicted_in: dict[str, str] = {}
        """The batch that predicted an image, the latest that was begun."""
        self._listing = ThreadRun(self._known_and_unknown, reader, parent=self)
        self._listing.reported.connect(self._on_listed)
        self._listing.ended.connect(self._on_work_ended)
        self._writing = ThreadRun(self._write, writer, parent=self)
        self._writing.reported.connect(self._on_kept)
        self._writing.ended.connect(self._on_work_ended)
        self._remembering = ThreadRun(self._remember, writer, parent=self)
        self._remembering.reported.connect(self._on_kept)
        self._remembering.ended.connect(self._on_work_ended)
        self._taking_back = TakingBack(project, documents, confidence, writer=writer, parent=self)
        self._taking_back.image_changed.connect(self.image_changed)
        self._taking_back.told.connect(self.told)

    def start_image(self, key: str) -> None:
        """Pre-labels one image, before everything that waits."""
        document = self._documents.document(key)
        if document is not None and document.labels.state is ImageState.DONE:
            sentence = tr("{image} is done, and a pre-label changes nothing in a done image.")
            self.told.emit(sentence.format(image=key))
            return
        title = tr("Pre-label {image}").format(image=key)
        batch = self._new_batch(title, goes_first=True)
        if batch is not None:
            batch.start((key,))

    def start_all(self, keys: Sequence[str]) -> None:
        """Pre-labels all of these images that are not done.

        Those that these weights have seen already need no model: a pre-label that broke off goes on
        where it was.
        """
        batch = self._new_batch(tr("Pre-label all images"), goes_first=False)
        if batch is not None:
            self._listing.start(batch, self._config(), tuple(keys))

    def leave(self) -> None:
        """Ends what goes on: the folder is closed."""
        self.answered.emit(_UNSURE)
        self._confidence.leave()
        self._stop()

    def take_back_last(self) -> None:
        """Brings back the labels as they were before the last batch, of an earlier start too.

        That is a pre-label, or a move of the threshold that came after it.
        """
        self._stop()
        self._taking_back.start()

    def _stop(self) -> None:
        for batch in self._batches:
            if batch.is_going:
                batch.abandon()

    # One batch

    def _config(self) -> PrelabelConfig:
        """Of a pre-label now.

        Raises:
            AppError: no weights are chosen.
        """
        engine = engine_config(self._settings)
        return PrelabelConfig(
            replace(engine, score=self._confidence.threshold),
            folder=str(self._project.folder),
            labels_folder=str(self._project.labels_folder),
            class_map=dict(self._project.class_map(weights_name(engine.weights))),
            fewer_points=self._settings.text("outlines") == "few",
        )

    def _new_batch(self, title: str, *, goes_first: bool) -> Batch | None:
        try:
            self._project.require_writable()
            config = self._config()
        except AppError as error:
            self.told.emit(str(error))
            return None

        def ask(keys: Sequence[str]) -> EngineRequest:
            # now, not when the batch began: a fine-tune may have taken the device since
            engine = replace(
                config.engine,
                device=self._device_left(config.engine.device),
                score=self._confidence.threshold,
            )
            whole = replace(config, engine=engine, images=tuple(keys))
            return self._engine.ask("prelabel", whole, goes_first=goes_first)

        batch = Batch(title, ask, self)
        self._batches = [one for one in self._batches if one.is_going] + [batch]
        batch.predicted.connect(lambda event: self._on_predicted(batch, config, event))
        batch.ended.connect(lambda last: self._on_ended(batch, config, last))
        self.started.emit(batch)
        return batch

    def _known_and_unknown(
        self, batch: Batch, config: PrelabelConfig, keys: Sequence[str]
    ) -> Iterator[tuple[Batch, object]]:
        """What is kept of these images, and last the keys that need the model.

        Called in a reader's thread.
        """
        by = predicted_by(
            config.engine,
            config.class_map,
            classes=self._project.classes,
            fewer_points=config.fewer_points,
        )
        unknown = []
        for key in keys:
            if not batch.is_going:  # cancelled, or the folder is closed
                return
            if self._project.summary(key).state is ImageState.DONE:
                continue
            stamp = image_stamp(self._project.image_path(key))
            found = self._confidence.store.made_by(by, key, stamp_of_image=stamp)
            if found is None:
                unknown.append(key)
            else:
                yield batch, found
        yield batch, tuple(unknown)

    def _on_listed(self, listed_one: tuple[Batch, object]) -> None:
        batch, found = listed_one
        if isinstance(found, Predictions):
            batch.take_known(Prelabelled(found.image, found.instances, size_hw=found.size_hw))
        elif isinstance(found, tuple) and (found or batch.n_known):
            batch.start(found)
        else:
            batch.fail(tr("There is nothing to pre-label: every image is done."))

    def _on_predicted(self, batch: Batch, config: PrelabelConfig, event: Prelabelled) -> None:
        if self._predicted_in.get(event.image, "") > batch.batch_id:
            return  # a person wished for it once more while this batch was on its way there
        self._predicted_in[event.image] = batch.batch_id
        thresholds = self._confidence.thresholds
        predicted = (*event.instances, *event.below)
        batch.tally.add(predicted, threshold=thresholds.overall)
        document = self._documents.document(event.image)
        if document is None or (document is not self._documents.current and not document.is_dirty):
            batch.note_keeping()
            self._writing.start(batch, config, event, thresholds)
            return
        before, is_on_disk = document.labels, not document.is_dirty
        after = showing(before, unjudged(before, predicted), threshold=thresholds)
        if document.apply(tr("Pre-label"), after):
            is_other = document.labels is not before
            # The writer does this ahead of the document's save, which is not begun yet.
            batch.note_keeping()
            self._remembering.start(
                batch, config, event,
                None if is_on_disk else before, document.labels if is_other else None,
            )  # fmt: skip

    def _write(
        self, batch: Batch, config: PrelabelConfig, event: Prelabelled, thresholds: Thresholds
    ) -> _Kept:
        """Called in the writer's thread."""
        try:
            made = keep(self._project, self._confidence.store, event, config)
            apply_predictions(
                self._project, batch.batch_id, event.image, (*event.instances, *event.below),
                threshold=thresholds, made=made,
            )  # fmt: skip
        except AppError as error:
            return _Kept(batch, event.image, why_not=str(error))
        return _Kept(batch, event.image, is_written=True)

    def _remember(
        self,
        batch: Batch,
        config: PrelabelConfig,
        event: Prelabelled,
        before: ImageLabels | None,
        after: ImageLabels | None,
    ) -> _Kept:
        """Called in the writer's thread."""
        key = event.image
        try:
            made = keep(self._project, self._confidence.store, event, config)
            if made or after is not None:
                remember(self._project, batch.batch_id, key, before=before, after=after, made=made)
        except AppError as error:
            return _Kept(batch, key, why_not=str(error))
        return _Kept(batch, key)

    def _on_kept(self, kept: _Kept) -> None:
        if kept.is_written:
            self.image_changed.emit(kept.key)
        if kept.why_not:
            kept.batch.unwritten.append(kept.why_not)
            if len(kept.batch.unwritten) == 1:  # a full disk has the same to say of all others
                self.told.emit(kept.why_not)
        self._confidence.look_again(kept.key)
        kept.batch.note_kept()

    def _on_work_ended(self, last: object) -> None:
        if isinstance(last, Failed):  # a bug: nobody knows any more what of them is kept
            for batch in self._batches:
                batch.fail(last.sentence)

    def _on_ended(self, batch: Batch, config: PrelabelConfig, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(" ".join((last.sentence, *_rest(batch))))
        elif isinstance(last, Finished) and last.was_cancelled:
            if rest := _rest(batch):
                self.told.emit(" ".join((tr("The pre-label was cancelled."), rest[0])))
        else:
            self.told.emit(_outcome(batch, weights_name(config.engine.weights)))
            self._ask_if_unsure(batch)

    def _ask_if_unsure(self, batch: Batch) -> None:
        tally = batch.tally
        if not tally.is_unsure:
            return
        n = tally.n_below
        one = tr("1 prediction lies below the threshold of {percent}: show it?")
        several = tr("%n predictions lie below the threshold of {percent}: show them?", "", n)
        sentence = (one if n == 1 else several).format(percent=percent(self._confidence.threshold))
        show = tr("Show it") if n == 1 else tr("Show them")
        answers = ((show, lambda: self._show_from(tally.lowest)), (tr("Leave it"), _nothing))
        self.asked.emit(Notice(sentence, answers, topic=_UNSURE))

    def _show_from(self, score: float) -> None:
        # down to a whole percent, as the slider counts
        self._confidence.move(int(score * 100) / 100)
        self._confidence.settle()


def _nothing() -> None:
    """What an answer does that only takes the notice away."""


def _outcome(batch: Batch, name: str) -> str:
    """What became of a batch with the weights of this name."""
    n_written = batch.n_predicted - len(batch.unwritten)
    images = tr("Pre-labelled {images} with {weights}.")
    with_found = tr("Pre-labelled {images}: {predictions} with {weights}.")
    sentences = [
        (images if batch.unwritten else with_found).format(
            images=n_images(n_written),
            predictions=n_predictions(batch.tally.n_shown),
            weights=name,
        )
    ]
    if batch.n_known:
        known = tr("What {weights} sees in {images} was known from before.")
        sentences.append(known.format(weights=name, images=n_images(batch.n_known)))
    if left_out := (*batch.problems, *batch.unwritten):
        sentences.append(tr("Left out: {reason}").format(reason=first_of(left_out)))
    return " ".join(sentences)


def _rest(batch: Batch) -> tuple[str, ...]:
    """How to go on with a batch of many images that broke off, in a sentence or none."""
    if batch.n_images < 2 or not batch.n_predicted:
        return ()
    sentence = tr(
        "{done} of %n images have their predictions; Pre-label all images goes on with the rest.",
        "",
        batch.n_images,
    )
    return (sentence.format(done=batch.n_predicted),)
