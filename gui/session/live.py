"""The live view: a child watches a source with the engine, the newest frame of it is shown."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from core.configs import LiveConfig
from core.errors import AppError
from core.events import Failed, Finished, LiveFrame, LiveOpened, Noted, Progress
from core.live.frames import FramesReader
from gui.runs import ProcessRun, Run
from gui.session.weights import engine_config
from gui.session.work import Work
from gui.settings import Settings
from gui.texts import QT_TR_NOOP, tr

LOWEST_SCORE = 0.1
"""What the engine is less sure of is not asked for: it would cost time in every frame."""
_SOURCES = {"file": "live_file", "folder": "live_folder"}
"""The setting that holds the path of each kind of source; cameras have a number."""
_OPENED_AGAIN = QT_TR_NOOP("Load the model and open the source once more.")
_NOT_CHOSEN = {
    "file": QT_TR_NOOP("Choose a video file first."),
    "folder": QT_TR_NOOP("Choose a folder of frames first."),
}


@dataclass(frozen=True, slots=True, eq=False)
class LivePicture:
    """A frame that is shown, with all that is needed to keep it."""

    frame: LiveFrame
    opened: LiveOpened
    weights: str
    bgra: npt.NDArray[np.uint8]
    """(H, W, 4) uint8, as Qt's RGB32 has it on a little-endian machine. Nobody changes it."""


@dataclass(frozen=True, slots=True)
class LiveNews:
    """What is to be said about the source, and the way on."""

    sentence: str = ""
    """Empty while frames come."""
    answer: str = ""
    """The text of the button that leads on; empty: there is none."""
    explanation: str = ""
    """What the button does, in a sentence."""
    act: Callable[[], object] = bool
    progress: Progress | None = None


class _Watch:
    """One child that watches a source, and the folder of the frames it hands over."""

    def __init__(
        self, config: LiveConfig, folder: Path, command: Sequence[str], parent: QObject
    ) -> None:
        self.config = config
        self.reader = FramesReader()
        self.opened: LiveOpened | None = None
        self._folder = folder
        self.run = ProcessRun("live", config, command=command, parent=parent)

    def end(self) -> None:
        """Ends the child at once, and removes what it wrote."""
        self.run.leave_now()
        self.remove()

    def pixels_of(self, frame: LiveFrame) -> npt.NDArray[np.uint8] | None:
        """A copy of its pixels as LivePicture has them; None: it is gone. It is released then."""
        rgb = self.reader.read(frame.frames_file, frame.slot, frame.number)
        # One pass: Qt would convert RGB with every painting, and a slot is kept for a moment only.
        bgra = None if rgb is None else cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA)
        self.release(frame)
        return None if bgra is None else np.asarray(bgra, np.uint8)

    def release(self, frame: LiveFrame) -> None:
        """Gives the slot of a frame back."""
        self.reader.release(frame.frames_file, frame.slot)

    def remove(self) -> None:
        """Removes what the child wrote."""
        self.reader.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Live(QObject):
    """Starts and stops the child, and hands on its newest frame."""

    changed = Signal()
    """It goes or rests, is paused or goes on, or `news` or `notes` are others."""
    opened = Signal(object)
    """LiveOpened: frames are counted from 0 again."""
    shown = Signal(object)
    """LivePicture: the newest frame. One that came late, after a newer one, is never handed on."""
    page_wanted = Signal(str)
    """The name of the page that a person asked for."""
    weights_wanted = Signal()
    """A person wants to choose weights."""

    def __init__(
        self,
        settings: Settings,
        work: Work,
        *,
        device_now: Callable[[str], str],
        command: Sequence[str] = (),
        parent: QObject | None = None,
    ) -> None:
        """Watches nothing yet.

        Args:
            settings: what to watch, and with which weights.
            work: tells when a fine-tune begins.
            device_now: where predictions are made now, of the device that is wished.
            command: what starts a child process, if not the usual.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self.news = LiveNews()
        self.notes: tuple[str, ...] = ()
        """What the engine said that holds for all of its frames, in its order."""
        self.picture: LivePicture | None = None
        """The last one that was handed on; it stays when the source has ended."""
        self.opened_last: LiveOpened | None = None
        """What the source that was opened last said of itself."""
        self.weights = ""
        """Those that it is watched with."""
        self.is_paused = False
        self._settings = settings
        self._device_now = device_now
        self._command = command
        self._watch: _Watch | None = None
        self._leaving: list[_Watch] = []
        """They were told to stop, and have not yet."""
        self._is_to_start = False
        self._newest: LiveFrame | None = None
        self._held: list[LiveFrame] = []
        """Frames of a pause: while their slots are taken, the child predicts nothing."""
        self._soon = QTimer(self, singleShot=True, interval=0)
        # A timer waits until every event that is there already has been taken.
        self._soon.timeout.connect(self._hand_on)
        work.run_started.connect(self._on_run_started)

    @property
    def is_going(self) -> bool:
        """Whether a source is watched, or about to be."""
        return self._watch is not None or self._is_to_start

    def start(self) -> None:
        """Watches the source that the settings name; `news` tells why where it does not."""
        if self.is_going:
            return
        self.is_paused = False
        if self._leaving:  # a camera can be opened once
            self._is_to_start = True
            waits = tr("Waiting until the last live view has let go of its source…")
            self._say(LiveNews(waits))
            return
        try:
            config = self._config()
        except _NoSource as error:
            self._say(LiveNews(str(error)))
        except AppError as error:
            leads_on = tr("Go to the Pre-label panel, where weights are chosen.")
            wanted = self.weights_wanted.emit
            self._say(LiveNews(str(error), tr("Choose weights"), leads_on, act=wanted))
        else:
            self._begin(config)

    def stop(self) -> None:
        """Ends it; what is shown stays."""
        self._is_to_start = False
        self.is_paused = False
        if (watch := self._let_go()) is not None:
            self._leaving.append(watch)
            watch.run.cancel()
        self._say(LiveNews())

    def start_or_stop(self) -> None:
        """Ends what goes on, or begins."""
        if self.is_going:
            self.stop()
        else:
            self.start()

    def pause_or_go_on(self) -> None:
        """Keeps the picture as it is, or follows the source again; starts where nothing goes."""
        if not self.is_going:
            self.start()
            return
        self.is_paused = not self.is_paused
        if not self.is_paused:
            self._release_held()
        self.changed.emit()

    def source_chosen(self) -> None:
        """The settings name another source: what goes on goes over to it."""
        if self.is_going:
            self.stop()
            self.start()
        else:
            self._say(LiveNews())

    def leave(self) -> None:
        """Ends every child without waiting for it."""
        watches = [*self._leaving, *([self._watch] if self._watch else [])]
        self._let_go()
        self._leaving.clear()
        self._is_to_start = False
        for watch in watches:
            watch.end()

    def _config(self) -> LiveConfig:
        source = chosen_source(self._settings)
        engine = engine_config(self._settings)
        device = self._device_now(engine.device)
        engine = replace(engine, score=LOWEST_SCORE, device=device)
        folder = tempfile.mkdtemp(prefix="maskloop-live-")
        is_looped = bool(self._settings.whole("live_is_looped"))
        return LiveConfig(engine, source, str(Path(folder, "frames")), is_looped=is_looped)

    def _begin(self, config: LiveConfig) -> None:
        watch = _Watch(config, Path(config.frames_file).parent, self._command, self)
        self._watch = watch
        watch.run.reported.connect(lambda event: self._on_reported(watch, event))
        watch.run.ended.connect(lambda last: self._on_ended(watch, last))
        self.notes = ()
        self._say(LiveNews(tr("The model is being loaded…")))

    def _let_go(self) -> _Watch | None:
        if self._newest is not None:
            self._held.append(self._newest)
        self._newest = None
        self._release_held()
        watch, self._watch = self._watch, None
        return watch

    def _release_held(self) -> None:
        while self._held and self._watch is not None:
            self._watch.release(self._held.pop())

    def _say(self, news: LiveNews) -> None:
        self.news = news
        self.changed.emit()

    def _on_reported(self, watch: _Watch, event: object) -> None:
        if watch is not self._watch:
            if isinstance(event, LiveFrame):
                watch.release(event)  # or the child would wait for it
        elif isinstance(event, LiveFrame):
            self._take(watch, event)
        elif isinstance(event, LiveOpened):
            watch.opened = self.opened_last = event
            self.weights = watch.config.engine.weights
            self._say(LiveNews())
            self.opened.emit(event)
        elif isinstance(event, Progress):
            self._say(LiveNews(event.what, progress=event))
        elif isinstance(event, Noted) and event.lasts:
            self.notes += (event.sentence,)
            self.changed.emit()
        elif isinstance(event, Noted):
            self._hand_on()  # what came before it must not take the words away
            self._say(LiveNews(event.sentence))

    def _take(self, watch: _Watch, frame: LiveFrame) -> None:
        if self._newest is not None:
            watch.release(self._newest)
        self._newest = frame
        self._soon.start()

    def _hand_on(self) -> None:
        watch, frame, self._newest = self._watch, self._newest, None
        if watch is None or frame is None or watch.opened is None:
            return
        if self.is_paused:
            self._held.append(frame)
        elif (pixels := watch.pixels_of(frame)) is not None:
            weights = watch.config.engine.weights
            self.picture = LivePicture(frame, watch.opened, weights, pixels)
            if self.news.sentence:
                self._say(LiveNews())
            self.shown.emit(self.picture)

    def _on_ended(self, watch: _Watch, last: object) -> None:
        if watch is self._watch:
            self._hand_on()  # the last frame of a film
            self._let_go()
            self.is_paused = False
            self._say(self._last_news(watch, last))
        watch.remove()
        watch.run.deleteLater()
        if watch in self._leaving:
            self._leaving.remove(watch)
        if self._is_to_start and not self._leaving:
            self._is_to_start = False
            self.start()

    def _last_news(self, watch: _Watch, last: object) -> LiveNews:
        if isinstance(last, Failed):
            again = tr(_OPENED_AGAIN)
            return LiveNews(last.sentence, tr("Start again"), again, act=self.start)
        reason = last.result.get("reason") if isinstance(last, Finished) else ""
        sentence = str(reason or tr("The source has come to its end."))
        return LiveNews(sentence, tr("Again"), tr("Watch it from its start."), act=self.start)

    def _on_run_started(self, run: Run) -> None:
        """A fine-tune that begins gets the device: what goes on here moves to the CPU."""
        watch = self._watch
        if watch is None or not run.is_training:
            return
        wished = self._settings.text("device")
        if self._device_now(wished) != watch.config.engine.device:
            self.stop()
            self.start()


class _NoSource(AppError):
    """Nothing to watch is chosen."""


def chosen_source(settings: Settings) -> str:
    """The source that the settings name, as LiveConfig has it.

    Raises:
        AppError: no file or folder is chosen.
    """
    kind = settings.text("live_kind")
    if kind not in _SOURCES:
        return f"camera:{settings.whole('live_camera')}"
    path = settings.text(_SOURCES[kind])
    if not path:
        raise _NoSource(tr(_NOT_CHOSEN[kind]))
    return path
