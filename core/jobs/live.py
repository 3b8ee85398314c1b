"""Live: a camera, a video or a folder of frames, with what the engine sees in each.

One frame at a time, always the newest: pixels go through a mapped file, instances through events.
Where whoever watches is behind, nothing is predicted until a slot of the file is free.
"""

import contextlib
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

from core.configs import EngineConfig, LiveConfig
from core.engines import Engine, EngineShelf
from core.evaluation.instances import instances_of as of_classes
from core.evaluation.predictions import NotesOf
from core.events import Event, Finished, LiveFrame, LiveOpened, Noted, Waiting
from core.jobs import JobSpec
from core.live.capture import Capture, Captured, Opened
from core.live.frames import FramesWriter
from core.live.sources import Ended, Source, open_source
from core.types import Detections, Instance

_LOWEST_SCORE = 0.05
_HEARTBEAT_S = 0.1
_LOOK_FOR_ROOM_S = 0.002
_SILENT_S = 5.0
_LAST_LOOK_S = 5.0


def run(config: LiveConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Yields LiveOpened and LiveFrame until the source ends; the result says why it did."""
    return watched(config, engines, open_it=open_source)


def watched(
    config: LiveConfig, engines: EngineShelf, *, open_it: Callable[[str], Source]
) -> Generator[Event, None, None]:
    """As `run`, with a source that is opened in another way."""
    capture = Capture(lambda: open_it(config.source), is_looped=config.is_looped)
    writer = FramesWriter(Path(config.frames_file))
    with contextlib.closing(capture), contextlib.closing(writer):
        opened = yield from _opened(capture)
        engine = yield from engines.engine(_with_low_scores(config.engine))
        notes = NotesOf(engine)
        yield from notes.new()
        capture.play()
        live = _Live(config, capture, writer, engine, notes)
        yield live.opened(opened)
        ended = yield from live.events()
        yield from _until_released(writer)
    yield Finished(
        {"reason": ended.sentence, "frames": capture.n_frames, "predicted": live.n_predicted}
    )


JOBS = (JobSpec("live", LiveConfig, run),)


class _Live:
    """A source, an engine, and whoever watches."""

    def __init__(
        self,
        config: LiveConfig,
        capture: Capture,
        writer: FramesWriter,
        engine: Engine,
        notes: NotesOf,
    ) -> None:
        self.n_predicted = 0
        self._capture = capture
        self._writer = writer
        self._engine = engine
        self._notes = notes
        self._source_of_instances = Path(config.engine.weights).name
        self._title = ""
        self._heard_at_s = time.monotonic()
        self._is_silent = False

    def opened(self, source: Opened) -> LiveOpened:
        self._title = source.title
        self._heard_at_s = time.monotonic()
        names = tuple(self._engine.class_names)
        return LiveOpened(source.title, names, self._engine.device, source.frames_per_s)

    def events(self) -> Generator[Event, None, Ended]:
        """Until the source ends; each moment it can be cancelled."""
        while True:
            has_room = self._writer.has_room
            timeout_s = _HEARTBEAT_S if has_room else _LOOK_FOR_ROOM_S
            said = self._capture.take(timeout_s=timeout_s, wants_frame=has_room)
            if isinstance(said, Captured):
                frame = self._frame(said)
                yield from self._notes.new()
                yield frame
            elif isinstance(said, Opened):
                yield self.opened(said)
            elif isinstance(said, Ended):
                return said
            elif said is not None:
                self._is_silent = True  # and somebody was told
                yield said
            else:
                yield self._nothing(has_room=has_room)

    def _frame(self, captured: Captured) -> LiveFrame:
        begun_s = time.monotonic()
        (found,) = self._engine.predict([captured.rgb])
        instances = instances_of(found, source=self._source_of_instances)
        predicted_in_s = time.monotonic() - begun_s
        self._heard_at_s = time.monotonic()
        self._is_silent = False
        slot = self._writer.write(captured.rgb, number=captured.number)
        assert slot is not None, "there was room when the frame was taken"
        self.n_predicted += 1
        return LiveFrame(
            number=captured.number,
            frames_file=slot.frames_file,
            slot=slot.slot,
            size_hw=(captured.rgb.shape[0], captured.rgb.shape[1]),
            captured_at_s=captured.at_s,
            predicted_in_s=predicted_in_s,
            instances=instances,
        )

    def _nothing(self, *, has_room: bool) -> Event:
        if not has_room or self._is_silent or time.monotonic() < self._heard_at_s + _SILENT_S:
            return Waiting()
        self._is_silent = True
        return Noted(
            f"{self._title} has given no picture for {_SILENT_S:.0f} seconds. If it is a camera,"
            " look whether it is plugged in, and whether another program uses it. The live view"
            " goes on as soon as there is a picture."
        )


def instances_of(found: Detections, *, source: str) -> tuple[Instance, ...]:
    """Detections as instances whose class ids are the weights' class indices."""
    class_ids = {int(index): int(index) for index in found.class_ids}
    made = of_classes(found, class_ids, source=source, is_exact=False)
    return tuple(one for one in made if one is not None)


def _with_low_scores(config: EngineConfig) -> EngineConfig:
    return replace(config, score=_LOWEST_SCORE) if config.score is None else config


def _opened(capture: Capture) -> Generator[Event, None, Opened]:
    """Waits for the source; notes about it are passed on."""
    while not isinstance(said := capture.take(timeout_s=_HEARTBEAT_S, wants_frame=False), Opened):
        yield said if isinstance(said, Noted) else Waiting()
    return said


def _until_released(writer: FramesWriter) -> Generator[Event, None, None]:
    """Gives whoever watches the time to look at the last frames, before they are removed."""
    until_s = time.monotonic() + _LAST_LOOK_S
    while not writer.is_all_released and time.monotonic() < until_s:
        yield Waiting()
        time.sleep(_LOOK_FOR_ROOM_S)
