"""Images a second of the engine, beside detectron2's DefaultPredictor and torchvision's own model.

All have the same weights (_prediction_weights.py), photos, sizes and threads, and take turns.
detectron2 has to be importable by this Python, or by the one that DETECTRON2_PYTHON names.

Model only: a decoded photo to boxes, scores and mask crops, resizing included. Files to polygons:
for ours the pre-label job; for the others what their users write: OpenCV's or Pillow's decoder, the
predictor with its masks pasted into the photo, and cv2.findContours.
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

from core.types import Split
from tests.bench._scenes import drawn_images
from tests.bench._sides import HERE, ROOT, Side, detectron2_python, has_gpu, ours

_OURS = "_prediction_ours.py"
_PHOTO_HW = (1200, 1600)
_SHORT_SIDE, _LONG_SIDE = "800", "1333"
_N_CALIBRATING = 2
_MANY, _LITTLE_MEMORY_MB = 2000, 50.0


@dataclass(frozen=True, slots=True)
class Setting:
    """Where it runs, and how much."""

    device: str
    threads: int
    n_photos: int
    """Of a turn, the same ones each time."""
    turns: int
    budgets: Mapping[str, float]
    """Times DefaultPredictor's images a second."""

    @property
    def name(self) -> str:
        """For the row."""
        if self.device != "cpu":
            return "one GPU"
        return f"CPU, {self.threads} thread{'s' if self.threads > 1 else ''}"


CPU = Setting("cpu", 1, n_photos=3, turns=5, budgets={"model": 1.35, "files": 2.0})
CUDA = Setting("cuda:0", 0, n_photos=24, turns=7, budgets={"model": 1.35, "files": 4.0})
_TITLES = {"model": "prediction, model only", "files": "prediction, files to polygons"}


def rows() -> list[dict[str, Any]]:
    """Rows for one and two threads, for a GPU where there is one, and of the memory."""
    peer = detectron2_python()
    if peer is None:
        sys.stdout.write(
            "n/a    detectron2's DefaultPredictor: it is not importable here. Name a Python that"
            " has it: DETECTRON2_PYTHON=/path/to/bin/python make bench ONLY=prediction\n"
        )
    settings = [CPU, replace(CPU, threads=2)] if (os.cpu_count() or 1) > 1 else [CPU]
    if has_gpu():
        settings.append(CUDA)
    return [*(row for one in settings for row in speed_rows(one, peer)), memory_row(_MANY)]


Turns = Mapping[str, Sequence[Mapping[str, float]]]
"""Of each side."""


def speed_rows(setting: Setting, peer: str | None) -> list[dict[str, Any]]:
    """Rows of model only, then of files to polygons."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        place = Path(temporary)
        task = _prepared(place, setting)
        scripts = {
            "default": (sys.executable, _OURS),
            "exact": (sys.executable, _OURS),
            "torchvision": (sys.executable, "_prediction_torchvision.py"),
        }
        if peer is not None:
            scripts["detectron2"] = (peer, "_prediction_detectron2.py")
        sides: dict[str, Side] = {}
        for name, (python, script) in scripts.items():
            file = place / f"{name}.json"
            file.write_text(json.dumps({**task, "exact": name == "exact"}))
            said = ours() if script == _OURS else {}
            side = Side([python, script, str(file)], environment=said)
            sides[name] = stack.enter_context(side)
        turns: dict[str, dict[str, list[Mapping[str, float]]]] = {
            kind: {name: [] for name in sides} for kind in _TITLES
        }
        for _ in range(setting.turns):
            for kind, of_kind in turns.items():
                for name, side in sides.items():
                    of_kind[name].append(side.turn(kind))
    return [row for kind in _TITLES for row in rows_of(kind, setting, turns[kind])]


def _prepared(place: Path, setting: Setting) -> dict[str, Any]:
    """Photos, and weights that see about twenty instances in each."""
    photos = place / "photos"
    drawn_images(photos, setting.n_photos, seed=0, split=Split.TRAIN, size_hw=_PHOTO_HW)
    files = sorted(map(str, photos.iterdir()))
    command = [
        sys.executable, str(HERE / "_prediction_weights.py"), str(place), _SHORT_SIDE, _LONG_SIDE,
        *files[:_N_CALIBRATING],
    ]  # fmt: skip
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    return {
        "photos": files,
        "weights": str(place / "model.pth"),
        "model_config": str(place / "config.yaml"),
        "device": setting.device,
        "threads": setting.threads,
        "sizes": [int(_SHORT_SIDE), int(_LONG_SIDE)],
    }


def rows_of(kind: str, setting: Setting, turns: Turns) -> list[dict[str, Any]]:
    """Ours beside each of the others; without DefaultPredictor there is no budget to hold."""
    title = f"{_TITLES[kind]}, {setting.name}"
    budget = setting.budgets[kind]
    return [
        _row(title, setting, turns, beside="detectron2", budget=budget),
        _row(f"{title}, beside torchvision", setting, turns, beside="torchvision"),
        _row(f"{title}, exact", setting, turns, beside="detectron2", of="exact"),
    ]


def _row(
    title: str, setting: Setting, turns: Turns, *, beside: str, of: str = "default",
    budget: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    def median(side: str, what: Callable[[Mapping[str, float]], float]) -> float:
        return statistics.median(map(what, turns[side]))

    value = setting.n_photos / median(of, lambda one: one["seconds"])
    peer, wanted, said = None, None, f"n/a: {beside} is not importable"
    if beside in turns:
        peer = setting.n_photos / median(beside, lambda one: one["seconds"])
        wanted = budget and budget * peer
        by_cpu = median(beside, lambda one: one["cpu_s"]) / median(of, lambda one: one["cpu_s"])
        seen = {side: median(side, lambda one: one["instances"]) for side in (of, beside)}
        said = (
            f"{value / peer:.2f} times {beside}'s, {by_cpu:.2f} by CPU time;"
            f" {seen[of] / setting.n_photos:.0f} and {seen[beside] / setting.n_photos:.0f}"
            " instances a photo"
        )
    height, width = _PHOTO_HW
    return {
        "name": title,
        "value": round(value, 3),
        "unit": "images/s",
        "budget": round(wanted, 3) if wanted else "n/a",
        "peer": beside if peer else None,
        "peer_value": peer and round(peer, 3),
        "holds": wanted is None or value >= wanted,
        "how": f"{said}; R50-FPN, JPEGs of {width} x {height}, shorter side {_SHORT_SIDE} px,"
        f" medians of {len(turns[of])} turns of {setting.n_photos} photos",
    }


def memory_row(n_images: int) -> dict[str, Any]:
    """What the pre-label job has in memory after many small images, beyond what it had early on."""
    command = [sys.executable, str(HERE / "_prediction_soak.py"), str(n_images)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    early_mb, late_mb = json.loads(done.stdout.splitlines()[-1])
    return {
        "name": "prediction, memory that many images cost",
        "value": round(late_mb - early_mb, 1),
        "unit": "MB",
        "budget": _LITTLE_MEMORY_MB,
        "peer": None,
        "peer_value": None,
        "holds": late_mb - early_mb <= _LITTLE_MEMORY_MB,
        "how": f"resident after {n_images} images, {late_mb:.0f} MB, less that after a tenth of"
        f" them, {early_mb:.0f} MB; a tiny model, images of 160 x 120, one thread",
    }
