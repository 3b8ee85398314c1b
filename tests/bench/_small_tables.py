"""What the runs of small_data.py say: means over seeds, intervals over images, a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.evaluation.datasets import ground_truth_of
from core.run_folder import Snapshot
from tests.bench._intervals import average_precision, edits_of, interval, matched, samples

_SAMPLES = 1000
MEASURES = ("mask AP", "box AP", "edits an instance", "% of drawing all")
Values = Mapping[str, npt.NDArray[np.float64]]
"""(1 + samples,) of each measure: what was measured, then of each sample of images."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The runs of a recipe on sets of one size, one a seed."""

    size: int
    recipe: str
    results: Sequence[Mapping[str, Any]]


def numbers_of(cells: Sequence[Cell], test: Snapshot) -> dict[str, Any]:
    """Cells, and how the first recipe of each size differs from the others, as JSON.

    A sample draws as many test images as there are, with replacement; its value is the mean over
    the seeds of what each seed's weights reach on it. All cells are looked at on the same samples,
    so that differences are of the same images.
    """
    truth = ground_truth_of([(one.key, one.labels) for one in test.images], test.classes)
    n_images = len(test.images)
    weights = np.concatenate([np.ones((1, n_images)), samples(n_images, _SAMPLES, seed=0)])
    values = [_values(cell, truth, weights) for cell in cells]
    return {
        "how": f"{len(cells[0].results)} seeds, {n_images} test images, means over the seeds, 95 %"
        f" intervals from {_SAMPLES} bootstrap samples of the test images.",
        "cells": [_row(cell, one) for cell, one in zip(cells, values, strict=True)],
        "differences": list(_differences(cells, values)),
    }


def _values(cell: Cell, truth: Mapping[str, Any], weights: npt.NDArray[np.float64]) -> Values:
    found: dict[str, list[npt.NDArray[np.float64]]] = {name: [] for name in MEASURES}
    for result in cell.results:
        detections = result["detections"]
        edits = edits_of(truth, detections)
        of_seed = (
            average_precision(matched(truth, detections, "segm"), weights),
            average_precision(matched(truth, detections, "bbox"), weights),
            edits.each(weights),
            edits.share(weights),
        )
        for name, values in zip(MEASURES, of_seed, strict=True):
            found[name].append(values)
    return {name: np.mean(values, axis=0) for name, values in found.items()}


def _row(cell: Cell, values: Values) -> dict[str, Any]:
    evaluations = [result["evaluation"] for result in cell.results]
    return {
        "images": cell.size,
        "recipe": cell.recipe,
        **{name: _said(of_samples) for name, of_samples in values.items()},
        "seconds": [round(result["used"]["seconds"], 1) for result in cell.results],
        "iterations": [one["iterations"] for one in evaluations],
        "best iterations": [one["best_iteration"] for one in evaluations],
        "batch": evaluations[0]["settings"]["batch_size"],
        "settings": [one["settings"] for one in evaluations],
    }


def _differences(cells: Sequence[Cell], values: Sequence[Values]) -> Sequence[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    firsts: dict[int, int] = {}
    for place, cell in enumerate(cells):
        first = firsts.setdefault(cell.size, place)
        if first != place:
            less = {name: values[first][name] - values[place][name] for name in MEASURES}
            rows.append(
                {
                    "images": cell.size,
                    "recipe": f"{cells[first].recipe} - {cell.recipe}",
                    **{name: _said(of_samples) for name, of_samples in less.items()},
                }
            )
    return rows


def _said(of_samples: npt.NDArray[np.float64]) -> dict[str, Any]:
    return {"value": float(of_samples[0]), "interval": list(interval(of_samples[1:]))}


def markdown(said: Mapping[str, Any]) -> str:
    """Two tables: what each recipe reached, and by how much the first differs."""
    machine = said["machine"]
    lines = [
        f"{said['how']} {machine['device']}, {said['asked']['budget']:g} s a run.",
        "",
        "| images | recipe | " + " | ".join(MEASURES) + " | iterations x batch | seconds |",
        "| ---: | --- |" + " ---: |" * (len(MEASURES) + 2),
    ]
    for one in said["cells"]:
        iterations, seconds = _mean(one["iterations"]), _mean(one["seconds"])
        lines.append(f"{_begin(one)} {iterations:.0f} x {one['batch']} | {seconds:.0f} |")
    lines += ["", "| images | difference | " + " | ".join(MEASURES) + " |"]
    lines.append("| ---: | --- |" + " ---: |" * len(MEASURES))
    lines += [_begin(one) for one in said["differences"]]
    return "\n".join(lines) + "\n"


def _begin(one: Mapping[str, Any]) -> str:
    measures = " ".join(f"{_cell(one[name])} |" for name in MEASURES)
    return f"| {one['images']} | {one['recipe']} | {measures}"


def _cell(one: Mapping[str, Any]) -> str:
    low, high = one["interval"]
    return f"{one['value']:.1f} ({low:.1f} to {high:.1f})"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
