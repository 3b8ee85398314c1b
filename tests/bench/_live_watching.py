"""A live job in its child, watched as the window does: events are parsed, pixels read, released."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np

from core.configs import LiveConfig, to_json
from core.events import Event, Failed, Finished, LiveFrame, from_values
from core.images import read_image
from core.live.frames import FramesReader

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"


def film(path: Path, *, seconds: float, frames_per_s: float) -> Path:
    """A video of 640 x 480 in which drawn shapes pass by, for which the golden models are made."""
    image = cv2.cvtColor(read_image(GOLDEN / "images" / "big_640x480.png"), cv2.COLOR_RGB2BGR)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), frames_per_s, (640, 480))
    for number in range(round(seconds * frames_per_s)):
        writer.write(np.roll(image, 4 * number, axis=1))
    writer.release()
    return path


class Watcher:
    """The child and its pipes."""

    def __init__(self, config: LiveConfig) -> None:
        self.n_torn = 0
        """Frames that were gone when they were read."""
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
        )
        self.pid = self._process.pid
        self._say({"request": 1, "job": "live", "config": to_json(config)})

    def events(self) -> Iterator[tuple[float, Event]]:
        """Each event with time.monotonic() when its pixels were in this process, to the last."""
        reader = FramesReader()
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            values = json.loads(line)
            values.pop("request")
            event = from_values(values)
            if isinstance(event, LiveFrame):
                self._look(reader, event)
            yield time.monotonic(), event
            if isinstance(event, Finished | Failed):
                reader.close()
                return

    def cancel(self) -> None:
        """Asks it to stop; its last events are still to be read."""
        self._say({"cancel": 1})

    def end(self) -> None:
        """Waits for its end."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self._process.wait(60)

    def _look(self, reader: FramesReader, frame: LiveFrame) -> None:
        rgb = reader.read(frame.frames_file, frame.slot, frame.number)
        if rgb is None:
            self.n_torn += 1
        else:
            cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA)
        del rgb
        reader.release(frame.frames_file, frame.slot)

    def _say(self, message: dict[str, Any]) -> None:
        pipe: IO[str] | None = self._process.stdin
        assert pipe is not None
        pipe.write(json.dumps(message) + "\n")
        pipe.flush()
