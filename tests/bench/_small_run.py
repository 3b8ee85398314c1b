"""One fine-tune of small_data.py, timed, and what its weights see in the test images.

`python _small_run.py task.json`, where the task names snapshot, test (a snapshot of test images;
empty: none), config, out and result. The result file holds what was used and the detections.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.configs import EngineConfig, TrainConfig, from_json
from core.engines.maskrcnn import load
from core.evaluation.datasets import results_of
from core.evaluation.predictions import detections_of_files
from core.events import Event, Metrics, Progress
from core.run_folder import RunFolder, Snapshot
from core.run_folder.snapshot import snapshot_from_json
from core.training.session import trained
from core.training.start import set_threads
from core.types import Problem


def main() -> None:
    """Does the task of the command line."""
    task = json.loads(Path(sys.argv[1]).read_text())
    config = from_json(TrainConfig, task["config"])
    set_threads(config.threads)
    run = RunFolder.create(Path(task["out"]))
    events = trained(run, config, _snapshot_of(task["snapshot"]))
    result: dict[str, Any] = {"used": _used(events, _clock_of(config.device))}
    evaluation = run.read_evaluation()
    result["evaluation"] = evaluation
    result["detections"] = []
    if task["test"]:
        device = config.device
        result["detections"] = list(_seen(run.best_weights, _snapshot_of(task["test"]), device))
    run.best_weights.unlink()
    Path(task["result"]).write_text(json.dumps(result))


def _snapshot_of(file: str) -> Snapshot:
    return snapshot_from_json(json.loads(Path(file).read_text()))


def _clock_of(device: str) -> Callable[[], float]:
    """What a budget is counted in: of a CPU the time that this process had it, in all threads."""
    return time.perf_counter if device.startswith("cuda") else time.process_time


def _used(events: Iterator[Event], clock: Callable[[], float]) -> dict[str, Any]:
    """Seconds in all, of each step, and of each evaluation within the run."""
    began = last = clock()
    steps: list[float] = []
    evaluations: list[float] = []
    looks = False
    for event in events:
        if isinstance(event, Progress) and event.what == "val images":
            looks = True
        elif isinstance(event, Metrics) and "total_loss" in event.values:
            steps.append(clock() - last)
        elif isinstance(event, Metrics) and looks:
            evaluations.append(clock() - last)
        else:
            continue
        if isinstance(event, Metrics):
            looks, last = False, clock()
    return {"seconds": clock() - began, "steps": steps, "evaluations": evaluations}


def _seen(weights: Path, test: Snapshot, device: str) -> Iterator[dict[str, Any]]:
    """COCO results, image ids counted from 1, categories by the classes' ids."""
    engine = load(EngineConfig(str(weights), device=device))
    ids = {index: one.id for index, one in enumerate(test.classes)}
    files = [Path(image.file) for image in test.images]
    for number, (_, found) in enumerate(detections_of_files(engine, files), start=1):
        if isinstance(found, Problem):
            raise RuntimeError(found.sentence)
        yield from results_of(found, number, ids)


if __name__ == "__main__":
    main()
