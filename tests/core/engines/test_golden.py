"""Every engine that reads detectron2's weights, held against what its DefaultPredictor said."""

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pycocotools.mask
import pytest

from core.configs import EngineConfig
from core.engines import Engine, EngineShelf, all_engines
from core.maskrcnn.paste import whole_mask
from core.types import Detections

GOLDEN = Path(__file__).parents[2] / "golden"
MODELS = ("mask_rcnn_tiny", "mask_rcnn_lsj_tiny", "faster_rcnn_tiny")
"""The second is built as the LSJ baselines are: batch norm everywhere, more layers in its heads."""
# An engine that cannot be used on this machine has nothing to compare, and no test.
ENGINES = [name for name in ("maskrcnn", "detectron2") if not all_engines()[name].why_not()]


def load(config: EngineConfig) -> Engine:
    loading = EngineShelf().engine(config)
    with pytest.raises(StopIteration) as stopped:
        next(loading)
    engine: Engine = stopped.value.value
    return engine


def pictures() -> dict[str, npt.NDArray[np.uint8]]:
    found = {}
    for file in sorted((GOLDEN / "images").iterdir()):
        pixels = cv2.imread(str(file))
        assert pixels is not None
        found[file.name] = np.ascontiguousarray(pixels[:, :, ::-1]).astype(np.uint8)
    return found


def expected(model: str) -> Any:
    return json.loads((GOLDEN / f"{model}_expected.json").read_text())


def predicted(engine: Engine) -> dict[str, Detections]:
    return {name: engine.predict([pixels])[0] for name, pixels in pictures().items()}


def wrong_mask_pixels(found: Detections, answers: Any) -> int:
    """Of the worst mask, by pycocotools' own areas."""
    assert found.masks is not None
    worst = 0
    for index, rle in enumerate(answers["masks_rle"]):
        mask = whole_mask(found.masks[index], found.boxes[index], found.size_hw)
        ours = pycocotools.mask.encode(np.asfortranarray(mask, dtype=np.uint8))
        theirs = {**rle, "counts": rle["counts"].encode()}
        both = pycocotools.mask.merge([ours, theirs], intersect=True)
        areas = [int(pycocotools.mask.area(one)) for one in (ours, theirs, both)]
        worst = max(worst, areas[0] + areas[1] - 2 * areas[2])
    return worst


@pytest.mark.parametrize("suffix", [".pth", ".pkl"])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ENGINES)
def test_detections_equal_detectron2s(name: str, model: str, suffix: str) -> None:
    engine = load(EngineConfig(str(GOLDEN / model) + suffix, engine=name, exact=True, device="cpu"))
    answers = expected(model)
    for file, found in predicted(engine).items():
        answer = answers[file]
        assert found.size_hw == (answer["height"], answer["width"])
        assert found.class_ids.tolist() == answer["classes"]
        np.testing.assert_allclose(found.boxes, answer["boxes_xyxy"], atol=0.01, rtol=0)
        np.testing.assert_allclose(found.scores, answer["scores"], atol=1e-4, rtol=0)
        if model == "faster_rcnn_tiny":
            assert found.masks is None
        else:
            assert wrong_mask_pixels(found, answer) <= 2


@pytest.mark.parametrize("model", MODELS)
def test_fast_defaults_move_a_box_by_less_than_a_fiftieth_of_a_pixel(model: str) -> None:
    weights = str(GOLDEN / f"{model}.pth")
    exact = predicted(load(EngineConfig(weights, exact=True, device="cpu")))
    fast = predicted(load(EngineConfig(weights, device="cpu")))
    for file, found in fast.items():
        assert found.class_ids.tolist() == exact[file].class_ids.tolist()
        np.testing.assert_allclose(found.boxes, exact[file].boxes, atol=0.02, rtol=0)
        np.testing.assert_allclose(found.scores, exact[file].scores, atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", ENGINES)
def test_several_images_at_once_give_what_each_gives_alone(name: str) -> None:
    config = EngineConfig(str(GOLDEN / "mask_rcnn_tiny.pth"), engine=name, exact=True, device="cpu")
    engine = load(config)
    alone = predicted(engine)
    together = engine.predict(list(pictures().values()))
    for found, single in zip(together, alone.values(), strict=True):
        assert found.class_ids.tolist() == single.class_ids.tolist()
        np.testing.assert_allclose(found.boxes, single.boxes, atol=0.01, rtol=0)


@pytest.mark.parametrize("name", ENGINES)
def test_a_higher_score_drops_the_rest_and_changes_nothing_else(name: str) -> None:
    weights = str(GOLDEN / "mask_rcnn_tiny.pth")
    all_of_them = predicted(load(EngineConfig(weights, engine=name, exact=True, device="cpu")))
    config = EngineConfig(weights, engine=name, exact=True, device="cpu", score=0.5)
    for file, found in predicted(load(config)).items():
        kept = all_of_them[file].scores >= 0.5
        np.testing.assert_allclose(found.boxes, all_of_them[file].boxes[kept], atol=0.01, rtol=0)


@pytest.mark.parametrize("name", ENGINES)
def test_weights_without_a_config_are_loaded_with_a_note(name: str, tmp_path: Path) -> None:
    alone = shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", tmp_path / "alone.pth")
    engine = load(EngineConfig(str(alone), engine=name, device="cpu"))
    assert any("No config.yaml goes with alone.pth" in note for note in engine.notes)
    assert len(engine.class_names) == 5
