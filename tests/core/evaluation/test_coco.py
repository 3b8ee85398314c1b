"""AP, held against what detectron2's COCOEvaluator said and against pycocotools."""

import contextlib
import copy
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pycocotools.mask
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.errors import AppError
from core.evaluation.coco import METRICS, evaluate

GOLDEN = Path(__file__).parents[2] / "golden"


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text())


def square(x: float, side: float) -> list[float]:
    return [x, 10, x + side, 10, x + side, 10 + side, x, 10 + side]


def one_object(**changes: Any) -> dict[str, Any]:
    annotation = {
        "id": 1, "image_id": 5, "category_id": 3, "bbox": [20, 10, 40, 40], "area": 1600.0,
        "iscrowd": 0, "segmentation": [square(20, 40)],
    }  # fmt: skip
    return {
        "images": [{"id": 5, "file_name": "a.png", "width": 100, "height": 80}],
        "categories": [{"id": 3, "name": "apple"}],
        "annotations": [{**annotation, **changes}],
    }


def detection(*, x: float = 20, score: float = 0.9, image: int = 5) -> dict[str, Any]:
    mask = np.zeros((80, 100, 1), np.uint8, order="F")
    mask[10:50, int(x) : int(x) + 40] = 1
    rle = pycocotools.mask.encode(mask)[0]
    return {
        "image_id": image, "category_id": 3, "bbox": [x, 10, 40, 40], "score": score,
        "segmentation": {"size": [80, 100], "counts": rle["counts"].decode()},
    }  # fmt: skip


@pytest.mark.parametrize("task", ["bbox", "segm"])
def test_ap_equals_what_detectron2_reported(task: str) -> None:
    found = evaluate(golden("eval_gt.json"), golden("eval_detections.json"))[task]
    expected = golden("eval_expected.json")[task]
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name] == (None if value is None else pytest.approx(value, abs=1e-9))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("task", ["bbox", "segm"])
def test_ap_equals_pycocotools_on_disturbed_detections(task: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    truth, found = golden("eval_gt.json"), golden("eval_detections.json")
    for one in found:
        one["score"] = float(random.random())
        one["bbox"] = [float(v + random.normal(0, 3)) for v in one["bbox"]]
    ours = evaluate(truth, found)[task]
    if task == "segm":
        found = [{k: v for k, v in one.items() if k != "bbox"} for one in found]
    with contextlib.redirect_stdout(io.StringIO()):
        api = COCO()
        api.dataset = truth
        api.createIndex()
        reference = COCOeval(api, api.loadRes(found), task)
        reference.evaluate()
        reference.accumulate()
        reference.summarize()
    assert [ours[name] for name in METRICS] == pytest.approx(100 * reference.stats[:6], abs=1e-9)


def test_evaluation_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    evaluate(golden("eval_gt.json"), golden("eval_detections.json"))
    assert capfd.readouterr() == ("", "")


def test_evaluation_leaves_its_arguments_as_they_are() -> None:
    truth, found = golden("eval_gt.json"), golden("eval_detections.json")
    before = copy.deepcopy((truth, found))
    evaluate(truth, found)
    assert (truth, found) == before


def test_an_exact_detection_gives_ap_100() -> None:
    found = evaluate(one_object(), [detection()])
    assert found["bbox"]["AP"] == pytest.approx(100)
    assert found["segm"]["AP-apple"] == pytest.approx(100)


def test_no_detections_give_ap_0_where_there_is_ground_truth() -> None:
    found = evaluate(one_object(), [])
    assert found["bbox"]["AP"] == 0
    assert found["segm"]["AP"] == 0
    assert found["bbox"]["APl"] is None


def test_no_ground_truth_gives_no_number() -> None:
    found = evaluate({**one_object(), "annotations": []}, [detection()])
    assert set(found["bbox"].values()) == {None}


def test_an_annotation_with_id_0_counts_as_found() -> None:
    assert evaluate(one_object(id=0), [detection()])["bbox"]["AP"] == pytest.approx(100)


def test_detections_without_masks_give_no_mask_ap() -> None:
    boxes_only = [{k: v for k, v in detection().items() if k != "segmentation"}]
    found = evaluate(one_object(), boxes_only)
    assert found["bbox"]["AP"] == pytest.approx(100)
    assert set(found["segm"].values()) == {None}


def test_ground_truth_without_masks_gives_no_mask_ap() -> None:
    found = evaluate(one_object(segmentation=[]), [detection()])
    assert found["bbox"]["AP"] == pytest.approx(100)
    assert found["segm"]["AP"] is None


def test_box_and_area_are_taken_from_the_mask_where_they_are_missing() -> None:
    truth = one_object()
    del truth["annotations"][0]["bbox"], truth["annotations"][0]["area"]
    found = evaluate(truth, [detection()])
    assert found["bbox"]["AP"] == pytest.approx(100)
    assert found["bbox"]["APm"] == pytest.approx(100)


def test_a_detection_of_a_crowd_counts_neither_way() -> None:
    truth = one_object()
    crowd = {**truth["annotations"][0], "id": 2, "iscrowd": 1, "segmentation": [square(60, 30)]}
    truth["annotations"].append({**crowd, "bbox": [60, 10, 30, 30]})
    in_crowd = {**detection(x=60, score=0.99), "bbox": [61, 11, 20, 20]}
    assert evaluate(truth, [in_crowd, detection()])["bbox"]["AP"] == pytest.approx(100)


def test_classes_of_the_same_name_keep_a_number_each() -> None:
    truth = one_object()
    truth["categories"].append({"id": 8, "name": "apple"})
    found = evaluate(truth, [detection()])["bbox"]
    assert found["AP-apple (id 3)"] == pytest.approx(100)
    assert found["AP-apple (id 8)"] is None


def test_detections_of_unknown_images_are_refused_in_a_sentence() -> None:
    with pytest.raises(AppError, match="1 images that the ground truth does not have"):
        evaluate(one_object(), [detection(image=6)])


@pytest.mark.parametrize("broken", [{}, {"images": []}, {"images": 3, "categories": []}])
def test_what_is_no_coco_data_set_is_refused_in_a_sentence(broken: dict[str, Any]) -> None:
    with pytest.raises(AppError, match="not a COCO data set"):
        evaluate(broken, [])


def test_a_segmentation_that_is_none_is_refused_in_a_sentence() -> None:
    truth = one_object(segmentation={"what": 1})
    del truth["annotations"][0]["area"]
    with pytest.raises(AppError, match="neither polygons nor RLE"):
        evaluate(truth, [detection()])


def test_a_box_is_made_from_the_mask_where_a_detection_has_none() -> None:
    no_box = {key: value for key, value in detection().items() if key != "bbox"}
    assert evaluate(one_object(), [no_box])["bbox"]["AP"] == pytest.approx(100)


@pytest.mark.parametrize("missing", ["image_id", "category_id", "score"])
def test_a_detection_that_lacks_something_is_refused_in_a_sentence(missing: str) -> None:
    broken = {key: value for key, value in detection().items() if key != missing}
    with pytest.raises(AppError, match="A detection cannot be counted"):
        evaluate(one_object(), [broken])
