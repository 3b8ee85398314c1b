"""The job that segments in a box: on the golden weights, and on the engine without a model."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.configs import EngineConfig, SegmentBoxConfig, from_json, to_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Assisted, Event, Finished, from_line, to_line
from core.geometry import iou, mask_from_rle, parts_from_mask
from core.images import read_image
from core.jobs import all_jobs, run_job
from core.types import Part

GOLDEN = Path(__file__).parents[2] / "golden"
FAKE = EngineConfig("fake", engine="fake")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A red square (20, 20) to (60, 60) and a green one (80, 20) to (100, 40)."""
    pixels = np.full((90, 120, 3), 230, np.uint8)
    cv2.rectangle(pixels, (20, 20), (59, 59), (40, 40, 200), -1)
    cv2.rectangle(pixels, (80, 20), (99, 39), (40, 180, 40), -1)
    file = tmp_path / "a.png"
    cv2.imwrite(str(file), pixels)
    return file


def events(config: SegmentBoxConfig, shelf: EngineShelf | None = None) -> list[Event]:
    return list(run_job("segment_box", config, shelf or EngineShelf(), jobs=all_jobs()))


def answered(config: SegmentBoxConfig) -> Assisted:
    *_, answer, last = events(config)
    assert isinstance(answer, Assisted)
    assert isinstance(last, Finished)
    return answer


def test_what_stands_in_the_box_is_answered_with_its_class(picture: Path) -> None:
    answer = answered(SegmentBoxConfig(FAKE, str(picture), (75, 15, 105, 45)))

    ((part,),) = answer.parts
    square = Part(np.array([[80, 20], [100, 20], [100, 40], [80, 40]]))
    assert iou((part,), (square,)) > 0.95
    assert len(answer.scores) == 1
    assert answer.class_names == ("green",)
    assert from_line(to_line(answer)) == answer


def test_it_is_one_of_the_classes_that_it_may_be(picture: Path) -> None:
    config = SegmentBoxConfig(FAKE, str(picture), (75, 15, 105, 45), ("red", "car"))
    assert answered(config).class_names == ("red",)
    assert from_json(SegmentBoxConfig, to_json(config)) == config


def test_where_it_may_be_no_class_of_the_weights_it_is_the_likeliest(picture: Path) -> None:
    config = SegmentBoxConfig(FAKE, str(picture), (75, 15, 105, 45), ("car",))
    assert answered(config).class_names == ("green",)


def test_the_next_box_reads_the_image_once_more_only_if_it_was_changed(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def counted(path: Path) -> np.ndarray:
        read.append(path)
        return read_image(path)

    monkeypatch.setattr("core.jobs.segment_box.read_image", counted)
    shelf, config = EngineShelf(), SegmentBoxConfig(FAKE, str(picture), (75, 15, 105, 45))
    first, second = events(config, shelf), events(config, shelf)
    assert first == second
    assert len(read) == 1
    cv2.imwrite(str(picture), np.full((9, 12, 3), 230, np.uint8))
    assert Assisted(str(picture), (), ()) in events(config, shelf)
    assert len(read) == 2


def test_a_box_with_nothing_in_it_is_answered_with_nothing(picture: Path) -> None:
    answer = answered(SegmentBoxConfig(FAKE, str(picture), (1, 70, 30, 88)))

    assert answer == Assisted(str(picture), (), ())


def test_a_box_beside_the_image_is_answered_with_nothing(picture: Path) -> None:
    answer = answered(SegmentBoxConfig(FAKE, str(picture), (200, 10, 300, 50)))

    assert answer.parts == ()


def test_the_golden_weights_answer_with_the_golden_mask() -> None:
    file, truth = "big_640x480.png", _expected()["big_640x480.png"]
    engine = EngineConfig(
        str(GOLDEN / "mask_rcnn_tiny.pth"), device="cpu", exact=True,
        model_config=str(GOLDEN / "mask_rcnn_tiny.yaml"),
    )  # fmt: skip
    config = SegmentBoxConfig(engine, str(GOLDEN / "images" / file), (1, 2, 3, 4))
    shelf = EngineShelf()
    for box, rle in list(zip(truth["boxes_xyxy"], truth["masks_rle"], strict=True))[:4]:
        *_, answer, _last = events(replace(config, box=tuple(box)), shelf)
        assert isinstance(answer, Assisted)
        assert iou(answer.parts[0], parts_from_mask(mask_from_rle(rle))) > 0.95
        assert len(answer.class_names) == 1


def test_weights_without_masks_are_refused_with_what_helps() -> None:
    engine = EngineConfig(
        str(GOLDEN / "faster_rcnn_tiny.pth"), device="cpu",
        model_config=str(GOLDEN / "faster_rcnn_tiny.yaml"),
    )  # fmt: skip
    file = str(GOLDEN / "images" / "odd_319x241.png")

    with pytest.raises(AppError, match="no outlines"):
        events(SegmentBoxConfig(engine, file, (10, 10, 60, 60)))


def test_an_engine_that_cannot_is_refused(picture: Path) -> None:
    config = SegmentBoxConfig(EngineConfig("w", engine="detectron2"), str(picture), (1, 1, 5, 5))

    with pytest.raises(AppError, match="cannot segment in a box"):
        events(config)


@pytest.mark.parametrize("box", [(5, 5, 5, 9), (9, 5, 5, 9), (float("nan"), 0, 1, 1)])
def test_a_box_without_an_area_is_no_config(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(AppError):
        SegmentBoxConfig(FAKE, "a.png", box)


def test_the_config_survives_its_way_to_the_child(picture: Path) -> None:
    config = SegmentBoxConfig(FAKE, str(picture), (1, 2.5, 3, 4))

    assert from_json(SegmentBoxConfig, to_json(config)) == config


def _expected() -> dict[str, dict[str, list[list[float]]]]:
    found: dict[str, dict[str, list[list[float]]]] = json.loads(
        (GOLDEN / "mask_rcnn_tiny_expected.json").read_text()
    )
    return found
