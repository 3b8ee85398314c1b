"""Maskloop's training loop, as long as it is told to. A child of training.py.

`python _training_ours.py task.json`; "ready" goes out, then for each number of iterations that
comes in a JSON object: the seconds that they took, those in which this process had a CPU, and those
in which they waited for data.
"""

import json
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

from core.configs import from_json
from core.configs.training import TrainConfig
from core.events import Metrics
from core.run_folder import RunFolder
from core.run_folder.snapshot import snapshot_from_json
from core.training.data import Batch, Lessons
from core.training.learner import Learner
from core.training.loop import Plan, fit
from core.training.start import Start, lessons_of, tried

_NO_END = 1_000_000_000


class _Watched:
    """Lessons, and how long was waited for them."""

    def __init__(self, lessons: Lessons) -> None:
        self.waited_s = 0.0
        self._lessons = lessons

    def batches(self, first: int, last: int) -> Generator[Batch, None, None]:
        batches = self._lessons.batches(first, last)
        try:
            while True:
                began = time.perf_counter()
                batch = next(batches)
                self.waited_s += time.perf_counter() - began
                yield batch
        finally:
            batches.close()


def main() -> None:
    """Does what stdin says."""
    task = json.loads(Path(sys.argv[1]).read_text())
    config = from_json(TrainConfig, task["config"])
    snapshot = snapshot_from_json(json.loads(Path(task["snapshot"]).read_text()))
    start = Start(config, snapshot, task["device"])
    learner, _ = _result_of(tried(start))
    watched = _Watched(lessons_of(start, learner))
    plan = Plan(
        iterations=_NO_END, checkpoint_every=_NO_END, evaluate_every=0, patience=0,
        lessons=lambda _: watched, evaluate=_nothing, keep=lambda *_: None,
    )  # fmt: skip
    events = fit(learner, plan, RunFolder.create(Path(task["out"])))
    _go_on(events, task["warm_up"])
    _say("ready")
    for line in sys.stdin:
        began, waited_s = (time.perf_counter(), time.process_time()), watched.waited_s
        _go_on(events, int(line))
        said = {"seconds": time.perf_counter() - began[0]}
        said |= {"cpu_s": time.process_time() - began[1], "waited_s": watched.waited_s - waited_s}
        _say(json.dumps(said))
    events.close()


def _result_of(events: Generator[Any, None, tuple[Learner, Any]]) -> tuple[Learner, Any]:
    while True:
        try:
            next(events)
        except StopIteration as end:
            learner: Learner = end.value
            return learner


def _go_on(events: Generator[Any, None, None], iterations: int) -> None:
    while iterations:
        iterations -= isinstance(next(events), Metrics)


def _nothing(_: Learner) -> Generator[Any, None, Any]:
    yield from ()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
