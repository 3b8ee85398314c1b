"""A worker whose job `live` does what the file says that it is told to watch: a list of steps.

{"open": name}; {"frames": n, "from": number}, each a grey of its number with a red square in it;
{"note": sentence}, with {"lasts": true} one of the engine; {"progress": [done, total]};
{"die": code}; {"fail": sentence}; {"wait": true} until it is cancelled, {"until": path} until that
file is there. At the end of the list it has finished. Other jobs go on until they are cancelled.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from core.events import (
    Event,
    Failed,
    Finished,
    LiveFrame,
    LiveOpened,
    Noted,
    Progress,
    Started,
    to_line,
)
from core.live.frames import FramesWriter
from core.types import Instance, InstanceState, Part

SIZE_HW = (90, 120)
SQUARE = Part([[30, 20], [70, 20], [70, 60], [30, 60]])
cancelled = threading.Event()


def say(request: int, event: Event) -> None:
    line = json.dumps({"request": request, **json.loads(to_line(event))})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def frame_of(writer: FramesWriter, number: int) -> LiveFrame | None:
    """A frame in a slot, as soon as one is free; None: it was cancelled before."""
    pixels = np.full((*SIZE_HW, 3), number % 256, np.uint8)
    while (slot := writer.write(pixels, number=number)) is None:
        if cancelled.wait(0.001):
            return None
    seen = Instance(f"i{number}", 0, (SQUARE,), state=InstanceState.PREDICTED, score=0.8)
    return LiveFrame(
        number=number,
        frames_file=slot.frames_file,
        slot=slot.slot,
        size_hw=SIZE_HW,
        captured_at_s=time.monotonic(),
        predicted_in_s=0.001,
        instances=(seen,),
    )


def step_events(step: dict[str, Any], device: str) -> "list[Event]":
    """What a step says, but for frames; after dying or waiting, where it is told to."""
    if "die" in step:
        os._exit(step["die"])
    if "wait" in step:
        cancelled.wait()
    while "until" in step and not Path(step["until"]).exists() and not cancelled.wait(0.01):
        pass
    if "open" in step:
        return [LiveOpened(step["open"], ("red", "green"), device, 30.0)]
    if "note" in step:
        return [Noted(step["note"], lasts=step.get("lasts", False))]
    if "progress" in step:
        done, total = step["progress"]
        return [Progress(done, total, "Downloading the weights", unit="bytes")]
    return []


def serve(number: int, config: dict[str, Any]) -> Event:
    """Goes through the steps; the last event."""
    say(number, Started("live"))
    writer = FramesWriter(Path(config["frames_file"]))
    for step in json.loads(Path(config["source"]).read_text()):
        if "fail" in step:
            return Failed(step["fail"])
        for event in step_events(step, config["engine"]["device"]):
            say(number, event)
        first = step.get("from", 0)
        for index in range(first, first + step.get("frames", 0)):
            if (frame := frame_of(writer, index)) is not None:
                say(number, frame)
        if cancelled.is_set():
            break
    while not (writer.is_all_released or cancelled.is_set()):
        cancelled.wait(0.001)
    writer.close()
    return Finished({"reason": "film.json has come to its end."}, cancelled.is_set())


def main() -> None:
    first = json.loads(sys.stdin.readline())

    def listen() -> None:
        for _ in sys.stdin:
            cancelled.set()
        cancelled.set()

    threading.Thread(target=listen, daemon=True).start()
    if first["job"] == "live":
        say(first["request"], serve(first["request"], first["config"]))
    else:
        cancelled.wait()


if __name__ == "__main__":
    main()
