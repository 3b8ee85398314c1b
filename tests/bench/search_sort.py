"""A folder of 50,000 images with half a million instances: how long a search and a sort take, from
what is typed to the list that shows it."""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PySide6.QtWidgets import QApplication

from core.instance_rows import ROW
from core.project import LabelSummary
from core.query import parse
from core.thresholds import Thresholds
from core.types import ImageState, LabelClass
from gui.widgets.image_list import ImageListModel, ImageListView
from gui.widgets.image_order import Known, Sorting, Wish, arranged

_IMAGES = 50_000
_INSTANCES = 10
"""In each image."""
_ROUNDS = 7
_BUDGET_MS = 200.0
_NAMES = ("jeans", "shirt", "coat", "rain coat", "hat")
_CLASSES = tuple(LabelClass(number, name, "#808080") for number, name in enumerate(_NAMES, 1))
_QUERIES = (
    "img_12",
    "class:jeans score<0.6 state:predicted area>5000 parts>1",
    '-class:"rain coat" image:started instances>5 -img_3',
)
_STATES = tuple(ImageState)


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows, measured now."""
    application = QApplication.instance() or QApplication(["bench", "-platform", "offscreen"])
    keys, known = _folder()
    model = ImageListModel()
    view = ImageListView(model)
    view.resize(300, 800)
    view.show()
    found = {query: _timed(Wish(parse(query)), keys, known, view) for query in _QUERIES}
    sorted_by = {one: _timed(Wish(sorting=one), keys, known, view) for one in Sorting}
    typed = _timed_typing(keys, model, view)
    application.sendPostedEvents()
    how = (
        f"slowest of {{}}; median of {_ROUNDS}, {_IMAGES * _INSTANCES:,} instances, from the query"
        " to the painted list; what decides runs in a thread"
    )
    return [
        _row("search for instances", found, how.format(f"{len(found)} queries")),
        _row("sort", sorted_by, how.format(f"{len(sorted_by)} orders")),
        _row(
            "search for a name as it is typed", typed, how.format(f"{len(typed)} texts"),
            peer_ms=_labelmes_ms(),
        ),
    ]  # fmt: skip


def _labelmes_ms() -> float | None:
    """A text in labelme's search, in a folder of as many images; None where it is not installed."""
    if importlib.util.find_spec("labelme") is None:
        return None
    child = Path(__file__).with_name("_search_labelme.py")
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "IMG_0.jpg"
        cv2.imwrite(str(first), np.full((9, 9, 3), 128, np.uint8))
        for number in range(1, _IMAGES):
            os.link(first, first.with_name(f"IMG_{number}.jpg"))
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": folder}
        done = subprocess.run(
            [sys.executable, str(child), folder],
            env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
    return float(json.loads(done.stdout.splitlines()[-1])) * 1000


def _folder() -> tuple[tuple[str, ...], Known]:
    rng = np.random.default_rng(0)
    keys = tuple(f"2026-11/walk/IMG_{number}.jpg" for number in range(_IMAGES))
    table = np.zeros((_IMAGES, _INSTANCES), ROW)
    shape = table.shape
    table["class_id"] = rng.integers(1, len(_CLASSES) + 1, shape)
    table["state"] = rng.integers(0, 4, shape)
    table["parts"] = rng.integers(1, 3, shape)
    table["score"] = rng.random(shape)
    table["area"] = rng.random(shape) * 20_000
    summaries = {}
    for place, key in enumerate(keys):
        ids, counts = np.unique(table[place]["class_id"], return_counts=True)
        summaries[key] = LabelSummary(
            _STATES[place % 3],
            int((table[place]["state"] == 0).sum()),
            dict(zip(ids.tolist(), counts.tolist(), strict=True)),
            (3000, 4000),
            float(table[place]["score"].min()),
            table[place].tobytes(),
        )
    disagreements = {key: place % 17 for place, key in enumerate(keys)}
    return keys, Known(summaries, (), _CLASSES, {}, Thresholds(0.5), disagreements)


def _timed(wish: Wish, keys: tuple[str, ...], known: Known, view: ImageListView) -> float:
    def search() -> int:
        model = view.model()
        assert isinstance(model, ImageListModel)
        shown = arranged(wish, keys, known)
        model.arrange(shown)
        view.viewport().grab()
        return len(shown)

    return _median_ms(search)


def _timed_typing(
    keys: tuple[str, ...], model: ImageListModel, view: ImageListView
) -> dict[str, float]:
    """Names alone are looked through at each letter, without a thread."""
    model.set_keys(keys)

    def type_so_far(text: str) -> Callable[[], object]:
        def search() -> None:
            model.set_search(parse(text))
            view.viewport().grab()

        return search

    return {text: _median_ms(type_so_far(text)) for text in ("i", "img", "img_4", "img_49")}


def _median_ms(do: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        do()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


def _row(
    what: str, times: dict[Any, float], how: str, *, peer_ms: float | None = None
) -> dict[str, Any]:
    slowest = max(times, key=lambda one: times[one])
    return {
        "name": f"{_IMAGES} images: {what}",
        "value": times[slowest],
        "unit": "ms",
        "budget": _BUDGET_MS,
        "peer": None if peer_ms is None else "labelme's search of the same names",
        "peer_value": peer_ms,
        "holds": times[slowest] <= _BUDGET_MS,
        "how": f"{how}; slowest: {slowest}",
    }
