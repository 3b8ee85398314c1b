"""The file of detections, with the real model and with the fake one."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.configs import EngineConfig, PredictConfig
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Noted, Progress
from core.jobs import all_jobs, run_job

GOLDEN = Path(__file__).parents[2] / "golden"
FAKE = EngineConfig("fake", engine="fake")


def draw(file: Path, *, at: int = 20) -> None:
    image = np.full((60, 80, 3), 240, np.uint8)
    cv2.rectangle(image, (at, 20), (at + 19, 39), (40, 40, 220), -1)  # red, in OpenCV's order
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), image)


def predict(out: Path, *images: Path, engine: EngineConfig = FAKE, coco: str = "") -> list[Event]:
    config = PredictConfig(engine, tuple(map(str, images)), str(out), coco)
    return list(run_job("predict", config, EngineShelf(), jobs=all_jobs()))


def written(out: Path) -> Any:
    return json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.parametrize("model", ["mask_rcnn_tiny", "faster_rcnn_tiny"])
def test_the_file_holds_what_detectron2_answered(model: str, tmp_path: Path) -> None:
    out = tmp_path / "d.json"
    weights = EngineConfig(str(GOLDEN / f"{model}.pth"), exact=True, device="cpu")
    predict(out, GOLDEN / "images", engine=weights)
    found, answers = written(out), json.loads((GOLDEN / f"{model}_expected.json").read_text())
    assert [one["id"] for one in found["annotations"]] == list(
        range(1, len(found["annotations"]) + 1)
    )
    assert {one["file_name"] for one in found["images"]} == set(answers)
    for image in found["images"]:
        answer = answers[image["file_name"]]
        mine = [one for one in found["annotations"] if one["image_id"] == image["id"]]
        assert (image["height"], image["width"]) == (answer["height"], answer["width"])
        assert [one["category_id"] - 1 for one in mine] == answer["classes"]
        np.testing.assert_allclose([one["score"] for one in mine], answer["scores"], atol=1e-4)
        boxes = np.array([one["bbox"] for one in mine])
        boxes[:, 2:] += boxes[:, :2]
        np.testing.assert_allclose(boxes, answer["boxes_xyxy"], atol=0.01, rtol=0)
        if model == "faster_rcnn_tiny":
            assert all("segmentation" not in one for one in mine)
            assert mine[0]["area"] == pytest.approx(mine[0]["bbox"][2] * mine[0]["bbox"][3])
        else:
            assert [one["segmentation"] for one in mine] == answer["masks_rle"]


def test_numbers_are_the_models_float32_unrounded(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    predict(tmp_path / "d.json", tmp_path / "a.png")
    (one,) = written(tmp_path / "d.json")["annotations"]
    assert one["score"] == float(np.float32(one["score"]))
    assert one["bbox"] == [20, 20, 20, 20]
    assert one["area"] == 400


def test_folders_are_walked_in_the_order_that_a_person_counts(tmp_path: Path) -> None:
    for name in ("img10.png", "img2.png", "deeper/img1.PNG"):
        draw(tmp_path / "photos" / name)
    (tmp_path / "photos" / "notes.txt").write_text("no image")
    predict(tmp_path / "d.json", tmp_path / "photos")
    names = [one["file_name"] for one in written(tmp_path / "d.json")["images"]]
    assert names == ["deeper/img1.PNG", "img2.png", "img10.png"]


def test_images_without_detections_are_in_the_file(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "plain.png"), np.full((30, 40, 3), 90, np.uint8))
    predict(tmp_path / "d.json", tmp_path / "plain.png")
    found = written(tmp_path / "d.json")
    assert found["images"] == [{"id": 1, "file_name": "plain.png", "height": 30, "width": 40}]
    assert found["annotations"] == []


def test_categories_count_from_one_in_the_weights_order(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    predict(tmp_path / "d.json", tmp_path / "a.png")
    assert written(tmp_path / "d.json")["categories"] == [
        {"id": 1, "name": "red"}, {"id": 2, "name": "green"}, {"id": 3, "name": "blue"},
    ]  # fmt: skip


def coco(folder: Path, *names: str, files: tuple[str, ...] = ("sub/a.png",)) -> str:
    content = {
        "images": [{"id": 40 + i, "file_name": name} for i, name in enumerate(files)],
        "categories": [{"id": 90 - 10 * i, "name": name} for i, name in enumerate(names)],
        "annotations": [],
    }
    file = folder / "gt.json"
    file.write_text(json.dumps(content))
    return str(file)


def test_category_ids_of_a_coco_file_go_by_name(tmp_path: Path) -> None:
    draw(tmp_path / "sub" / "a.png")
    given = coco(tmp_path, "blue", "red", "green")
    predict(tmp_path / "d.json", tmp_path / "sub" / "a.png", coco=given)
    found = written(tmp_path / "d.json")
    assert found["annotations"][0]["category_id"] == 80
    assert found["annotations"][0]["image_id"] == 40
    assert found["images"][0]["file_name"] == "sub/a.png"


def test_category_ids_of_a_coco_file_go_by_ascending_id_where_no_name_is_the_same(
    tmp_path: Path,
) -> None:
    draw(tmp_path / "a.png")
    given = coco(tmp_path, "x", "y", "z")
    predict(tmp_path / "d.json", tmp_path / "a.png", coco=given)
    assert written(tmp_path / "d.json")["annotations"][0]["category_id"] == 70


def test_classes_that_the_coco_file_lacks_are_left_out_with_a_note(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    events = predict(tmp_path / "d.json", tmp_path / "a.png", coco=coco(tmp_path, "blue"))
    assert written(tmp_path / "d.json")["annotations"] == []
    assert any("no category for red, green" in e.sentence for e in events if isinstance(e, Noted))


def test_fewer_categories_of_other_names_are_refused(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    with pytest.raises(AppError, match="3 classes and the COCO file 1"):
        predict(tmp_path / "d.json", tmp_path / "a.png", coco=coco(tmp_path, "x"))


def test_images_that_the_coco_file_lacks_are_listed(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    draw(tmp_path / "b.png")
    events = predict(
        tmp_path / "d.json", tmp_path / "a.png", tmp_path / "b.png", coco=coco(tmp_path, "red")
    )
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert [Path(one["where"]).name for one in finished.result["problems"]] == ["b.png"]


def test_a_coco_file_of_other_images_is_refused(tmp_path: Path) -> None:
    draw(tmp_path / "b.png")
    with pytest.raises(AppError, match="has none of these images"):
        predict(tmp_path / "d.json", tmp_path / "b.png", coco=coco(tmp_path, "red"))


@pytest.mark.parametrize("text", ["{", "[]", '{"images": []}', '{"images": [1], "categories": []}'])
def test_a_coco_file_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    (tmp_path / "gt.json").write_text(text)
    with pytest.raises(AppError, match="not a COCO file"):
        predict(tmp_path / "d.json", tmp_path / "a.png", coco=str(tmp_path / "gt.json"))


def test_unreadable_images_are_listed_and_the_others_predicted(tmp_path: Path) -> None:
    draw(tmp_path / "p" / "good.png")
    (tmp_path / "p" / "bad.png").write_bytes(b"")
    finished = predict(tmp_path / "d.json", tmp_path / "p")[-1]
    assert isinstance(finished, Finished)
    assert (finished.result["images"], finished.result["detections"]) == (1, 1)
    (problem,) = finished.result["problems"]
    assert problem["where"].endswith("bad.png")
    assert problem["sentence"]


def test_nothing_readable_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"")
    with pytest.raises(AppError, match="No image could be read"):
        predict(tmp_path / "d.json", tmp_path / "bad.png")
    assert not (tmp_path / "d.json").exists()


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no image or folder"):
        predict(tmp_path / "d.json", tmp_path / "none")


def test_a_folder_without_images_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="There is no image in"):
        predict(tmp_path / "d.json", tmp_path)


def test_progress_counts_images_and_guesses_the_time_left(tmp_path: Path) -> None:
    for name in "abc":
        draw(tmp_path / "p" / f"{name}.png")
    steps = [e for e in predict(tmp_path / "d.json", tmp_path / "p") if isinstance(e, Progress)]
    assert [(step.done, step.total) for step in steps] == [(1, 3), (2, 3), (3, 3)]
    assert steps[-1].eta_s == 0


def test_a_cancelled_prediction_leaves_an_older_file_as_it_was(tmp_path: Path) -> None:
    for name in "abc":
        draw(tmp_path / "p" / f"{name}.png")
    (tmp_path / "d.json").write_text("older")
    config = PredictConfig(FAKE, (str(tmp_path / "p"),), str(tmp_path / "d.json"))
    running = run_job("predict", config, EngineShelf(), jobs=all_jobs())
    while not isinstance(next(running), Progress):
        pass
    running.close()
    assert (tmp_path / "d.json").read_text() == "older"


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    shutil.copy(tmp_path / "a.png", tmp_path / "w.pth")
    with pytest.raises(AppError):
        predict(
            tmp_path / "d.json", tmp_path / "a.png", engine=EngineConfig(str(tmp_path / "w.pth"))
        )


def test_detections_never_take_the_place_of_weights_or_photos(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    weights = tmp_path / "w.pth"
    weights.write_bytes(b"PK\x03\x04")
    for out in (weights, tmp_path / "a.png", tmp_path / "b.png"):
        with pytest.raises(AppError, match="choose another"):
            predict(out, tmp_path / "a.png")
    assert weights.read_bytes() == b"PK\x03\x04"


def test_a_file_name_that_is_no_text_is_carried_all_the_same(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / os.fsdecode(b"\xff.png"))
    predict(tmp_path / "d.json", tmp_path)
    assert written(tmp_path / "d.json")["images"][0]["file_name"] == os.fsdecode(b"\xff.png")


def test_a_coco_file_nested_without_end_is_none(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    (tmp_path / "gt.json").write_text("[" * 99_999)
    with pytest.raises(AppError, match="not a COCO file"):
        predict(tmp_path / "d.json", tmp_path / "a.png", coco=str(tmp_path / "gt.json"))
