"""Assisted drawing: what a model sees where a person points, asked of the engine's process."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from core.assist import AssistModel, model_named
from core.configs import AssistConfig, AssistFetchConfig, EngineConfig, SegmentBoxConfig
from core.errors import AppError
from core.events import Assisted, Failed, Finished
from gui.runs import EngineProcess, EngineRequest
from gui.session.model_download import ModelDownload
from gui.settings import Settings
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.notices import Notice
from gui.widgets.words import progress_text, size_text

MISSING_TOPIC = "assist_missing"
_LOOKING = QT_TR_NOOP("The assistant looks at the image; a click is answered as soon as it has.")
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
    class_names: tuple[str, ...] = ()
    """Which of their classes it may be; empty: any."""


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """The weights of the project, as one who outlines in a box."""

    engine: Callable[[], EngineConfig]
    """AppError says why they cannot."""
    targets: Callable[[], Mapping[str, str]]
    """For each of their classes the class of the folder, empty for ignored."""


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
        own: OwnWeights,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is asked before a tool begins, and nothing downloaded before a person says so.

        Args:
            engine: what runs the models.
            settings: `assist_model` and `assist_text_model`.
            path_of: the file of an image.
            next_key: the image that is likely to be opened next, or empty.
            own: the weights of the project.
            clock: in seconds.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self.why_not = ""
        """Why the model is missing."""
        self._readiness = Readiness.UNASKED
        self._a_click = ""
        """What it does where the model is missing, in a sentence."""
        self._engine, self._settings, self._clock = engine, settings, clock
        self._path_of, self._next_key, self.own = path_of, next_key, own
        self._key = ""
        """The image that a tool is on; empty while none is taken."""
        self._looking: EngineRequest | None = None
        """The embedding of that image, on its way."""
        self._ahead: EngineRequest | None = None
        self._asking: EngineRequest | None = None
        self._told = ""
        self._answer_took_s: float | None = None
        self._download = ModelDownload(self)
        self._download.changed.connect(self.changed)
        self._download.ended.connect(self._on_downloaded)
        self._download.cancelled.connect(self._on_download_cancelled)
        self._download.asked.connect(self.asked)
        self._download.answered.connect(self.answered)
        settings.changed.connect(self._on_setting_changed)

    @property
    def readiness(self) -> Readiness:
        """How far the model of points and boxes is with the image that a tool is on."""
        is_downloading = self._download.progress is not None
        return Readiness.DOWNLOADING if is_downloading else self._readiness

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
        if self._download.progress is not None:
            return f"{progress_text(self._download.progress)}."
        if self._readiness is Readiness.LOOKING:
            return tr(_LOOKING)
        if self._readiness is Readiness.MISSING and self._key:
            first = self.why_not.split(". ")[0].rstrip(".")
            return f"{first}. {self._a_click}"
        return ""

    def begin(self, key: str) -> None:
        """Says that a tool is on this image: the model gets ready for it, and for the next one."""
        if key == self._key:
            return
        self._key = key
        if self._readiness is not Readiness.MISSING:  # a click tries again
            self._look()

    def end(self) -> None:
        """Says that no tool is taken any more. A download goes on."""
        self.forget()
        self._key = ""
        self._stop_looking()
        if self._readiness in (Readiness.LOOKING, Readiness.READY):
            self._set(Readiness.UNASKED)

    def ask(self, prompt: Prompt, then: Then) -> None:
        """Asks, in the place of what was asked before; `then` gets the answer, if one comes.

        A click downloads the model if it is not here, as the strip above the canvas says. That of
        texts is another, larger one: it is offered first, and the text asked again when it is here.
        """
        self.forget()
        try:
            (self._ask_if_here if prompt.text else self._ask_now)(prompt, then)
        except AppError as error:
            self._tell(str(error))
            then(None)
        self.changed.emit()

    def forget(self) -> None:
        """Lets the answer to what was asked not come any more."""
        asking, self._asking = self._asking, None
        self._withdraw(asking)

    def cancel_download(self) -> None:
        """Stops the download; a click in the image begins it again."""
        if self._download.progress is not None:
            for waiting in (self._asking, self._looking, self._ahead):  # each would download
                self._withdraw(waiting)
            self._download.cancel()

    def try_again(self) -> None:
        """Looks once more whether the model can be had."""
        self._told = ""
        if self._key:
            self._look()
        else:
            self._set(Readiness.UNASKED)

    # Asking

    def _ask_now(self, prompt: Prompt, then: Then) -> None:
        is_looked_at = self.readiness is Readiness.READY
        is_of_model = not prompt.by_own_weights and not prompt.text
        asking, began_s = self._request(prompt), self._clock()
        self._asking = asking
        self._download.follow(asking)

        def on_reported(event: object) -> None:
            if isinstance(event, Assisted) and asking is self._asking:
                if is_looked_at and is_of_model:
                    self._answer_took_s = self._clock() - began_s
                self._asking = None
                then(event)
                self.changed.emit()

        def on_ended(last: object) -> None:
            if isinstance(last, Failed) and is_of_model:
                self._fail(last.sentence, self._model(), self.try_again)
            elif isinstance(last, Failed):
                self._tell(last.sentence)
            elif is_of_model and _is_done(last) and prompt.key == self._key:
                self._set(Readiness.READY)
            if asking is self._asking:
                self._asking = None
                then(None)
                self.changed.emit()

        asking.reported.connect(on_reported)
        asking.ended.connect(on_ended)

    def _request(self, prompt: Prompt) -> EngineRequest:
        path, box = self._path_of(prompt.key), prompt.box_xyxy
        if prompt.by_own_weights and box is not None:
            own = SegmentBoxConfig(self.own.engine(), path, box, prompt.class_names)
            return self._engine.ask("segment_box", own, goes_first=True)
        model = self._model(reads=bool(prompt.text))
        config = AssistConfig(path, model, prompt.points, box, prompt.text)
        return self._engine.ask("assist", config, goes_first=True)

    def _ask_if_here(self, prompt: Prompt, then: Then) -> None:
        model = self._model(reads=True)
        looking = self._embedding(prompt.key, model, goes_first=True)
        self._asking = looking

        def ask_again() -> None:
            if prompt.key == self._key and not self.is_asked:
                self.ask(prompt, then)

        def on_ended(last: object) -> None:
            if looking is not self._asking:
                return
            self._asking = None
            if _is_here(last):
                self._ask_now(prompt, then)
            else:
                then(None)
            if isinstance(last, Failed):
                self._tell(last.sentence)
            elif _is_done(last) and not _is_here(last):
                self._told = ""  # it was asked for
                self._offer(model, ask_again)
            self.changed.emit()

        looking.ended.connect(on_ended)

    # Getting ready

    def _model(self, *, reads: bool = False) -> str:
        return self._settings.text("assist_text_model" if reads else "assist_model")

    def _look(self) -> None:
        """Embeds the image that a tool is on."""
        self._stop_looking()
        looking = self._embedding(self._key, self._model(), goes_first=True)
        self._looking = looking
        self._set(Readiness.LOOKING)
        looking.ended.connect(lambda last: self._on_looked(looking, last))

    def _embedding(self, key: str, model: str, *, goes_first: bool) -> EngineRequest:
        config = AssistConfig(self._path_of(key), model)
        return self._engine.ask("assist", config, goes_first=goes_first)

    def _on_looked(self, looking: EngineRequest, last: object) -> None:
        if looking is not self._looking:
            return
        self._looking = None
        if isinstance(last, Failed):
            self._fail(last.sentence, self._model(), self.try_again)
        elif _is_here(last):
            self._set(Readiness.READY)
            if key := self._next_key():  # what fails is told when somebody is there
                self._ahead = self._embedding(key, self._model(), goes_first=False)
        elif _is_done(last):
            self._offer(self._model(), self.try_again)

    def _stop_looking(self) -> None:
        looking, self._looking = self._looking, None
        ahead, self._ahead = self._ahead, None
        self._withdraw(looking)
        self._withdraw(ahead)

    def _withdraw(self, request: EngineRequest | None) -> None:
        """Ends a request; but a download is for every request that comes after it."""
        if request is not None and request.is_going and not self._download.is_of(request):
            request.cancel()

    # Where a model is missing

    def _offer(self, name: str, then: Callable[[], None]) -> None:
        why_not, does = _not_here(model_named(name))
        if name == self._model():
            self._set(Readiness.MISSING, why_not=why_not, a_click=tr("A click downloads it."))
        self._tell(f"{why_not} {does}", (tr("Download"), lambda: self._fetch(name, then)))

    def _fetch(self, name: str, then: Callable[[], None]) -> None:
        """Downloads a model, if it is not here."""
        self._told = ""
        fetching = self._engine.ask("assist_fetch", AssistFetchConfig(name), goes_first=True)
        self._download.follow(fetching)

        def on_ended(last: object) -> None:
            if isinstance(last, Failed):
                self._fail(last.sentence, name, then)
            elif _is_done(last):
                then()

        fetching.ended.connect(on_ended)

    def _on_downloaded(self) -> None:
        if self._readiness is Readiness.MISSING and self._key:
            self._look()
        else:
            self.changed.emit()

    def _on_download_cancelled(self) -> None:
        if self._readiness in (Readiness.MISSING, Readiness.LOOKING):
            why_not = tr("The download was cancelled.")
            self._set(Readiness.MISSING, why_not=why_not, a_click=tr("A click begins it again."))
        self.changed.emit()

    def _fail(self, sentence: str, name: str, then: Callable[[], None]) -> None:
        if name == self._model():
            self._set(Readiness.MISSING, why_not=sentence)
        self._tell(sentence, (tr("Try again"), lambda: self._fetch(name, then)))

    def _tell(self, sentence: str, *answers: tuple[str, Callable[[], object]]) -> None:
        if sentence != self._told:  # the strip above the canvas goes on saying it
            self._told = sentence
            self.asked.emit(Notice(sentence, answers, topic=MISSING_TOPIC))

    def _on_setting_changed(self, name: str) -> None:
        if name == "assist_model":
            self._answer_took_s = None
            self.cancel_download()
            self.try_again()

    def _set(self, readiness: Readiness, *, why_not: str = "", a_click: str = "") -> None:
        if readiness is Readiness.READY:
            self._told = ""
            self.answered.emit(MISSING_TOPIC)
        self._readiness, self.why_not = readiness, why_not
        self._a_click = a_click or tr("A click tries again.")
        self.changed.emit()


def _not_here(model: AssistModel) -> tuple[str, str]:
    """That a model is not here, and what it is good for, a sentence each."""
    finds = tr("It finds what a text names; others are in the settings.")
    outlines = tr("It outlines what you point at; others are in the settings.")
    why_not = tr("{model} is not on this machine yet ({size}, {licence}).").format(
        model=model.title, size=size_text(model.n_bytes), licence=model.licence
    )
    return why_not, finds if model.takes_text else outlines


def _is_done(last: object) -> bool:
    return isinstance(last, Finished) and not last.was_cancelled


def _is_here(last: object) -> bool:
    """Whether a request went well, and its model is on this machine."""
    return isinstance(last, Finished) and _is_done(last) and bool(last.result.get("is_here"))
