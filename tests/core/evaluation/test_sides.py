"""What is checked of a ground truth and of detections, each with its sentence."""

import copy
import math
from typing import Any

import pycocotools.mask
import pytest

from core.errors import AppError
from core.evaluation.coco import evaluate
from core.evaluation.sides import rle_of_coco, sides_of

RUNS = [10 * 80 + 10, *([20, 60] * 19), 20, 70 * 80 + 50]
"""Of 20 columns of 20 pixels each, in an image that is 80 high and 100 wide."""
SQUARE = [10, 10, 30, 10, 30, 30, 10, 30]


def truth(**changes: Any) -> dict[str, Any]:
    annotation = {
        "id": 1, "image_id": 5, "category_id": 3, "bbox": [10, 10, 20, 20], "area": 400.0,
        "iscrowd": 0, "segmentation": [SQUARE],
    }  # fmt: skip
    return {
        "images": [{"id": 5, "file_name": "a.png", "width": 100, "height": 80}],
        "categories": [{"id": 3, "name": "apple"}],
        "annotations": [{**annotation, **changes}],
    }


def detection(**changes: Any) -> dict[str, Any]:
    return {
        "image_id": 5, "category_id": 3, "bbox": [10, 10, 20, 20], "score": 0.9,
        "segmentation": {"size": [80, 100], "counts": RUNS},
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_refused(score: float) -> None:
    with pytest.raises(AppError, match=r"a\.png has a score that is no number"):
        sides_of(truth(), [detection(score=score)])


@pytest.mark.parametrize("score", [None, "much", []])
def test_a_score_that_is_something_else_is_refused(score: Any) -> None:
    with pytest.raises(AppError, match="A detection cannot be counted"):
        sides_of(truth(), [detection(score=score)])


@pytest.mark.parametrize("box", [[0, 0], [0, 0, math.nan, 1], [0, 0, 1e308, 1], []])
def test_a_box_that_is_none_is_refused_on_both_sides(box: list[float]) -> None:
    with pytest.raises(AppError, match=r"A detection in a\.png has a box that is none"):
        sides_of(truth(), [detection(bbox=box)])
    with pytest.raises(AppError, match=r"Annotation 1 in a\.png has a box that is none"):
        sides_of(truth(bbox=box), [])


@pytest.mark.parametrize(
    "ring", [[0, 0, 1, 1, 5, math.nan], ["a", 0, 1, 1, 5, 5], [0, 0, 9e9, 1, 5, 5]]
)
def test_an_outline_with_points_nowhere_is_refused(ring: list[Any]) -> None:
    with pytest.raises(AppError, match="neither polygons nor RLE"):
        sides_of(truth(segmentation=[ring]), [])


def test_rings_that_enclose_nothing_are_no_part_of_a_mask() -> None:
    assert rle_of_coco([SQUARE, [1, 1, 2, 2]], (80, 100)) == rle_of_coco([SQUARE], (80, 100))
    assert pycocotools.mask.area(rle_of_coco([[1, 1, 2, 2]], (80, 100))) == 0


@pytest.mark.parametrize(
    "mask",
    [
        {"size": [80, 100], "counts": "!!!"},
        {"size": [80, 100], "counts": "abc"},
        {"size": [80, 100], "counts": [0, 4]},
        {"size": [80, 100], "counts": [8001]},
    ],
)
def test_runs_that_do_not_fill_the_image_are_refused(mask: dict[str, Any]) -> None:
    with pytest.raises(AppError, match=r"a\.png has a mask that is no RLE"):
        sides_of(truth(), [detection(segmentation=mask)])
    with pytest.raises(AppError, match=r"Annotation 1 in a\.png has a mask that is no RLE"):
        sides_of(truth(segmentation=mask), [])


def test_a_mask_of_another_size_than_its_image_is_refused() -> None:
    mask = {"size": [100, 80], "counts": [8000]}
    with pytest.raises(AppError, match="for an image of 80 x 100 pixels, and the image has 100 x"):
        sides_of(truth(), [detection(segmentation=mask)])


def test_an_image_without_a_size_is_refused_where_it_is_needed() -> None:
    without = truth()
    del without["images"][0]["height"]
    with pytest.raises(AppError, match=r"a\.png of the ground truth has no height and width"):
        sides_of(without, [])
    boxes_only = {**without, "annotations": truth(segmentation=None)["annotations"]}
    assert evaluate(boxes_only, [detection(segmentation=None)])["bbox"]["AP"] == pytest.approx(100)


@pytest.mark.parametrize("key", ["images", "categories"])
def test_an_id_that_is_given_twice_is_refused(key: str) -> None:
    twice = truth()
    twice[key] = [*twice[key], copy.deepcopy(twice[key][0])]
    with pytest.raises(AppError, match=rf"the id [35] is given to several {key}"):
        sides_of(twice, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"annotations": [1]},
        {"images": [1]},
        {"categories": [{"id": 3}]},
        {"categories": [{"id": [3], "name": "apple"}]},
        {"images": [{"file_name": "a.png"}]},
        {"annotations": {}},
    ],
)
def test_what_has_not_the_shape_of_a_data_set_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(AppError, match="not a COCO data set"):
        sides_of({**truth(), **changes}, [])


@pytest.mark.parametrize("changes", [{"image_id": 9}, {"iscrowd": "yes"}, {"image_id": [1]}])
def test_an_annotation_that_cannot_be_counted_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(AppError, match="in its annotation 1"):
        sides_of(truth(**changes), [])


def test_ids_may_be_texts() -> None:
    named = truth(image_id="five", category_id="three")
    named["images"][0]["id"], named["categories"][0]["id"] = "five", "three"
    found = [detection(image_id="five", category_id="three")]
    assert evaluate(named, found)["bbox"]["AP-apple"] == pytest.approx(100)


def test_unknown_categories_count_on_neither_side() -> None:
    more = truth()
    more["annotations"].append({**more["annotations"][0], "id": 2, "category_id": 8})
    sides = sides_of(more, [detection(), detection(category_id=9)])
    assert len(sides.dataset["annotations"]) == len(sides.detections) == 1


def test_detections_may_have_polygons() -> None:
    found = evaluate(truth(), [detection(segmentation=[SQUARE])])
    assert found["segm"]["AP"] == pytest.approx(100)


def test_instances_go_by_their_ids() -> None:
    assert sides_of(truth(instance_id="ab"), []).dataset["annotations"][0]["name"] == "ab"
    assert sides_of(truth(), []).dataset["annotations"][0]["name"] == 1
