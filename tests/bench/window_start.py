"""From the start of the process to a visible window, and to the first of 50,000 images on it."""

import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
_BUDGET_S = 1.0
_ROUNDS = 5
_MANY = 50_000
_MANY_ROUNDS = 2


def rows() -> list[dict[str, Any]]:
    """The window itself, and a big folder's first image, beside labelme where it is installed."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        few = _folder(place / "few", 5)
        many = _folder(place / "many", _MANY)
        return [
            _row("window visible", "window", few, place, rounds=_ROUNDS),
            _row("50,000 images: first image shown", "image", many, place, rounds=_MANY_ROUNDS),
        ]


def _row(name: str, what: str, folder: Path, place: Path, *, rounds: int) -> dict[str, Any]:
    has_peer = importlib.util.find_spec("labelme") is not None
    ours, theirs, has_torch = [], [], False
    _started("_start_ours.py", folder, place)  # warms the disk's cache
    for _ in range(rounds):
        answer = _started("_start_ours.py", folder, place)
        ours.append(answer[what])
        has_torch |= answer["has_torch"]
        if has_peer:
            theirs.append(_started("_start_labelme.py", folder, place)[what])
    value = statistics.median(ours)
    return {
        "name": name,
        "value": value,
        "unit": "s",
        "budget": _BUDGET_S,
        "peer": "labelme",
        "peer_value": statistics.median(theirs) if theirs else None,
        "holds": value <= _BUDGET_S and not has_torch,
        "how": f"median of {rounds} warm starts, from the start of the process to what is painted;"
        f" torch {'was' if has_torch else 'was not'} imported",
    }


def _started(script: str, folder: Path, place: Path) -> dict[str, Any]:
    home = place / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        **os.environ,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "PYTHONPATH": str(HERE.parent.parent),
    }
    done = subprocess.run(
        [sys.executable, str(HERE / script), str(time.time()), str(folder), str(home / "set.ini")],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, check=False,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    if not lines:
        raise RuntimeError(f"{script} ended with {done.returncode} and without an answer")
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def _folder(folder: Path, n_images: int) -> Path:
    """Red pictures of a photo's size, one file under many names."""
    folder.mkdir()
    first = folder / "img_00000.jpg"
    pixels = np.zeros((1200, 1600, 3), np.uint8)
    pixels[..., 2] = 255
    cv2.imwrite(str(first), pixels)
    for number in range(1, n_images):
        os.link(first, folder / f"img_{number:05d}.jpg")
    return folder
