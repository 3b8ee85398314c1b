"""Where COCO's rules turn: areas on a border of sizes, crowds, too many detections, no instances.

All against pycocotools, on sets that hypothesis makes of squares whose areas lie on the borders.
"""

import contextlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pycocotools.mask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.evaluation.coco import METRICS, ap_of, counted
from core.evaluation.sides import sides_of
from core.evaluation.tables import RECALLS, recalls_of

WIDTH = 130
SIZES_WH = ((32, 32), (31, 33), (32, 33), (96, 96), (95, 97), (96, 97), (5, 5), (110, 120))
"""1024 and 9216 pixels, where an instance is of two sizes at once, and just beside them."""
N_CLASSES = 4


@dataclass(frozen=True)
class Thing:
    """An instance, or with a score a detection."""

    image: int
    category: int
    x: int
    y: int
    wh: tuple[int, int]
    crowd: bool = False
    score: float = 0.0

    def rle(self) -> dict[str, Any]:
        mask = np.zeros((WIDTH, WIDTH), np.uint8, order="F")
        mask[self.y : self.y + self.wh[1], self.x : self.x + self.wh[0]] = 1
        found = pycocotools.mask.encode(mask)
        return {"size": [WIDTH, WIDTH], "counts": found["counts"].decode()}

    def shape(self) -> dict[str, Any]:
        return {
            "image_id": self.image, "category_id": self.category, "segmentation": self.rle(),
            "bbox": pycocotools.mask.toBbox(self.rle()).tolist(),
        }  # fmt: skip


def things(*, most: int, **more: Any) -> st.SearchStrategy[list[Thing]]:
    near = st.integers(0, 10)
    one = st.builds(
        Thing, st.integers(1, 3), st.integers(1, N_CLASSES), near, near, st.sampled_from(SIZES_WH),
        **more,
    )  # fmt: skip
    return st.lists(one, max_size=most)


TRUTHS = things(most=8, crowd=st.sampled_from([False, False, True]))
SEEN = things(most=12, score=st.sampled_from([0.1, 0.5, 0.5, 0.9]))


def truth_of(instances: Sequence[Thing]) -> dict[str, Any]:
    annotations = [
        {**one.shape(), "id": number, "area": one.wh[0] * one.wh[1], "iscrowd": int(one.crowd)}
        for number, one in enumerate(instances, start=1)
    ]
    return {
        "images": [
            {"id": i, "file_name": f"{i}.png", "width": WIDTH, "height": WIDTH} for i in (1, 2, 3)
        ],
        "categories": [{"id": i, "name": f"class {i}"} for i in range(1, N_CLASSES + 1)],
        "annotations": annotations,
    }


def reference(truth: dict[str, Any], detections: list[Any], task: str) -> list[Any]:
    if task == "segm":
        detections = [{k: v for k, v in one.items() if k != "bbox"} for one in detections]
    with contextlib.redirect_stdout(io.StringIO()):
        api = COCO()
        api.dataset = json.loads(json.dumps(truth))
        api.createIndex()
        evaluation = COCOeval(api, api.loadRes(json.loads(json.dumps(detections))), task)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    values = evaluation.stats
    return [None if value == -1 else pytest.approx(value * 100, abs=1e-9) for value in values]


def hold_against_pycocotools(instances: Sequence[Thing], seen: Sequence[Thing]) -> list[Any]:
    """The twelve numbers of boxes and of masks, which are those of pycocotools."""
    truth = truth_of(instances)
    detections = [{**one.shape(), "score": one.score} for one in seen]
    numbers = counted(sides_of(truth, detections))
    everything = []
    for task in ("bbox", "segm"):
        found = {**ap_of(numbers[task]), **recalls_of(numbers)[task]}
        twelve = [found[key] for key in (*METRICS, *RECALLS)]
        assert twelve == reference(truth, detections, task)
        everything += twelve
    return everything


@settings(max_examples=60, deadline=None)
@given(TRUTHS, SEEN.filter(bool))
def test_any_set_has_the_numbers_of_pycocotools(instances: list[Thing], seen: list[Thing]) -> None:
    hold_against_pycocotools(instances, seen)


@pytest.mark.parametrize("wh", [(32, 32), (96, 96)])
def test_an_instance_on_a_border_is_of_both_sizes(wh: tuple[int, int]) -> None:
    one = Thing(1, 1, 0, 0, wh)
    twelve = hold_against_pycocotools([one], [Thing(1, 1, 0, 0, wh, score=0.9)])[:12]
    assert sum(value == pytest.approx(100) for value in twelve[3:6]) == 2


def test_only_the_hundred_best_of_an_image_and_a_class_count() -> None:
    wrong = [Thing(1, 1, 10, 10, (5, 5), score=0.9)] * 100
    right = Thing(1, 1, 0, 0, (32, 32), score=0.5)
    assert hold_against_pycocotools([Thing(1, 1, 0, 0, (32, 32))], [*wrong, right])[0] == 0
    found = hold_against_pycocotools([Thing(1, 1, 0, 0, (32, 32))], [*wrong[1:], right])
    assert found[0] > 0
    of_another_class = [Thing(1, 2, 10, 10, (5, 5), score=0.9)] * 150
    found = hold_against_pycocotools([Thing(1, 1, 0, 0, (32, 32))], [*of_another_class, right])
    assert found[0] == pytest.approx(100)


def test_detections_in_a_crowd_are_neither_right_nor_wrong() -> None:
    crowd = Thing(1, 1, 0, 0, (110, 120), crowd=True)
    one = Thing(2, 1, 0, 0, (32, 32))
    in_crowd = [Thing(1, 1, n, n, (32, 32), score=0.9) for n in range(5)]
    found = hold_against_pycocotools(
        [crowd, one], [*in_crowd, Thing(2, 1, 0, 0, (32, 32), score=0.5)]
    )
    assert found[0] == pytest.approx(100)


def test_a_class_of_crowds_alone_has_no_number() -> None:
    crowd = Thing(1, 1, 0, 0, (110, 120), crowd=True)
    seen = Thing(1, 1, 0, 0, (32, 32), score=0.9)
    assert set(hold_against_pycocotools([crowd], [seen])) == {None}


def test_classes_without_instances_do_not_lower_the_mean() -> None:
    one, seen = Thing(1, 3, 0, 0, (32, 32)), Thing(1, 3, 0, 0, (32, 32), score=0.9)
    elsewhere = Thing(2, 4, 0, 0, (32, 32), score=0.9)  # of a class that nothing is of
    assert hold_against_pycocotools([one], [seen, elsewhere])[0] == pytest.approx(100)


def test_areas_that_the_ground_truth_says_count_for_its_sizes() -> None:
    truth = truth_of([Thing(1, 1, 0, 0, (110, 120))])
    truth["annotations"][0]["area"] = 1024.0
    detections = [{**Thing(1, 1, 0, 0, (110, 120)).shape(), "score": 0.9}]
    numbers = counted(sides_of(truth, detections))
    for task in ("bbox", "segm"):
        found = {**ap_of(numbers[task]), **recalls_of(numbers)[task]}
        expected = reference(truth, detections, task)
        assert [found[key] for key in (*METRICS, *RECALLS)] == expected
