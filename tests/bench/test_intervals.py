"""What small_data.py counts of samples of images is what COCO's code and `effort` count."""

from typing import Any

import numpy as np
import pytest

from core.evaluation.coco import evaluate
from core.evaluation.effort import effort
from tests.bench._intervals import average_precision, edits_of, interval, matched, samples

_SIDE = 100


def _box(x: float, y: float, w: float, h: float) -> dict[str, Any]:
    ring = [x, y, x + w, y, x + w, y + h, x, y + h]
    return {"bbox": [x, y, w, h], "segmentation": [ring], "area": w * h}


@pytest.fixture
def truth() -> dict[str, Any]:
    random, annotations = np.random.default_rng(0), []
    for image in range(1, 7):
        for _ in range(int(random.integers(0, 5))):
            box = _box(*random.uniform(0, 50, 2), *random.uniform(10, 50, 2))
            category = int(random.integers(1, 3))
            one = {"id": len(annotations) + 1, "image_id": image, "category_id": category}
            annotations.append({**one, **box, "iscrowd": int(random.random() < 0.1)})
    return {
        "images": [{"id": n, "height": _SIDE, "width": _SIDE} for n in range(1, 7)],
        "categories": [{"id": 1, "name": "hat"}, {"id": 2, "name": "coat"}],
        "annotations": annotations,
    }


@pytest.fixture
def detections(truth: dict[str, Any]) -> list[dict[str, Any]]:
    random, found = np.random.default_rng(1), []
    for one in truth["annotations"]:
        for _ in range(int(random.integers(0, 3))):
            x, y, w, h = np.asarray(one["bbox"]) + random.uniform(-6, 6, 4)
            about = {key: one[key] for key in ("image_id", "category_id")}
            found.append({**about, **_box(x, y, w, h), "score": float(random.random())})
    return [{key: value for key, value in one.items() if key != "area"} for one in found]


@pytest.mark.parametrize("task", ["segm", "bbox"])
def test_ap_of_the_images_as_they_are_is_what_coco_says(
    truth: dict[str, Any], detections: list[dict[str, Any]], task: str
) -> None:
    found = average_precision(matched(truth, detections, task), np.ones((1, 6)))
    assert found[0] == pytest.approx(evaluate(truth, detections)[task]["AP"], abs=1e-9)


def test_an_image_that_weighs_two_counts_as_if_it_were_there_twice(
    truth: dict[str, Any], detections: list[dict[str, Any]]
) -> None:
    def twin(one: dict[str, Any]) -> dict[str, Any]:
        return {**one, "image_id": 7}

    twice = {
        **truth,
        "images": [*truth["images"], {"id": 7, "height": _SIDE, "width": _SIDE}],
        "annotations": [
            *truth["annotations"],
            *(twin(one) for one in truth["annotations"] if one["image_id"] == 2),
        ],
    }
    again = [*detections, *(twin(one) for one in detections if one["image_id"] == 2)]
    weights = np.array([[1.0, 2.0, 1.0, 1.0, 1.0, 1.0]])
    found = average_precision(matched(truth, detections, "segm"), weights)
    # of two with the same score the first may be right and the second wrong, or both at once
    assert found[0] == pytest.approx(evaluate(twice, again)["segm"]["AP"], abs=1.0)


def test_without_any_detection_ap_is_0(truth: dict[str, Any]) -> None:
    assert average_precision(matched(truth, [], "segm"), np.ones((1, 6))).tolist() == [0.0]


def test_a_sample_without_any_object_says_nothing(
    truth: dict[str, Any], detections: list[dict[str, Any]]
) -> None:
    found = average_precision(matched(truth, detections, "segm"), np.zeros((1, 6)))
    assert np.isnan(found).all()


def test_edits_of_the_images_add_up_to_the_effort(
    truth: dict[str, Any], detections: list[dict[str, Any]]
) -> None:
    said = effort(truth, detections)
    edits = edits_of(truth, detections)
    assert edits.each(np.ones((1, 6)))[0] == pytest.approx(said["edits_per_instance"])
    assert edits.drawing_all.sum() == said["edits_drawing_all"]


def test_a_sample_has_as_many_images_as_there_are_and_is_the_same_for_the_same_seed() -> None:
    drawn = samples(30, 5, seed=3)
    assert drawn.sum(axis=1).tolist() == [30] * 5
    assert (drawn == samples(30, 5, seed=3)).all()


def test_the_interval_holds_95_of_100_samples() -> None:
    low, high = interval(np.append(np.arange(1001.0), np.nan))
    assert (low, high) == (25.0, 975.0)
