"""Labels and detections in COCO's words."""

import numpy as np
import numpy.typing as npt
import pycocotools.mask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.evaluation.coco import evaluate
from core.evaluation.datasets import ground_truth_of, results_of, rle_of_crop
from core.types import Detections, ImageLabels, Instance, InstanceState, LabelClass, Part

CLASSES = (LabelClass(7, "nut", "#ff0000"), LabelClass(2, "fruit", "#00ff00"))


def square(x: float, side: float) -> Part:
    return Part([[x, 10], [x + side, 10], [x + side, 10 + side], [x, 10 + side]])


def labels(*instances: Instance) -> ImageLabels:
    return ImageLabels(size_hw=(60, 100), instances=instances)


def detections(*, with_masks: bool) -> Detections:
    return Detections(
        size_hw=(60, 100),
        boxes=np.array([[20, 10, 40, 30], [50, 10.1, 70.3, 30]], np.float32),
        scores=np.array([0.9, 0.1], np.float32),
        class_ids=np.array([0, 1]),
        masks=np.ones((2, 28, 28), np.float32) if with_masks else None,
    )


@given(
    hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))),
    st.integers(0, 5), st.integers(0, 5), st.integers(0, 4), st.integers(0, 4),
)  # fmt: skip
def test_rle_of_a_crop_is_pycocotools_rle_of_the_whole(
    crop: npt.NDArray[np.bool_], left: int, above: int, right: int, below: int
) -> None:
    height, width = above + crop.shape[0] + below, left + crop.shape[1] + right
    whole = np.zeros((height, width), np.uint8, order="F")
    whole[above : above + crop.shape[0], left : left + crop.shape[1]] = crop
    expected = pycocotools.mask.encode(whole)["counts"].decode()
    found = rle_of_crop(crop, (left, above), (height, width))
    assert found == {"size": [height, width], "counts": expected}


def test_an_empty_crop_is_an_empty_mask() -> None:
    found = rle_of_crop(np.zeros((0, 0), bool), (3, 4), (6, 8))
    assert pycocotools.mask.area({**found, "counts": found["counts"].encode()}) == 0


def test_objects_become_annotations_with_box_area_and_outline() -> None:
    truth = ground_truth_of([("a.jpg", labels(Instance("1", 7, (square(20, 20),))))], CLASSES)
    (one,) = truth["annotations"]
    assert truth["images"] == [{"id": 1, "file_name": "a.jpg", "height": 60, "width": 100}]
    assert one["category_id"] == 7
    assert one["bbox"] == [20, 10, 20, 20]
    assert one["area"] == 400
    assert one["iscrowd"] == 0


def test_holes_are_carried_by_rle() -> None:
    hole = np.array([[25, 15], [35, 15], [35, 25], [25, 25]])
    part = Part(square(20, 20).outer, (hole,))
    truth = ground_truth_of([("a.jpg", labels(Instance("1", 7, (part,))))], CLASSES)
    (one,) = truth["annotations"]
    assert one["area"] == 300
    assert set(one["segmentation"]) == {"size", "counts"}


@pytest.mark.parametrize(
    ("state", "crowd", "counts"),
    [
        (InstanceState.PREDICTED, False, False),
        (InstanceState.DRAWN, True, False),
        (InstanceState.ACCEPTED, False, True),
        (InstanceState.EDITED, False, True),
    ],
)
def test_crowds_and_what_nobody_looked_at_count_neither_way(
    state: InstanceState, crowd: bool, counts: bool
) -> None:
    instance = Instance("1", 7, (square(20, 20),), state=state, crowd=crowd)
    truth = ground_truth_of([("a.jpg", labels(instance))], CLASSES)
    assert truth["annotations"][0]["iscrowd"] == (not counts)


def test_results_keep_the_order_and_the_exact_numbers() -> None:
    first, second = results_of(detections(with_masks=True), 4, {0: 7, 1: 2})
    assert (first["image_id"], first["category_id"], second["category_id"]) == (4, 7, 2)
    assert second["score"] == float(np.float32(0.1))
    assert second["bbox"][2] == float(np.float32(70.3) - np.float32(50))


def test_results_of_a_box_only_model_have_no_mask() -> None:
    assert all(
        "segmentation" not in one for one in results_of(detections(with_masks=False), 1, {0: 7})
    )


def test_classes_without_a_category_are_left_out() -> None:
    assert len(results_of(detections(with_masks=True), 1, {1: 2})) == 1


def test_perfect_detections_of_labels_give_ap_100() -> None:
    instance = Instance("1", 7, (square(20, 20),))
    truth = ground_truth_of([("a.jpg", labels(instance))], CLASSES)
    found = evaluate(truth, results_of(detections(with_masks=True), 1, {0: 7}))
    assert found["bbox"]["AP-nut"] == pytest.approx(100)
    assert found["segm"]["AP-nut"] == pytest.approx(100)
    assert found["segm"]["AP-fruit"] is None
