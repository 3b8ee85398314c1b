"""Pan, zoom, drag, hover and paint with 1,000 and 5,000 instances of 60 vertices on 12 megapixels.

The p99 of a frame; of hovering that of its event, which finds what is under the mouse.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).resolve().parent
_BUDGET_MS = 16.0
_HOVER_BUDGET_MS = 1.0
_ROUNDS = 3
_FRAMES = 100
_FRAMES_OF_PEER = {1000: 4, 5000: 1}
"""A frame of labelme's takes most of a second here with 1,000, and several with 5,000."""
_HOW = {
    "pan": "middle button, twice the size that fits",
    "zoom": "wheel, what fits to eight times that",
    "drag": "a vertex of a selected instance, the whole image in view",
    "hover": "over the instances, 20 of ours selected",
    "brush": "a stroke of 40 pixels on a selected instance, the whole image in view",
}
_OURS_ALONE = ("brush",)
"""labelme has no brush."""


class _Child:
    """A canvas in a process of its own: labelme brings another Qt."""

    def __init__(self, script: str, n_instances: int) -> None:
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
        paths = [str(HERE), str(HERE.parent.parent), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / script), str(n_instances)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self._answer()

    def frames(self, way: str, count: int) -> Any:
        """`milliseconds` of each frame, `of_cpu`, and how many, `missing`, changed no pixel."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([way, count]) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended without an answer")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def rows() -> list[dict[str, Any]]:
    """One row each for what is done on a canvas, with few instances and with many."""
    return [row for n_instances in _FRAMES_OF_PEER for row in _rows(n_instances)]


def _rows(n_instances: int) -> list[dict[str, Any]]:
    with _Child("_canvas_ours.py", n_instances) as ours:
        if importlib.util.find_spec("labelme") is None:
            return [_row(way, n_instances, ours, None) for way in _HOW]
        with _Child("_canvas_labelme.py", n_instances) as peer:
            return [
                _row(way, n_instances, ours, None if way in _OURS_ALONE else peer) for way in _HOW
            ]


def _row(way: str, n_instances: int, ours: _Child, peer: _Child | None) -> dict[str, Any]:
    is_hover = way == "hover"
    what = "events" if is_hover else "frames from the input event until all is painted"
    timed, budget = ("of_event", _HOVER_BUDGET_MS) if is_hover else ("milliseconds", _BUDGET_MS)
    frames_of_peer = _FRAMES_OF_PEER[n_instances]
    mine: list[float] = []
    of_cpu: list[float] = []
    theirs: list[float] = []
    missing = 0
    ours.frames(way, frames_of_peer)
    for _ in range(_ROUNDS):
        answer = ours.frames(way, _FRAMES)
        mine += answer[timed]
        of_cpu += answer["of_cpu"]
        missing += answer["missing"]
        if peer is not None:
            theirs += peer.frames(way, frames_of_peer)[timed]
    p99 = _p99(mine)
    return {
        "name": f"canvas: {way}, {n_instances:,} instances",
        "value": p99,
        "unit": "ms p99",
        "budget": budget,
        "peer": "labelme" if theirs else None,
        "peer_value": _p99(theirs) if theirs else None,
        "holds": p99 <= budget and (is_hover or missing == 0),
        "how": f"{_HOW[way]}; {len(mine)} {what}, "
        f"median {sorted(mine)[len(mine) // 2]:.1f} ms, CPU p99 {_p99(of_cpu):.1f} ms; pixels "
        f"read back after each, {missing} frames without a change; {len(theirs)} frames of "
        "labelme's in between",
    }


def _p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]
