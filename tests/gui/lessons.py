"""Folders that a fine-tune can learn from, and the runs that it leaves in them; no torch."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from core.configs import TrainConfig, to_json
from core.events import Event, Finished, Metrics, Noted, to_line
from core.project import Project
from core.run_folder import RunFolder, Snapshot, SnapshotImage, runs_folder
from core.run_folder.process import process_of
from core.types import (
    ImageLabels,
    ImageState,
    Instance,
    InstanceState,
    LabelClass,
    Part,
    Split,
)

SIZE_HW = (60, 80)
NUMBERS = {"AP": 46.1, "AP50": 80.0, "APs": None, "AP-red": 46.1, "AP-green": None}
BEFORE = {"segm": {**NUMBERS, "AP": 12.3}, "bbox": {**NUMBERS, "AP": 50.0}}
AFTER = {"segm": NUMBERS, "bbox": {**NUMBERS, "AP": 40.0}}


def labelled_folder(folder: Path, *, n: int = 15, n_done: int = 14) -> Path:
    """Images with a red and a green square each; the last one predicted in one of them is left
    unseen. Those that are not done are untouched."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(n):
        pixels = random.integers(0, 255, (*SIZE_HW, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number:02}.png"), pixels)
    project = Project.open(folder)
    red, green = project.add_class("red"), project.add_class("green")
    square = Part([(5, 5), (25, 5), (25, 25), (5, 25)])
    for number in range(n_done):
        instances = (Instance("a", red.id, (square,)), Instance("b", green.id, (square,)))
        if number == 3:
            unseen = Instance("c", red.id, (square,), state=InstanceState.PREDICTED, score=0.5)
            instances = (*instances, unseen)
        labels = ImageLabels(SIZE_HW, instances, ImageState.DONE)
        project.write(f"{number:02}.png", labels, stamp="")
    project.close()
    return folder


def add_run(
    folder: Path, name: str = "2026-11-03_140500_train", *, events: tuple[Event, ...] = ()
) -> RunFolder:
    """A run folder as a fine-tune leaves it; without events it broke off and can go on."""
    run = RunFolder.create(runs_folder(folder) / name)
    run.write_config("train", to_json(TrainConfig(folder=str(folder), iterations=7)))
    run.events_file.write_text("".join(to_line(event) + "\n" for event in events))
    if events and isinstance(events[-1], Finished):
        run.best_weights.write_bytes(b"weights")
        run.write_evaluation(json.loads(json.dumps(dict(events[-1].result))))
    else:
        run.last_checkpoint.write_bytes(b"state")
    return run


def a_run(
    folder: Path,
    name: str,
    *,
    ap: float,
    val: tuple[str, ...],
    train: int,
    iterations: int,
    weights: str = "none",
) -> RunFolder:
    """A finished run of so many train images, with these val images and mask AP."""
    of_mask = {"AP": ap, "AP-red": ap}
    result = {
        "images": {"train": train, "val": len(val), "test": 0},
        "iterations": iterations,
        "seconds": 90.0,
        "device": "cpu",
        "before": {"segm": {"AP": 1.0}, "bbox": {"AP": 2.0}},
        "after": {
            "segm": of_mask,
            "bbox": {"AP": ap + 1},
            "effort": {"edits_per_instance": 1.25},
        },
    }
    losses = tuple(Metrics(n, {"total_loss": 1 / n}) for n in range(1, iterations + 1))
    run = add_run(folder, name, events=(*losses, Metrics(iterations, {"segm/AP": ap}),
                                        Finished(result)))  # fmt: skip
    run.write_settings(to_json(TrainConfig(str(folder), iterations=iterations, weights=weights)))
    red = LabelClass(1, "red", "#ff0000")
    square = Part([(5, 5), (25, 5), (25, 25), (5, 25)])
    labels = ImageLabels(SIZE_HW, (Instance("a", red.id, (square,)),), ImageState.DONE)
    images = [SnapshotImage(f"t{n}.png", "", Split.TRAIN, labels) for n in range(train)]
    images += [SnapshotImage(key, "", Split.VAL, labels) for key in val]
    run.write_snapshot(Snapshot((red,), tuple(images)))
    return run


@contextlib.contextmanager
def written_elsewhere(run: RunFolder) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that a run names as its writer, and that ends when it is asked to."""
    command = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        writer = process_of(process.pid)
        (run.path / "pid").write_text(json.dumps({"pid": writer.pid, "started": writer.started}))
        yield process


def finished_events(folder: Path, name: str = "2026-11-03_140500_train") -> tuple[Event, ...]:
    """What a run of two iterations says."""
    return (
        Noted("Learning."),
        Metrics(1, {"total_loss": 2.0, "lr": 0.1}),
        Metrics(2, {"total_loss": 1.0, "lr": 0.05}),
        Metrics(2, {"segm/AP": 46.1}),
        Finished(
            {
                "run": str(runs_folder(folder) / name),
                "weights": str(runs_folder(folder) / name / "best.pth"),
                "before": BEFORE,
                "after": AFTER,
            }
        ),
    )
