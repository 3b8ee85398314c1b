"""Weights of full size for a machine with a GPU: random ones, which cost what trained ones do."""

import sys
from dataclasses import replace
from pathlib import Path

import torch

from core.maskrcnn.checkpoint import write_checkpoint
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.settings import standard_settings

N_DETECTIONS = 20

if __name__ == "__main__":
    torch.manual_seed(0)
    settings = replace(standard_settings(50, num_classes=4), detections_per_image=N_DETECTIONS)
    model = MaskRCNN(settings)
    # without norms that were learnt its features explode: what reads them is made to look away, so
    # that there are proposals everywhere, detections of every class, and masks that are whole
    heads = model.roi_heads
    with torch.no_grad():
        for layer in (
            model.proposal_generator.rpn_head.anchor_deltas,
            heads.box_predictor.cls_score,
            heads.box_predictor.bbox_pred,
            heads.mask_head.predictor,
        ):
            layer.weight.zero_()
        heads.mask_head.predictor.bias.fill_(3.0)
        heads.box_predictor.cls_score.bias[0] = 3.0  # a score of .83
    out = Path(sys.argv[1])
    names = ("a", "b", "c", "d")
    write_checkpoint(out / "model.pth", model, iteration=0, class_names=names)
    (out / "config.yaml").write_text(settings_to_yaml(settings, names), encoding="utf-8")
