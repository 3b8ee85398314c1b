"""torchvision's stock maskrcnn_resnet50_fpn, taking turns. A child of prediction.py.

It has the weights of the others under its own names and conventions: background first, RGB from 0
to 1. What goes in and out says _prediction_turns.py.
"""

import json
import re
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from _prediction_turns import polygons_of, take_turns
from torch import Tensor
from torchvision.models.detection import MaskRCNN, maskrcnn_resnet50_fpn
from torchvision.transforms.functional import to_tensor

_NAMES = (
    (r"backbone\.bottom_up\.(stem\.)?", "backbone.body."),
    (r"res(\d)\.", lambda found: f"layer{int(found[1]) - 1}."),
    (r"shortcut\.norm\.", "downsample.1."),
    (r"shortcut\.", "downsample.0."),
    (r"conv(\d)\.norm\.", r"bn\1."),
    (r"fpn_lateral(\d)\.", lambda found: f"fpn.inner_blocks.{int(found[1]) - 2}.0."),
    (r"fpn_output(\d)\.", lambda found: f"fpn.layer_blocks.{int(found[1]) - 2}.0."),
    (r"proposal_generator\.rpn_head\.conv\.", "rpn.head.conv.0.0."),
    (r"proposal_generator\.rpn_head\.objectness_logits", "rpn.head.cls_logits"),
    (r"proposal_generator\.rpn_head\.anchor_deltas", "rpn.head.bbox_pred"),
    (r"box_head\.fc1", "box_head.fc6"),
    (r"box_head\.fc2", "box_head.fc7"),
    (r"mask_fcn(\d)\.", lambda found: f"{int(found[1]) - 1}.0."),
    (r"mask_head\.deconv", "mask_predictor.conv5_mask"),
    (r"mask_head\.predictor", "mask_predictor.mask_fcn_logits"),
)


def stock(weights: str, sizes: list[int]) -> MaskRCNN:
    """torchvision's model with detectron2's weights."""
    state = torch.load(weights, weights_only=True)["model"]
    model = maskrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, min_size=sizes[0], max_size=sizes[1],
        num_classes=len(state["roi_heads.box_predictor.cls_score.bias"]),
    )  # fmt: skip
    renamed = {}
    for name, value in state.items():
        for old, new in _NAMES:
            name = re.sub(old, new, name)
        renamed[name] = _converted(name, value)
    missing, extra = model.load_state_dict(renamed, strict=False)
    assert not extra, extra
    assert all(name.endswith("num_batches_tracked") for name in missing), missing
    return model.eval()


def _converted(name: str, value: Tensor) -> Tensor:
    if name == "backbone.body.conv1.weight":  # BGR from 0 to 255, not divided by a deviation
        deviation = 255 * torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
        return value.flip(1) * deviation
    if "cls_score" in name:
        return value.roll(1, 0)
    if "box_predictor.bbox_pred" in name:
        return torch.cat([torch.zeros_like(value[:4]), value])
    if "mask_fcn_logits" in name:
        return torch.cat([torch.zeros_like(value[:1]), value])
    return value


if __name__ == "__main__":
    task = json.loads(Path(sys.argv[1]).read_text())
    if task["threads"]:
        torch.set_num_threads(task["threads"])
    device = task["device"]
    network = stock(task["weights"], task["sizes"]).to(device)
    pasted = network.transform.postprocess
    photos = [cv2.imread(photo)[:, :, ::-1].copy() for photo in task["photos"]]

    def seen(photo: "np.ndarray") -> dict[str, Tensor]:
        with torch.inference_mode():
            (found,) = network([to_tensor(photo).to(device)])
        return {name: value.cpu() for name, value in found.items()}

    def model() -> int:
        """Without masks being pasted."""
        network.transform.postprocess = lambda result, *_: result
        return sum(len(seen(photo)["boxes"]) for photo in photos)

    def files() -> int:
        """What its users write."""
        network.transform.postprocess = pasted
        count = 0
        for file in task["photos"]:
            masks = seen(cv2.imread(file)[:, :, ::-1].copy())["masks"][:, 0] >= 0.5
            count += len(polygons_of(masks.numpy()))
        return count

    take_turns({"model": model, "files": files}, device=device)
