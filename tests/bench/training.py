"""Images a second of Maskloop's training loop, beside detectron2's plain one.

Both learn R50-FPN from the same weights and photos with the same settings: SGD, so many images an
iteration, flips, one size. detectron2 is its SimpleTrainer with its own data loader. It has to be
importable by this Python, or by the one that DETECTRON2_PYTHON names. The two take turns, and the
processes of the one that rests are halted, so that it makes nothing ready meanwhile.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.configs import TrainConfig, to_json
from core.formats import LabelledImage
from core.formats.coco import FORMAT
from core.run_folder import Snapshot, SnapshotImage
from core.run_folder.snapshot import snapshot_to_json
from core.types import Part, Split
from tests.bench._scenes import CLASSES, drawn_images
from tests.bench._sides import HERE, ROOT, Side, detectron2_python, has_gpu, ours

_PHOTO_HW = (900, 1200)
_RATE = 1e-6  # nothing is to be learnt: random weights would diverge at a higher one
_MOST_WAITING = 5.0  # % of the time


@dataclass(frozen=True, slots=True)
class Setting:
    """Where it runs, and how much."""

    device: str
    threads: int
    short_side: int
    batch_size: int
    n_photos: int
    iterations: int
    """A turn."""
    turns: int
    budget: float
    """Times detectron2's images a second."""

    @property
    def name(self) -> str:
        """For the row."""
        if self.device != "cpu":
            return "one GPU"
        return f"CPU, {self.threads} thread{'s' if self.threads > 1 else ''}"


CPU = Setting("cpu", 1, 320, 2, n_photos=12, iterations=4, turns=5, budget=1.0)
CUDA = Setting("cuda:0", 0, 800, 8, n_photos=64, iterations=20, turns=7, budget=1.5)


def rows() -> list[dict[str, Any]]:
    """Rows for one and two threads, and for a GPU where there is one."""
    peer = detectron2_python()
    if peer is None:
        sys.stdout.write(
            "n/a    detectron2's training loop: it is not importable here. Name a Python that has"
            " it: DETECTRON2_PYTHON=/path/to/bin/python make bench ONLY=training\n"
        )
    settings = [CPU, replace(CPU, threads=2)] if (os.cpu_count() or 1) > 1 else [CPU]
    if has_gpu():
        settings.append(CUDA)
    return [row for setting in settings for row in _rows(setting, peer)]


def _rows(setting: Setting, peer: str | None) -> list[dict[str, Any]]:
    """Of the same settings for both, then of the recipe that sets itself."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        place = Path(temporary)
        task = _prepared(place, setting)
        scripts = {
            "ours": (sys.executable, "_training_ours.py", _plain(setting, place)),
            "recipe": (sys.executable, "_training_ours.py", _self_setting(setting, place)),
        }
        if peer is not None:
            scripts["detectron2"] = (peer, "_training_detectron2.py", None)
        sides: dict[str, Side] = {}
        for name, (python, script, config) in scripts.items():
            file = place / f"{name}.json"
            out = str(place / name)
            file.write_text(json.dumps({**task, "out": out, "config": config and to_json(config)}))
            said = {} if name == "detectron2" else ours()
            side = Side([python, script, str(file)], environment=said)
            sides[name] = stack.enter_context(side)
        turns = {name: [] for name in sides}
        for _ in range(setting.turns):
            for name, side in sides.items():
                turns[name].append(side.turn(str(setting.iterations)))
    theirs = turns.get("detectron2")
    return [
        speed_row("training", setting, turns["ours"], theirs),
        speed_row("training as the recipe sets itself", setting, turns["recipe"], theirs),
        waiting_row(setting, turns["recipe"], theirs),
    ]


def _prepared(place: Path, setting: Setting) -> dict[str, Any]:
    """Photos with labels for both, and weights."""
    photos = drawn_images(
        place / "photos", setting.n_photos, seed=0, split=Split.TRAIN, size_hw=_PHOTO_HW
    )
    photos = [_without_holes(one) for one in photos]
    snapshot = Snapshot(CLASSES, tuple(photos))
    (place / "snapshot.json").write_text(json.dumps(snapshot_to_json(snapshot)))
    assert FORMAT.write is not None
    coco = place / "photos.json"
    FORMAT.write(coco, [LabelledImage(one.key, one.labels) for one in photos], CLASSES)
    sizes = [str(setting.short_side), str(2 * setting.short_side)]
    names = [one.name for one in CLASSES]
    command = [sys.executable, str(HERE / "_training_weights.py"), str(place), *sizes, *names]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    return {
        "snapshot": str(place / "snapshot.json"),
        "images": str(place / "photos"),
        "coco": str(coco),
        "weights": str(place / "model.pth"),
        "model_config": str(place / "config.yaml"),
        "device": setting.device,
        "threads": setting.threads,
        "batch_size": setting.batch_size,
        "learning_rate": _RATE,
        "warm_up": -(-setting.n_photos // setting.batch_size),
    }


def _without_holes(image: SnapshotImage) -> SnapshotImage:
    """Holes are run lengths in COCO, which detectron2 does not read as it reads polygons."""
    instances = tuple(
        replace(one, parts=tuple(Part(part.outer) for part in one.parts))
        for one in image.labels.instances
    )
    return replace(image, labels=replace(image.labels, instances=instances))


def _self_setting(setting: Setting, place: Path) -> TrainConfig:
    """The recipe, at the rate and the batch of the others."""
    return TrainConfig(
        folder="", weights=str(place / "model.pth"), model_config=str(place / "config.yaml"),
        device=setting.device, threads=setting.threads, batch_size=setting.batch_size,
        learning_rate=_RATE, freeze_at=2, iterations=1000, checkpoint_every=1_000_000,
    )  # fmt: skip


def _plain(setting: Setting, place: Path) -> TrainConfig:
    """What detectron2's loop does, and no more."""
    return replace(
        _self_setting(setting, place), optimizer="sgd", clip_norm=0.0, ema_decay=0.0,
        repeat_threshold=0.0, scale_jitter=(1.0, 1.0), colour_jitter=0.0, copy_paste=0.0,
    )  # fmt: skip


Turns = Sequence[Mapping[str, float]]


def speed_row(what: str, setting: Setting, own: Turns, theirs: Turns | None) -> dict[str, Any]:
    """Images a second, medians over the turns; without detectron2's there is no budget to hold."""
    n_images = setting.iterations * setting.batch_size
    value = n_images / _median(own, lambda one: one["seconds"])
    peer = n_images / _median(theirs, lambda one: one["seconds"]) if theirs else None
    said = "n/a: detectron2 is not importable"
    if theirs and peer:
        cpu_s, peer_cpu_s = (_median(turns, lambda one: one["cpu_s"]) for turns in (own, theirs))
        said = f"{value / peer:.2f} times detectron2's, {peer_cpu_s / cpu_s:.2f} by CPU time"
    return {
        "name": f"{what}, {setting.name}",
        "value": round(value, 3),
        "unit": "images/s",
        "budget": round(setting.budget * peer, 3) if peer else "n/a",
        "peer": "detectron2" if peer else None,
        "peer_value": peer and round(peer, 3),
        "holds": peer is None or value >= setting.budget * peer,
        "how": f"{said}; R50-FPN, shorter side {setting.short_side} px, {setting.batch_size} images"
        f" an iteration, medians of {len(own)} turns of {setting.iterations} iterations",
    }


def waiting_row(setting: Setting, own: Turns, theirs: Turns | None) -> dict[str, Any]:
    """The share of the time in which it waits for data."""

    def share(one: Mapping[str, float]) -> float:
        return 100 * one["waited_s"] / one["seconds"]

    value = _median(own, share)
    return {
        "name": f"training, share of the time that it waits for data, {setting.name}",
        "value": round(value, 2),
        "unit": "%",
        "budget": _MOST_WAITING,
        "peer": "detectron2" if theirs else None,
        "peer_value": round(_median(theirs, share), 2) if theirs else None,
        "holds": value <= _MOST_WAITING,
        "how": "with the variations and the company that the recipe gives its images",
    }


def _median(turns: Turns, of: Callable[[Mapping[str, float]], float]) -> float:
    return statistics.median(map(of, turns))
