"""How long a fine-tune would take here: a few of its steps, done and timed."""

import os
import sys
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

import torch

from core.configs import ProbeConfig, to_json
from core.engines.maskrcnn import MaskRCNNEngine, usable_device
from core.events import Event, Finished, Noted, Progress
from core.images import read_image
from core.maskrcnn.fold import quickened
from core.training.data import Batch
from core.training.learner import Diverged, Learner, OutOfMemory
from core.training.room import of_room
from core.training.snapshot import Taken
from core.training.start import Start, lessons_of, tried

_ENOUGH_S = 20.0
"""A big model on a slow machine shows in one step what others show in three."""


def probed(config: ProbeConfig, found: Taken) -> Generator[Event, None, None]:
    """Learns for a few steps in memory and looks at one image; the result says what each took.

    The result has seconds_per_iteration, seconds_per_val_image, n_val, device, peak_memory_bytes
    (None where the system does not tell), settings: the config with every choice made, facts: what
    these choices follow from (core/configs/recipe.py), and room: what is to be said of the disk and
    the memory, each a sentence and what to do.

    Raises:
        AppError: the weights, their config, the device or an image cannot be used.
    """
    device, notes = usable_device(config.train.device)
    yield from map(Noted, notes)
    start = Start(config.train, found.snapshot, device, n_images=found.n_train)
    learner, facts = yield from tried(start)
    laps = yield from _laps(learner, start, config.iterations)
    per_image = _lap(lambda: _look(learner, start), device) if found.n_val else 0.0
    yield Finished(
        {
            "seconds_per_iteration": sum(laps) / len(laps),
            "seconds_per_val_image": per_image,
            "n_val": found.n_val,
            "device": device,
            "peak_memory_bytes": _peak_memory_bytes(device),
            "settings": to_json(learner.config),
            "facts": to_json(facts),
            "room": [
                [one.sentence, one.help] for one in of_room(config.train, found.labels_folder)
            ],
        }
    )


def _laps(learner: Learner, start: Start, most: int) -> Generator[Event, None, list[float]]:
    """Seconds of each step but the first, which also sets up what all the others use."""
    laps: list[float] = []
    lessons = lessons_of(start, learner)
    began = time.monotonic()
    for number in range(most + 1):
        batch = lessons.batch(number)  # made ready beside the step in a run, and so not counted
        seconds = _lap(partial(_step, learner, batch), start.device)
        if number:
            laps.append(seconds)
        yield Progress(number + 1, most + 1, "iterations measured")
        if laps and time.monotonic() - began > _ENOUGH_S:
            break
    return laps


def _step(learner: Learner, batch: Batch) -> None:
    """Learns from a batch, with less at a time where the memory is too small, as a run does."""
    while True:
        try:
            learner.step(batch)
            return
        except Diverged:
            return  # so few steps are no judgement, and it took its time all the same
        except OutOfMemory:
            learner.take_less()


def _look(learner: Learner, start: Start) -> None:
    """Predicts one image, as measuring on the val images does."""
    engine = MaskRCNNEngine(
        quickened(learner.model, start.device),
        device=start.device,
        class_names=start.class_names,
        notes=(),
    )
    engine.predict([read_image(Path(start.snapshot.images[0].file))])


def _lap(work: Callable[[], object], device: str) -> float:
    """Seconds that the work takes; a GPU is waited for."""
    is_cuda = device.startswith("cuda")
    if is_cuda:
        torch.cuda.synchronize(device)
    began = time.monotonic()
    work()
    if is_cuda:
        torch.cuda.synchronize(device)
    return time.monotonic() - began


def _peak_memory_bytes(device: str) -> int | None:
    """The most that was in use: of the GPU, else of this process."""
    if device.startswith("cuda"):
        return int(torch.cuda.max_memory_allocated(device))
    if os.name != "posix":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
