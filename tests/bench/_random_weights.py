"""Random weights as after a pre-training: with norms that fit what flows through them.

Without these, features grow from block to block, and nothing of them would be finite.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from core.maskrcnn.checkpoint import write_checkpoint
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.settings import ModelSettings


def with_fitting_norms(settings: ModelSettings) -> MaskRCNN:
    """A model of these settings, the same each time."""
    torch.manual_seed(0)
    learnt = MaskRCNN(replace(settings, backbone_norm="BN", freeze_at=0))
    for module in learnt.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # the mean of all that it sees
    learnt.train()
    with torch.no_grad():
        learnt.backbone(60 * torch.randn(2, 3, 256, 320))
    model = MaskRCNN(settings)
    model.load_state_dict(learnt.state_dict(), strict=False)
    return model


def write_weights(folder: Path, model: MaskRCNN, names: Sequence[str]) -> None:
    """Writes model.pth and config.yaml."""
    write_checkpoint(folder / "model.pth", model, iteration=0, class_names=names)
    text = settings_to_yaml(model.settings, names)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
