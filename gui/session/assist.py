"""Assisted drawing: what a model sees where a person points, asked of the engine's process."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from core.assist import model_named
from core.configs import AssistConfig, AssistFetchConfig, EngineConfig, SegmentBoxConfig
from core.errors import AppError
from core.events import Assisted, Failed, Finished, Progress
from gui.runs import EngineProcess, EngineRequest
from gui.settings import Settings
from gui.widgets.notices import Notice
from gui.widgets.words import progress_text, size_text

DOWNLOAD_TOPIC = "assist download"
MISSING_TOPIC = "assist missing"
_QUICK_S = 0.25
"""An answer within it can follow the mouse."""

Then: TypeAlias = Callable[[Assisted | None], object]
"""Takes the answer; None where none comes."""


class Readiness(Enum):
    """How far the model is with the image that a person is on."""

    UNASKED = 0
    DOWNLOADING = 1
    LOOKING = 2
    """It is loaded, and the embedding of the image computed."""
    READY = 3
    MISSING = 4
    """It cannot be used; `why_not` says why."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked about one image: by points, a box, or a text."""

    key: str
    points: tuple[tuple[float, float, bool], ...] = ()
    """x, y in pixels of the image, and whether the instance is there."""
    box_xyxy: tuple[float, float, float, float] | None = None
    text: str = ""
    by_own_weights: bool = False
    """Whether the weights of the project segment in the box, not the assist model."""


class Assist(QObject):
    """Only the latest prompt counts. The open image is embedded ahead, then the next one."""

    changed = Signal()
    """`readiness`, what is downloaded, or whether an answer is awaited."""
    asked = Signal(object)
    """Notice."""
    answered = Signal(str)
    """The topic of a notice that may go."""

    def __init__(
        self,
        engine: EngineProcess,
        settings: Settings,
        *,
        path_of: Callable[[str], str],
        next_key: Callable[[], str],
        own_engine: Callable[[], EngineConfig],
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is asked, and nothing downloaded, before a tool begins.

        Args:
            engine: what runs the models.
            settings: `assist_model` and `assist_text_model`.
            path_of: the file of an image.
            next_key: the image that is likely to be opened next, or empty.
            own_engine: the weights of the project; AppError says why they cannot segment in a box.
            clock: in seconds.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self.readiness = Readiness.UNASKED
        self.why_not = ""
        self._a_click = ""
        """What it does where the model is missing."""
        self.progress: Progress | None = None
        """Of the download that goes on."""
        self._engine, self._settings, self._clock = engine, settings, clock
        self._path_of, self._next_key, self._own_engine = path_of, next_key, own_engine
        self._key = ""
        """The image that a tool is on; empty while none is taken."""
        self._looking: EngineRequest | None = None
        """The embedding of that image, on its way."""
        self._ahead: EngineRequest | None = None
        self._asking: EngineRequest | None = None
        self._downloading: EngineRequest | None = None
        self._told = ""
        self._answer_took_s: float | None = None
        settings.changed.connect(self._on_setting_changed)

    @property
    def is_asked(self) -> bool:
        """Whether an answer is awaited."""
        return self._asking is not None

    @property
    def is_quick(self) -> bool:
        """Whether an answer can follow the mouse, as far as that is known."""
        took_s = self._answer_took_s
        return self.readiness is Readiness.READY and (took_s is None or took_s <= _QUICK_S)

    @property
    def words(self) -> str:
        """What a person should know before they point somewhere; empty where all is ready."""
        if self.readiness is Readiness.DOWNLOADING and self.progress is not None:
            return f"{progress_text(self.progress)}."
        if self.readiness is Readiness.LOOKING:
            return "The assistant looks at the image; a click is answered as soon as it has."
        if self.readiness is Readiness.MISSING:
            first = self.why_not.split(". ")[0].rstrip(".")
            return f"{first}. A click {self._a_click}."
        return ""

    def begin(self, key: str) -> None:
        """Says that a tool is on this image: the model gets ready for it, and for the next one."""
        if key == self._key:
            return
        self._key = key
        if self.readiness is not Readiness.MISSING:  # a click tries again
            self._look()

    def end(self) -> None:
        """Says that no tool is taken any more. A download goes on."""
        self.forget()
        self._key = ""
        self._stop_looking()
        if self.readiness in (Readiness.LOOKING, Readiness.READY):
            self._set(Readiness.UNASKED)

    def ask(self, prompt: Prompt, then: Then) -> None:
        """Asks, in the place of what was asked before; `then` gets the answer, if one comes."""
        self.forget()
        is_looked_at = self.readiness is Readiness.READY
        try:
            asking = self._request(prompt)
        except AppError as error:
            self._tell(str(error))
            then(None)
            return
        self._asking = asking
        began_s = self._clock()

        def on_reported(event: object) -> None:
            self._on_progress(asking, event)
            if isinstance(event, Assisted) and asking is self._asking:
                if is_looked_at and not prompt.by_own_weights:
                    self._answer_took_s = self._clock() - began_s
                self._asking = None
                then(event)
                self.changed.emit()

        def on_ended(last: object) -> None:
            is_of_model = not prompt.by_own_weights and not prompt.text
            self._on_request_ended(asking, last, is_of_model=is_of_model)
            if is_of_model and _is_done(last) and prompt.key == self._key:
                self._set(Readiness.READY)
            if asking is self._asking:
                self._asking = None
                then(None)
                self.changed.emit()

        asking.reported.connect(on_reported)
        asking.ended.connect(on_ended)
        self.changed.emit()

    def forget(self) -> None:
        """Lets the answer to what was asked not come any more."""
        asking, self._asking = self._asking, None
        self._withdraw(asking)

    def download(self) -> None:
        """Downloads the model, if it is not here, and looks at the image then."""
        if self._downloading is not None:
            return
        config = AssistFetchConfig(self._settings.text("assist_model"))
        fetching = self._engine.ask("assist_fetch", config, goes_first=True)

        def on_ended(last: object) -> None:
            self._on_request_ended(fetching, last, is_of_model=True)
            if _is_done(last):
                self.try_again()

        fetching.reported.connect(lambda event: self._on_progress(fetching, event))
        fetching.ended.connect(on_ended)

    def cancel_download(self) -> None:
        """Stops the download; a click in the image begins it again."""
        downloading = self._downloading
        if downloading is not None:
            for waiting in (self._asking, self._looking, self._ahead):  # each would download
                self._withdraw(waiting)
            downloading.cancel()

    def try_again(self) -> None:
        """Looks once more whether the model can be had."""
        self._told = ""
        if self._key:
            self._look()
        else:
            self._set(Readiness.UNASKED)

    # Inside

    def _request(self, prompt: Prompt) -> EngineRequest:
        path = self._path_of(prompt.key)
        if prompt.by_own_weights and prompt.box_xyxy is not None:
            own = SegmentBoxConfig(self._own_engine(), path, prompt.box_xyxy)
            return self._engine.ask("segment_box", own, goes_first=True)
        model = "assist_text_model" if prompt.text else "assist_model"
        config = AssistConfig(
            path, self._settings.text(model), prompt.points, prompt.box_xyxy, prompt.text
        )
        return self._engine.ask("assist", config, goes_first=True)

    def _look(self) -> None:
        """Embeds the image that a tool is on."""
        self._stop_looking()
        looking = self._embedding(self._key, goes_first=True)
        self._looking = looking
        if self._downloading is None:
            self._set(Readiness.LOOKING)
        looking.reported.connect(lambda event: self._on_progress(looking, event))
        looking.ended.connect(lambda last: self._on_looked(looking, last))

    def _embedding(self, key: str, *, goes_first: bool) -> EngineRequest:
        config = AssistConfig(self._path_of(key), self._settings.text("assist_model"))
        return self._engine.ask("assist", config, goes_first=goes_first)

    def _on_looked(self, looking: EngineRequest, last: object) -> None:
        is_latest = looking is self._looking
        if is_latest:
            self._looking = None
        self._on_request_ended(looking, last, is_of_model=is_latest)
        if not is_latest or not _is_done(last):
            return
        if isinstance(last, Finished) and last.result.get("is_here") is False:
            self._offer_download()
        else:
            self._set(Readiness.READY)
            self._look_ahead()

    def _look_ahead(self) -> None:
        """Whoever is there soon finds the model ready; what fails is told then."""
        if key := self._next_key():
            self._ahead = self._embedding(key, goes_first=False)

    def _stop_looking(self) -> None:
        looking, self._looking = self._looking, None
        ahead, self._ahead = self._ahead, None
        self._withdraw(looking)
        self._withdraw(ahead)

    def _withdraw(self, request: EngineRequest | None) -> None:
        """Ends a request; but a download is for every request that comes after it."""
        if request is not None and request.is_going and request is not self._downloading:
            request.cancel()

    def _on_progress(self, request: EngineRequest, event: object) -> None:
        if isinstance(event, Progress) and event.unit == "bytes":
            if self._downloading is not request:
                self._downloading = request
                self.answered.emit(MISSING_TOPIC)
                self._show_download(event)
            self.progress = event
            self._set(Readiness.DOWNLOADING)
        elif request is self._downloading:
            self._on_downloaded()
            self._set(Readiness.LOOKING if self._key else Readiness.UNASKED)

    def _on_downloaded(self) -> None:
        self._downloading, self.progress = None, None
        self.answered.emit(DOWNLOAD_TOPIC)

    def _on_request_ended(self, request: EngineRequest, last: object, *, is_of_model: bool) -> None:
        was_downloading = request is self._downloading
        if was_downloading:
            self._on_downloaded()
        if isinstance(last, Failed):
            if is_of_model:
                self._set(Readiness.MISSING, why_not=last.sentence)
            again = (("Try again", self.download),) if is_of_model else ()
            self._tell(last.sentence, *again)
        elif was_downloading and isinstance(last, Finished) and last.was_cancelled:
            why_not = "The download was cancelled"
            self._set(Readiness.MISSING, why_not=why_not, a_click="begins it again")
        if self.readiness is Readiness.DOWNLOADING and self._downloading is None:
            self._set(Readiness.UNASKED)

    def _offer_download(self) -> None:
        model = model_named(self._settings.text("assist_model"))
        size = f"{size_text(model.n_bytes)}, {model.licence}"
        why_not = f"{model.title} is not on this machine yet ({size})"
        self._set(Readiness.MISSING, why_not=why_not, a_click="downloads it")
        self._tell(f"{why_not}. It outlines what you point at.", ("Download", self.download))

    def _show_download(self, progress: Progress) -> None:
        size = f" ({size_text(progress.total)})" if progress.total else ""
        sentence = f"{progress.what}{size}: needed once, and kept on this machine."
        answers = (("Cancel", self.cancel_download),)
        self.asked.emit(Notice(sentence, answers, topic=DOWNLOAD_TOPIC))

    def _tell(self, sentence: str, *answers: tuple[str, Callable[[], object]]) -> None:
        if sentence != self._told:  # the strip above the canvas goes on saying it
            self._told = sentence
            self.asked.emit(Notice(sentence, answers, topic=MISSING_TOPIC))

    def _on_setting_changed(self, name: str) -> None:
        if name == "assist_model":
            self._answer_took_s = None
            self.cancel_download()
            self.try_again()

    def _set(
        self, readiness: Readiness, *, why_not: str = "", a_click: str = "tries again"
    ) -> None:
        if readiness is Readiness.READY:
            self._told = ""
            self.answered.emit(MISSING_TOPIC)
        self.readiness, self.why_not, self._a_click = readiness, why_not, a_click
        self.changed.emit()


def _is_done(last: object) -> bool:
    return isinstance(last, Finished) and not last.was_cancelled
