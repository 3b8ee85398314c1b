"""A folder of 50,000 images: how soon there are keys to show, and how soon there are all."""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_IMAGES = 50_000
_LABELLED = 5_000
_ROUNDS = 5
_BUDGET_S = 1.0
_SQUARE = {"label": "jeans", "points": [[1, 1], [9, 1], [9, 9]], "shape_type": "polygon"}
_LABELS = json.dumps({"shapes": [_SQUARE], "imagePath": "x.jpg", "imageHeight": 9, "imageWidth": 9})

_OURS = """
import json, sys, time
begin = time.perf_counter()
from core.project import Project
imported = time.perf_counter()
project = Project.open(sys.argv[1])
scan = project.scan()
next(scan)
first = time.perf_counter()
for _ in scan:
    pass
whole = time.perf_counter()
for key in project.keys:
    project.summary(key)
known = time.perf_counter()
n = len(project.keys)
project.close()
print(json.dumps([first - imported, whole - imported, known - whole, n]))
"""
_LABELMES = """
import json, sys, time
import labelme.app
begin = time.perf_counter()
n = len(labelme.app._scan_image_files(root_dir=sys.argv[1]))
print(json.dumps([time.perf_counter() - begin, n]))
"""


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows, measured now."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        _fill(Path(folder))
        has_peer = importlib.util.find_spec("labelme") is not None
        ours, theirs = [], []
        for _ in range(_ROUNDS):
            ours.append(_timed(_OURS, folder, cache))
            if has_peer:
                theirs.append(_timed(_LABELMES, folder, cache))
    found_all = all(times[-1] == _IMAGES for times in ours + theirs)
    first, whole, states = (statistics.median(one[i] for one in ours) for i in range(3))
    peer = statistics.median(one[0] for one in theirs) if theirs else None
    how = f"median of {_ROUNDS} fresh processes, imports not counted, the system's cache warm"
    return [
        _row("first keys to show", first, peer, how, holds=found_all),
        _row("whole list in natural order", whole, peer, how, holds=found_all),
        _row(
            f"states of all, {_LABELLED} of them labelled", states, None,
            f"{how}; the first round, which reads the label files: {ours[0][2]:.1f} s",
            budget=3.0, holds=found_all,
        ),
    ]  # fmt: skip


def _fill(folder: Path) -> None:
    for number in range(_IMAGES):
        (folder / f"IMG_{number}.jpg").touch()
        if number < _LABELLED:
            (folder / f"IMG_{number}.json").write_text(_LABELS)


def _timed(code: str, folder: str, cache: str) -> list[float]:
    environment = {**os.environ, "XDG_CACHE_HOME": cache, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", code, folder]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


def _row(
    what: str, value: float, peer: float | None, how: str, *, holds: bool, budget: float = _BUDGET_S
) -> dict[str, Any]:
    return {
        "name": f"folder of {_IMAGES} images: {what}",
        "value": value,
        "unit": "s",
        "budget": budget,
        "peer": None if peer is None else "labelme's list of the same folder",
        "peer_value": peer,
        "holds": holds and value <= budget,
        "how": how,
    }
