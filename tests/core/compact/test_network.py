"""A network in ONNX sees what the model sees that it was made of."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx as onnx_package
import pytest
import torch

from core.compact.onnx_model import write_network
from core.configs import EngineConfig
from core.engines import onnx
from core.maskrcnn.checkpoint import load_into, read_weights
from core.maskrcnn.config import settings_from_yaml
from core.maskrcnn.model import MaskRCNN
from core.onnx_file import About
from tests.core.compact.small_models import (
    about_of,
    assert_equal,
    network_of,
    picture,
    random_model,
    settings_with,
)

torch.set_num_threads(1)

GOLDEN = Path(__file__).parents[2] / "golden"
BUILDS: dict[str, dict[str, Any]] = {
    "batch norm": {},
    "group norm": {
        "backbone_norm": "GN", "fpn_norm": "GN", "box_norm": "GN", "mask_norm": "GN",
        "stem_channels": 32, "width_per_group": 32, "box_num_conv": 2, "box_conv_dim": 32,
    },
    "frozen norms, BGR, strides as MSRA's": {
        "backbone_norm": "FrozenBN", "input_format": "BGR", "stride_in_1x1": True,
        "pixel_mean": (103.53, 116.28, 123.675), "pixel_std": (1.0, 1.0, 1.0),
    },
    "groups": {"groups": 4, "width_per_group": 4},
    "one box and one mask for all classes": {
        "box_is_class_agnostic": True, "mask_is_class_agnostic": True,
    },
    "many layers in the heads": {
        "rpn_conv_dims": (-1, -1), "box_num_conv": 3, "box_num_fc": 1, "box_conv_dim": 24,
        "mask_num_conv": 1,
    },
    "no masks": {"mask_on": False},
    "samples and offsets": {
        "box_sampling_ratio": 2, "mask_sampling_ratio": 1, "anchor_offset": 0.5,
        "rpn_min_box_px": 3,
    },
    "basic blocks": {"depth": 18, "res2_channels": 64, "stem_channels": 16},
}  # fmt: skip


@pytest.mark.parametrize("build", BUILDS)
def test_a_model_of_each_build_and_its_network_see_the_same(build: str, tmp_path: Path) -> None:
    model = random_model(settings_with(score_threshold=0.3, **BUILDS[build]))
    network = network_of(model, tmp_path / "model.onnx")
    counts = []
    for size_hw in ((160, 200), (111, 333), (401, 260)):
        pixels = picture(*size_hw)
        (found,), (wanted,) = network.predict([pixels]), model.detect([pixels])
        counts.append(len(wanted))
        assert_equal(found, wanted)
    assert max(counts) >= 5  # or there would be nothing to compare


@pytest.mark.parametrize("name", ["mask_rcnn_tiny", "faster_rcnn_tiny"])
def test_a_trained_model_and_its_network_see_the_same(name: str, tmp_path: Path) -> None:
    settings = settings_from_yaml((GOLDEN / f"{name}.yaml").read_text())
    model = MaskRCNN(settings).eval()
    load_into(model, read_weights(GOLDEN / f"{name}.pth"))
    names = tuple("abcde")
    about = About(
        "", names, True, settings.mask_on, settings.score_threshold, settings.min_size_test,
        settings.max_size_test,
    )  # fmt: skip
    write_network(tmp_path / "model.onnx", model, about)
    network = onnx.load(EngineConfig(str(tmp_path / "model.onnx"), device="cpu"))
    for file in sorted((GOLDEN / "images").iterdir()):
        read = cv2.imread(str(file))
        assert read is not None
        pixels = np.ascontiguousarray(read[:, :, ::-1]).astype(np.uint8)
        (found,), (wanted,) = network.predict([pixels]), model.detect([pixels])
        assert len(wanted) > 5
        assert_equal(found, wanted)


def test_where_nothing_is_found_there_are_no_boxes_and_no_masks(tmp_path: Path) -> None:
    model = random_model(settings_with())
    network = network_of(model, tmp_path / "model.onnx")
    sure = onnx.load(EngineConfig(str(tmp_path / "model.onnx"), device="cpu", score=1.0))
    (found,) = sure.predict([picture(120, 90)])
    assert len(found) == 0
    assert found.masks is not None
    assert found.masks.shape == (0, 28, 28)
    assert len(network.predict([picture(120, 90)])[0]) > 0


def test_an_image_without_any_proposal_has_no_detections(tmp_path: Path) -> None:
    model = random_model(settings_with(rpn_min_box_px=1000))
    network = network_of(model, tmp_path / "model.onnx")
    (found,), (wanted,) = network.predict([picture(80, 80)]), model.detect([picture(80, 80)])
    assert len(found) == len(wanted) == 0


def test_an_image_of_a_few_pixels_is_looked_at(tmp_path: Path) -> None:
    model = random_model(settings_with(min_size_test=0, score_threshold=0.0))
    network = network_of(model, tmp_path / "model.onnx")
    pixels = picture(9, 7)
    (found,), (wanted,) = network.predict([pixels]), model.detect([pixels])
    assert_equal(found, wanted)


def test_the_file_is_what_onnx_says_a_model_is(tmp_path: Path) -> None:
    model = random_model(settings_with())
    write_network(tmp_path / "model.onnx", model, about_of(model.settings))
    onnx_package.checker.check_model(str(tmp_path / "model.onnx"), full_check=True)
