"""How sure a fall of AP is."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.compact.chance import standard_error
from core.evaluation.coco import evaluate
from core.evaluation.comparison import Comparison

SIDE = 40


def compared(offsets: Sequence[float], *, seed: int = 0) -> Comparison:
    """An image for each offset, in which each of five boxes is found so many pixels beside it."""
    random = np.random.default_rng(seed)
    annotations, detections = [], []
    for number, offset in enumerate(offsets, start=1):
        for place in range(5):
            box = [place * 2 * SIDE, 0, SIDE, SIDE]
            shared = {"image_id": number, "category_id": 1}
            annotations.append({**shared, "id": len(annotations) + 1, "bbox": box, "iscrowd": 0})
            moved = [box[0] + offset, *box[1:]]
            detections.append({**shared, "bbox": moved, "score": float(random.uniform(0.5, 1))})
    images = [
        {"id": number, "width": 400, "height": SIDE, "file_name": f"{number}.png"}
        for number in range(1, len(offsets) + 1)
    ]
    truth = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "box"}],
    }
    return Comparison(truth, detections, {}, {}, [], "", "")


def fall_of(before: Comparison, after: Comparison) -> float:
    was, now = (evaluate(one.truth, one.detections)["bbox"]["AP"] for one in (before, after))
    return float(was) - float(now)


def test_models_that_see_the_same_differ_by_nothing_for_sure() -> None:
    before = compared([0.0, 6.0, 9.0, 3.0])
    assert standard_error(before, before, "bbox") == 0


def test_the_error_is_about_how_much_falls_differ_from_one_set_of_images_to_another() -> None:
    random = np.random.default_rng(1)
    falls, errors = [], []
    for number in range(60):
        was = random.uniform(0, 10, 12)
        now = was + random.normal(0, 2, 12)
        before, after = (compared(one.tolist(), seed=number) for one in (was, np.abs(now)))
        falls.append(fall_of(before, after))
        errors.append(standard_error(before, after, "bbox"))
    assert np.mean(errors) == pytest.approx(np.std(falls), rel=0.35)


def test_many_images_are_surer_than_few() -> None:
    random = np.random.default_rng(2)
    was = random.uniform(0, 10, 90)
    now = np.abs(was + random.normal(0, 2, 90))
    few, many = (
        standard_error(compared(was[:n].tolist()), compared(now[:n].tolist()), "bbox")
        for n in (9, 90)
    )
    assert few is not None
    assert many is not None
    assert many < few


def test_of_one_image_and_of_masks_that_are_not_there_nothing_can_be_said() -> None:
    one, two = compared([3.0]), compared([3.0, 4.0])
    assert standard_error(one, one, "bbox") is None
    assert standard_error(two, two, "segm") is None
