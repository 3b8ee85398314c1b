"""R50-FPN that sees about as much in photos as trained weights do: a few dozen instances each.

Random weights see nothing, or everything. Here norms fit what flows through them, the background's
bias is set so that so many detections come out, and the mask head blurs a random map of the
features, so that masks are blobs with lobes. Each step costs what it does with trained weights.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.images import Pixels, read_image
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.settings import standard_settings
from tests.bench._random_weights import with_fitting_norms, write_weights

N_DETECTIONS = 20
"""An image, on average: about what R50 3x sees on COCO from 0.05 on."""
N_CLASSES = 80
_LEVELS = {2: 1.0, 3: 1.25, 4: 1.6, 5: 2.2}
_OUTSIDE, _STEEPNESS = 0.4, 4.0
_SPREAD = 25.0
_PRECISION = 0.2


def main() -> None:
    """Writes model.pth and config.yaml: `_prediction_weights.py FOLDER SHORT LONG PHOTO...`."""
    out, short, long, *photos = sys.argv[1:]
    torch.set_num_threads(1)
    settings = replace(
        standard_settings(50, num_classes=N_CLASSES),
        min_size_test=int(short),
        max_size_test=int(long),
    )
    model = with_fitting_norms(settings).eval()
    images = [read_image(Path(photo)) for photo in photos]
    _set_features(model, images)
    _set_classes(model, images)
    _set_masks(model, images)
    names = [f"class {number}" for number in range(1, N_CLASSES + 1)]
    write_weights(Path(out), model, names)


@torch.inference_mode()
def _set_features(model: MaskRCNN, images: Sequence[Pixels]) -> None:
    """Features of about 1, a little more on coarser levels: proposals are of all sizes."""
    pyramid = [model.looked_at(image).features for image in images]
    for level, wanted in _LEVELS.items():
        layer = model.backbone.get_submodule(f"fpn_output{level}")
        found = sum(float(features[level - 2].std()) for features in pyramid) / len(pyramid)
        layer.weight.mul_(wanted / found)
    model.proposal_generator.rpn_head.objectness_logits.weight.mul_(10)


@torch.inference_mode()
def _set_classes(model: MaskRCNN, images: Sequence[Pixels]) -> None:
    """Finds the bias of the background at which so many detections come out."""
    scores = model.roi_heads.box_predictor.cls_score
    scores.weight.mul_(_SPREAD)
    scores.bias.sub_(scores(_inputs(scores, model, images)).mean(dim=0))
    seen = [_seen(model, image) for image in images]
    low, high = 0.0, 40.0
    while high - low > _PRECISION:
        middle = (low + high) / 2
        scores.bias[-1] = middle
        found = sum(len(model.roi_heads(*one)[0].boxes) for one in seen)
        low, high = (middle, high) if found > N_DETECTIONS * len(images) else (low, middle)


def _seen(model: MaskRCNN, image: Pixels) -> tuple[Any, ...]:
    """What the heads are given of an image: features, proposals, sizes."""
    look = model.looked_at(image)
    sizes_hw = [look.input_hw]
    return look.features, model.proposal_generator(look.features, sizes_hw), sizes_hw


@torch.inference_mode()
def _set_masks(model: MaskRCNN, images: Sequence[Pixels]) -> None:
    """One channel goes through the mask head: a map of the features, blurred by each convolution,
    and fading towards the border, from where padding is blurred in."""
    head = model.roi_heads.mask_head
    for layer in (head.mask_fcn2, head.mask_fcn3, head.mask_fcn4, head.deconv, head.predictor):
        layer.weight.mul_(1e-3)
    head.mask_fcn1.bias[0] = 1.0
    for layer in (head.mask_fcn2, head.mask_fcn3, head.mask_fcn4):
        layer.weight[0, 0] = 1 / 9
    head.deconv.weight[0, 0] = 1.0
    values = _inputs(head.predictor, model, images)[:, 0]
    head.predictor.weight[:, 0] = _STEEPNESS / values.std()
    level = values.flatten().quantile(_OUTSIDE)
    head.predictor.bias.fill_(-_STEEPNESS / values.std() * level)


def _inputs(layer: nn.Module, model: MaskRCNN, images: Sequence[Pixels]) -> Tensor:
    """All that goes into a layer while the model looks at images."""
    inputs: list[Tensor] = []
    hook = layer.register_forward_hook(lambda _, given, __: inputs.append(given[0]))
    model.detect(images)
    hook.remove()
    return torch.cat(inputs)


if __name__ == "__main__":
    main()
