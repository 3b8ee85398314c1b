"""R50-FPN as after a pre-training: random weights, and norms that fit what flows through them.

Without these, features grow from block to block, and the losses would not be finite.
"""

import sys
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from core.maskrcnn.checkpoint import write_checkpoint
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.settings import standard_settings


def main() -> None:
    """Writes model.pth and config.yaml: `_training_weights.py FOLDER SHORT LONG CLASS...`."""
    out, short, long, *names = sys.argv[1:]
    settings = replace(
        standard_settings(50, num_classes=len(names)),
        min_size_test=int(short),
        max_size_test=int(long),
    )
    torch.manual_seed(0)
    torch.set_num_threads(1)
    learnt = MaskRCNN(replace(settings, backbone_norm="BN", freeze_at=0))
    for module in learnt.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # the mean of all that it sees
    learnt.train()
    with torch.no_grad():
        learnt.backbone(60 * torch.randn(2, 3, 256, 320))
    model = MaskRCNN(settings)
    model.load_state_dict(learnt.state_dict(), strict=False)
    write_checkpoint(Path(out) / "model.pth", model, iteration=0, class_names=names)
    text = settings_to_yaml(settings, names)
    (Path(out) / "config.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
