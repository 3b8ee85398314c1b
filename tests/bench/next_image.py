"""From the key to the next image of 12 megapixels, with its labels, on screen."""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
_BUDGET_MS = 100.0
_IMAGES = 12
_INSTANCES = 30
_SIZE_HW = (3000, 4000)


def rows() -> list[dict[str, Any]]:
    """One row, beside labelme where it is installed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "photos"
        _fill(folder)
        mine = _opened("_next_ours.py", folder, temporary)
        has_peer = importlib.util.find_spec("labelme") is not None
        theirs = _opened("_next_labelme.py", folder, temporary) if has_peer else []
    value = max(mine)
    return [
        {
            "name": "next image on screen, 12 megapixels",
            "value": value,
            "unit": "ms",
            "budget": _BUDGET_MS,
            "peer": "labelme" if theirs else None,
            "peer_value": max(theirs) if theirs else None,
            "holds": value <= _BUDGET_MS,
            "how": f"the slowest of {len(mine)} steps, median {statistics.median(mine):.0f} ms,"
            f" from the action until image and {_INSTANCES} instances are painted, 1.5 s after the"
            " one before (JPEG, decoded ahead)",
        }
    ]


def _opened(script: str, folder: Path, home: str) -> list[float]:
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        **os.environ,
        "HOME": home,
        "XDG_DATA_HOME": home,
        "XDG_CACHE_HOME": home,
        "XDG_CONFIG_HOME": home,
        "PYTHONPATH": str(HERE.parent.parent),
    }
    done = subprocess.run(
        [sys.executable, str(HERE / script), str(folder), f"{home}/settings.ini", str(_IMAGES - 2)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, check=True,
    )  # fmt: skip
    times: list[float] = json.loads(done.stdout.strip().splitlines()[-1])
    return times


def _fill(folder: Path) -> None:
    """Photos of noise on ramps, each with labels of discs."""
    folder.mkdir()
    random = np.random.default_rng(0)
    height, width = _SIZE_HW
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for number in range(_IMAGES):
        small = random.integers(0, 255, (height // 20, width // 20, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{number:02}.jpg"), cv2.resize(small, (width, height)))
        centres = random.uniform((200, 200), (width - 200, height - 200), (_INSTANCES, 2))
        shapes = [
            {"label": "disc", "points": (centre + 90 * circle).tolist(), "shape_type": "polygon"}
            for centre in centres
        ]
        labels = {
            "version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": f"{number:02}.jpg",
            "imageData": None, "imageHeight": height, "imageWidth": width,
        }  # fmt: skip
        (folder / f"{number:02}.json").write_text(json.dumps(labels))
