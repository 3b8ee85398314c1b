"""The engine that other tests lean on."""

import subprocess
import sys

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from core.configs import EngineConfig
from core.engines import Engine, EngineShelf, all_engines
from core.errors import AppError
from core.types import Detections


def load(weights: str = "fake", *, names: tuple[str, ...] = (), score: float = 0.05) -> Engine:
    config = EngineConfig(weights, engine="fake", class_names=names, score=score)
    loading = EngineShelf().engine(config)
    with pytest.raises(StopIteration) as stopped:
        next(loading)
    engine: Engine = stopped.value.value
    return engine


def picture() -> npt.NDArray[np.uint8]:
    image = np.full((120, 160, 3), 235, np.uint8)
    cv2.circle(image, (40, 60), 20, (220, 30, 30), -1)
    cv2.rectangle(image, (90, 20), (139, 59), (30, 160, 40), -1)
    cv2.rectangle(image, (100, 90), (119, 109), (40, 40, 220), -1)
    return image


def found(engine: Engine) -> Detections:
    (detections,) = engine.predict([picture()])
    return detections


def test_drawn_shapes_are_found_where_they_are() -> None:
    boxes = {tuple(box) for box in found(load()).boxes.tolist()}
    assert boxes == {(20, 40, 61, 81), (90, 20, 140, 60), (100, 90, 120, 110)}


def test_classes_go_by_hue() -> None:
    detections = found(load())
    by_box = dict(zip(detections.boxes[:, 0].tolist(), detections.class_ids.tolist(), strict=True))
    assert by_box == {20: 0, 90: 1, 100: 2}


def test_masks_are_crops_in_their_boxes() -> None:
    detections = found(load())
    assert detections.masks is not None
    assert detections.masks.shape == (3, 28, 28)
    circle = detections.masks[detections.boxes[:, 0] == 20][0]
    assert circle[0, 0] == 0
    assert circle[14, 14] == 1


def test_scores_fall_and_respect_the_threshold() -> None:
    scores = found(load()).scores
    assert (np.diff(scores) <= 0).all()
    threshold = float(scores[1])
    assert len(found(load(score=threshold))) == 2


def test_given_class_names_are_used() -> None:
    engine = load(names=("thing",))
    assert tuple(engine.class_names) == ("thing",)
    assert set(found(engine).class_ids.tolist()) == {0}


def test_a_plain_image_has_nothing() -> None:
    (detections,) = load().predict([np.full((9, 7, 3), 80, np.uint8)])
    assert len(detections) == 0
    assert detections.size_hw == (9, 7)


def test_the_same_picture_gives_the_same_detections() -> None:
    first, second = found(load()), found(load("fake:slow"))
    assert np.array_equal(first.boxes, second.boxes)
    assert np.array_equal(first.scores, second.scores)


def test_it_fails_on_demand_when_it_predicts() -> None:
    engine = load("fake:fail")
    with pytest.raises(AppError, match="told to fail"):
        engine.predict([picture()])


@pytest.mark.parametrize("weights", ["fake:broken", "fake:unheard", "other"])
def test_it_fails_on_demand_when_it_loads(weights: str) -> None:
    with pytest.raises(AppError):
        next(EngineShelf().engine(EngineConfig(weights, engine="fake")))


def test_it_dies_on_demand_with_its_process() -> None:
    code = (
        "import numpy as np; from core.configs import EngineConfig as C\n"
        "from core.engines.fake import SPEC\n"
        "SPEC.load(C('fake:die', engine='fake')).predict([np.zeros((9, 9, 3), np.uint8)])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 3


def test_it_needs_no_torch() -> None:
    code = (
        "import sys, numpy as np; from core.configs import EngineConfig as C\n"
        "from core.engines.fake import SPEC\n"
        "SPEC.load(C('fake', engine='fake')).predict([np.zeros((9, 9, 3), np.uint8)])\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_engine_is_told_with_those_that_are_there() -> None:
    with pytest.raises(AppError, match="no engine named mystery; there are"):
        next(EngineShelf().engine(EngineConfig("fake", engine="mystery")))


def test_in_a_box_the_largest_blob_is_found() -> None:
    boxes = np.array([[80, 10, 150, 115], [0, 90, 30, 119]], np.float32)
    engine = load()
    assert all_engines()["fake"].segments_boxes
    detections = engine.in_boxes(picture(), boxes)  # type: ignore[attr-defined]
    assert detections.boxes.tolist() == [[90, 20, 140, 60]]
