"""Every number that COCO knows, held against pycocotools on drawn data sets."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pycocotools.mask
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.evaluation.coco import METRICS, ap_of, counted
from core.evaluation.curves import curves_of
from core.evaluation.matching import matches_of
from core.evaluation.sides import sides_of
from core.evaluation.tables import RECALLS, class_tables, recalls_of
from core.matches.curves import coco_curve, points_of

GOLDEN = Path(__file__).parents[2] / "golden"
SIDE = 260
NAMES = ("nut", "fruit", "leaf", "never labelled", "never predicted")


def ellipse(random: np.random.Generator) -> tuple[float, ...]:
    """Centre, radii."""
    small = random.random() < 0.5
    radius = random.uniform(4, 14, 2) if small else random.uniform(20, 70, 2)
    return (*random.uniform(20, SIDE - 20, 2), *radius)


def rle(x: float, y: float, a: float, b: float) -> dict[str, Any]:
    ys, xs = np.mgrid[:SIDE, :SIDE]
    mask = ((xs - x) / a) ** 2 + ((ys - y) / b) ** 2 <= 1
    found = pycocotools.mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": [SIDE, SIDE], "counts": found["counts"].decode()}


def annotation(number: int, image: int, category: int, shape: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": number, "image_id": image, "category_id": category, "segmentation": shape,
        "bbox": pycocotools.mask.toBbox(shape).tolist(),
        "area": float(pycocotools.mask.area(shape)), "iscrowd": 0,
    }  # fmt: skip


def drawn(seed: int, *, images: int = 8, crowded: bool = False) -> tuple[dict[str, Any], list[Any]]:
    """Objects, some in crowds, and detections that are near them, twice, elsewhere, or of another
    class; one image has none of both, and scores are equal now and then."""
    random = np.random.default_rng(seed)
    annotations: list[dict[str, Any]] = []
    detections: list[dict[str, Any]] = []
    ids = [17, 3, 90, 5, 41]
    for image in range(images - 1):
        for _ in range(int(random.integers(0, 7))):
            category, place = ids[int(random.choice([0, 1, 2, 4]))], ellipse(random)
            one = annotation(len(annotations) + 1, 100 - image, category, rle(*place))
            annotations.append({**one, "iscrowd": int(random.random() < 0.15)})
            for _ in range(130 if crowded else int(random.integers(0, 3))):
                moved = np.array(place) * random.normal(1, 0.06, 4)
                detections.append(detection(random, 100 - image, category, tuple(moved)))
        for _ in range(int(random.integers(0, 3))):
            category = ids[int(random.integers(0, 4))]
            detections.append(detection(random, 100 - image, category, ellipse(random)))
    detections = [one for one in detections if one["category_id"] != ids[4]]
    truth = {
        "images": [
            {"id": 100 - i, "file_name": f"{i}.png", "width": SIDE, "height": SIDE}
            for i in range(images)
        ],
        "categories": [{"id": i, "name": name} for i, name in zip(ids, NAMES, strict=True)],
        "annotations": annotations,
    }
    return truth, detections


def detection(
    random: np.random.Generator, image: int, category: int, place: tuple[float, ...]
) -> dict[str, Any]:
    shape = rle(*place)
    return {
        "image_id": image, "category_id": category, "segmentation": shape,
        "bbox": pycocotools.mask.toBbox(shape).tolist(),
        "score": float(random.choice([0.1, 0.5, 0.9, random.random()])),
    }  # fmt: skip


def reference(truth: dict[str, Any], detections: list[Any], task: str) -> COCOeval:
    if task == "segm":
        detections = [{k: v for k, v in one.items() if k != "bbox"} for one in detections]
    with contextlib.redirect_stdout(io.StringIO()):
        api = COCO()
        api.dataset = json.loads(json.dumps(truth))
        api.createIndex()
        evaluation = COCOeval(api, api.loadRes(detections), task)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def in_percent(values: npt.NDArray[np.float64]) -> list[Any]:
    return [None if value == -1 else pytest.approx(value * 100, abs=1e-9) for value in values]


def golden() -> tuple[dict[str, Any], list[Any]]:
    truth, found = ("eval_gt.json", "eval_detections.json")
    return json.loads((GOLDEN / truth).read_text()), json.loads((GOLDEN / found).read_text())


SETS = {
    "golden": golden,
    **{f"drawn {seed}": lambda seed=seed: drawn(seed) for seed in range(4)},
    "more than 100 an image": lambda: drawn(9, images=3, crowded=True),
}


@pytest.mark.parametrize("task", ["bbox", "segm"])
@pytest.mark.parametrize("name", SETS)
def test_the_twelve_numbers_are_those_of_pycocotools(name: str, task: str) -> None:
    truth, detections = SETS[name]()
    numbers = counted(sides_of(truth, detections))
    found = {**ap_of(numbers[task]), **recalls_of(numbers)[task]}
    expected = in_percent(reference(truth, detections, task).stats)
    assert [found[key] for key in (*METRICS, *RECALLS)] == expected


@pytest.mark.parametrize("task", ["bbox", "segm"])
@pytest.mark.parametrize("name", SETS)
def test_the_numbers_of_a_class_are_those_of_pycocotools_with_this_class_alone(
    name: str, task: str
) -> None:
    truth, detections = SETS[name]()
    tables = class_tables(counted(sides_of(truth, detections)))[task]
    categories = sorted(truth["categories"], key=lambda one: one["id"])
    assert [one["name"] for one in tables] == [one["name"] for one in categories]
    for found, category in zip(tables, categories, strict=True):
        of_class = [one for one in detections if one["category_id"] == category["id"]]
        numbers = [found[key] for key in (*METRICS, *RECALLS)]
        if of_class:
            alone = {**truth, "categories": [category]}
            assert numbers == in_percent(reference(alone, of_class, task).stats)
        else:  # pycocotools takes no empty results
            assert set(numbers) <= {0.0, None}


@pytest.mark.parametrize("with_masks", [True, False])
@pytest.mark.parametrize("name", SETS)
def test_the_curves_are_those_of_pycocotools_at_iou_50(name: str, with_masks: bool) -> None:
    truth, detections = SETS[name]()
    if not with_masks:
        detections = [{k: v for k, v in one.items() if k != "segmentation"} for one in detections]
    matches = matches_of(sides_of(truth, detections))
    assert matches.task == ("segm" if with_masks else "bbox")
    expected = reference(truth, detections, matches.task).eval
    for i in range(len(matches.classes)):
        precision, score = expected["precision"][0, :, i, 0, 2], expected["scores"][0, :, i, 0, 2]
        read = coco_curve(points_of(matches, i))
        if precision[0] == -1:
            assert read is None
        else:
            assert read is not None
            np.testing.assert_allclose(read[0], precision, rtol=0, atol=1e-9)
            # at a recall of 0 pycocotools gives the score of what lies in a crowd too
            np.testing.assert_array_equal(read[1][1:], score[1:])


@pytest.mark.parametrize("name", SETS)
def test_ap50_of_a_curve_is_that_of_the_table(name: str) -> None:
    sides = sides_of(*SETS[name]())
    tables = class_tables(counted(sides))["segm"]
    for curve, table in zip(curves_of(matches_of(sides))["classes"], tables, strict=True):
        expected = table["AP50"]
        assert curve["ap50"] == (None if expected is None else pytest.approx(expected, abs=1e-9))
