"""Small random Mask R-CNNs of every build, and what they see."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from core.compact.onnx_model import write_network
from core.configs import EngineConfig
from core.engines import onnx
from core.maskrcnn.config import ModelSettings, small_settings
from core.maskrcnn.model import MaskRCNN
from core.onnx_file import About
from core.types import Detections

NAMES = ("disc", "square", "star")


def settings_with(**more: Any) -> ModelSettings:
    """Those of a small model that looks at 160 px."""
    return replace(small_settings(3), **{"min_size_test": 160, "max_size_test": 300, **more})


def random_model(settings: ModelSettings, *, seed: int = 0) -> MaskRCNN:
    """A model whose answers differ from box to box, with norms that do something."""
    torch.manual_seed(seed)
    model = MaskRCNN(settings).eval()
    with torch.no_grad():
        for name, value in (*model.named_parameters(), *model.named_buffers()):
            if name.endswith(("conv3.norm.weight", "shortcut.norm.weight")):
                value.uniform_(0.1, 0.3)  # or what the blocks add up grows without end
            elif name.endswith(("norm.weight", "norm.running_var")):
                value.uniform_(0.5, 1.5)
            elif name.endswith(("norm.bias", "norm.running_mean")):
                value.uniform_(-0.2, 0.2)
            elif name.endswith("cls_score.weight"):
                value.normal_(std=0.4)
            elif name.endswith(("anchor_deltas.weight", "logits.weight")):
                value.normal_(std=0.05)
            elif name.endswith(("mask_head.predictor.weight", "bbox_pred.weight")):
                value.normal_(std=0.02)
    return model


def about_of(settings: ModelSettings, **more: Any) -> About:
    return About(
        title="A small model",
        class_names=NAMES,
        are_named=True,
        has_masks=settings.mask_on,
        score_threshold=settings.score_threshold,
        min_size=settings.min_size_test,
        max_size=settings.max_size_test,
        **more,
    )


def network_of(model: MaskRCNN, file: Path) -> onnx.OnnxEngine:
    """The engine of the model's network, which is written to the file."""
    write_network(file, model, about_of(model.settings))
    return onnx.load(EngineConfig(str(file), device="cpu"))


def picture(height: int, width: int, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Patches of many colours."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 60, (height, width, 3), dtype=np.uint8)
    for _ in range(8):
        y, x = rng.integers(0, (height, width))
        pixels[y : y + height // 4, x : x + width // 5] = rng.integers(0, 256, 3, dtype=np.uint8)
    return pixels


def assert_equal(found: Detections, wanted: Detections) -> None:
    """Boxes within 0.1 px, scores and masks within a thousandth, all in the same order."""
    assert len(found) == len(wanted)
    assert (found.class_ids == wanted.class_ids).all()
    np.testing.assert_allclose(found.boxes, wanted.boxes, atol=0.1)
    np.testing.assert_allclose(found.scores, wanted.scores, atol=1e-3)
    assert (found.masks is None) == (wanted.masks is None)
    if found.masks is not None and wanted.masks is not None:
        assert found.masks.shape == wanted.masks.shape
        np.testing.assert_allclose(found.masks, wanted.masks, atol=1e-3)
