"""Networks that compute in 8 bits."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx as onnx_package
import pytest
import torch
from PIL import Image

from core.compact.calibrating import calibrated
from core.compact.onnx_model import write_network
from core.compact.precision import Ranges
from core.configs import EngineConfig
from core.engines import onnx
from core.errors import AppError
from core.events import Progress
from core.maskrcnn.model import MaskRCNN
from tests.core.compact.small_models import about_of, picture, random_model, settings_with

torch.set_num_threads(1)

BUILDS: dict[str, dict[str, Any]] = {
    "batch norm": {},
    "group norm": {
        "backbone_norm": "GN", "fpn_norm": "GN", "box_norm": "GN", "mask_norm": "GN",
        "stem_channels": 32, "width_per_group": 32, "box_num_conv": 2, "box_conv_dim": 32,
    },
    "no masks, groups": {"mask_on": False, "groups": 4, "width_per_group": 4},
    "many layers in the heads": {"rpn_conv_dims": (-1, -1), "box_num_conv": 2, "box_num_fc": 1},
}  # fmt: skip
ANSWERS = ("cls_score", "bbox_pred", "mask_head.predictor", "objectness_logits", "anchor_deltas")
FIRST = ("backbone.bottom_up.stem.", "backbone.bottom_up.res2.")


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"{number}.png" for number in range(3)]
    for number, file in enumerate(files):
        Image.fromarray(picture(120, 150 + 10 * number, seed=number)).save(file)
    return files


def ranges_of(model: MaskRCNN, images: list[Path], folder: Path) -> tuple[Ranges, list[Progress]]:
    said, working = [], calibrated(folder, model, about_of(model.settings), images)
    while True:
        try:
            said.append(next(working))
        except StopIteration as ended:
            return ended.value, said


@pytest.mark.parametrize("build", BUILDS)
def test_all_layers_but_the_first_and_those_that_answer_are_of_8_bits(
    build: str, images: list[Path], tmp_path: Path
) -> None:
    model = random_model(settings_with(score_threshold=0.3, **BUILDS[build]))
    ranges, _ = ranges_of(model, images, tmp_path)
    file = tmp_path / "small.onnx"
    write_network(file, model, about_of(model.settings), ranges)
    onnx_package.checker.check_model(str(file), full_check=True)
    layers = {
        one.name: one.data_type
        for one in onnx_package.load(str(file)).graph.initializer
        if ".weight" in one.name and not one.name.endswith(".scale")
    }
    whole = {name for name, kind in layers.items() if kind == onnx_package.TensorProto.INT8}
    halves = {name for name, kind in layers.items() if kind == onnx_package.TensorProto.FLOAT16}
    assert len(whole) > 40
    assert halves == {name for name in layers if name.startswith(FIRST)}
    assert set(layers) - whole - halves == {
        name for name in layers if any(f".{part}." in name for part in ANSWERS)
    }
    (found,) = onnx.load(EngineConfig(str(file), device="cpu")).predict([picture(120, 150)])
    assert np.isfinite(found.boxes).all()


def test_ranges_are_the_mean_of_what_is_seen_on_each_image(
    images: list[Path], tmp_path: Path
) -> None:
    model = random_model(settings_with())
    ranges, said = ranges_of(model, images, tmp_path)
    settings = model.settings
    mean, std = np.array(settings.pixel_mean), np.array(settings.pixel_std)
    brightest = []
    for number in range(3):
        pixels = (picture(120, 150 + 10 * number, seed=number) - mean) / std
        brightest.append(pixels.max())
    # They are resized before, which darkens the brightest pixel a little.
    assert ranges["pixels"][1] == pytest.approx(np.mean(brightest), rel=0.1)
    assert ranges["pixels"][0] < 0
    assert all(low <= high for low, high in ranges.values())
    assert [one.done for one in said] == [1, 2, 3]


def test_images_that_cannot_be_read_are_passed_over(images: list[Path], tmp_path: Path) -> None:
    model = random_model(settings_with())
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    without, _ = ranges_of(model, images, tmp_path)
    beside, _ = ranges_of(model, [broken, *images], tmp_path)
    assert beside == without
    with pytest.raises(AppError, match="None of the images"):
        ranges_of(model, [broken], tmp_path)
    assert not (tmp_path / "observed.onnx").exists()


def test_the_errors_of_the_weights_of_an_output_cancel_out(
    images: list[Path], tmp_path: Path
) -> None:
    model = random_model(settings_with())
    ranges, _ = ranges_of(model, images, tmp_path)
    file = tmp_path / "small.onnx"
    write_network(file, model, about_of(model.settings), ranges)
    kept = {
        one.name: onnx_package.numpy_helper.to_array(one)
        for one in onnx_package.load(str(file)).graph.initializer
    }
    head = model.roi_heads.box_head
    for name, layer in (("fc1", head.fc1), ("fc2", head.fc2)):
        whole = kept[f"roi_heads.box_head.{name}.weight.int8"].astype(np.float64)
        assert np.abs(whole).max() == 63
        scales = kept[f"roi_heads.box_head.{name}.weight.scale"]
        wished = layer.weight.detach().numpy().T / scales
        assert np.abs(whole - wished).max() < 1
        assert np.abs((whole - wished).sum(axis=0)).max() < 0.51


def test_nothing_is_in_8_bits_before_the_third_stage(images: list[Path], tmp_path: Path) -> None:
    model = random_model(settings_with())
    ranges, _ = ranges_of(model, images, tmp_path)
    file = tmp_path / "small.onnx"
    write_network(file, model, about_of(model.settings), ranges)
    nodes = onnx_package.load(str(file)).graph.node
    first = next(place for place, node in enumerate(nodes) if node.op_type == "QuantizeLinear")
    before = [node.op_type for node in nodes[:first]]
    # The stem, three blocks of the second stage and its shortcut, the first of the third stage.
    assert before.count("Conv") == 1 + 3 * 3 + 1 + 1
