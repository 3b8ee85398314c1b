"""What a model of torchvision's sees, with its masks as crops."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.types import Detections

_ANY_SIDE = 64  # pixels: what any stride of these backbones divides


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a model made of one image before it looks for anything in it."""

    size_hw: tuple[int, int]
    """Of the image."""
    input_hw: tuple[int, int]
    """Of the image as the network took it."""
    images: Any
    """torchvision's ImageList of it."""
    features: dict[str, Tensor]
    """By level, each (1, C, H, W)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Raw:
    """Detections in pixels of the network's input, by torchvision's labels."""

    boxes: Tensor
    scores: Tensor
    labels: Tensor
    masks: Tensor | None


class Detector:
    """A model with the labels that mean something."""

    def __init__(self, model: nn.Module, *, labels: Sequence[int]) -> None:
        """Wraps a model in evaluation mode.

        Args:
            model: GeneralizedRCNN of torchvision, on its device.
            labels: of the classes, by class id; detections of other labels are left out.
        """
        # its parts are called one by one here, and Module gives them no types
        self._model: Any = model
        self._labels = torch.tensor(list(labels))
        self._settle_scales()

    @property
    def has_masks(self) -> bool:
        """Whether it outlines what it finds."""
        return bool(self._model.roi_heads.has_mask())

    @torch.no_grad()
    def detect(self, image: npt.NDArray[np.uint8], *, scale: float = 1.0) -> Detections:
        """What is in an image, (H, W, 3) uint8 RGB.

        Alone, because torchvision pads all images of a batch to the largest, which moves anchors.

        Args:
            image: to look at.
            scale: of the size that torchvision gives it.
        """
        look = self.looked_at(image, scale=scale)
        if look is None:
            return _nothing(_size_of(image), has_masks=self.has_masks)
        proposals, _ = self._model.rpn(look.images, look.features)
        found, _ = self._model.roi_heads(look.features, proposals, [look.input_hw])
        raw = _Raw(found[0]["boxes"], found[0]["scores"], found[0]["labels"], found[0].get("masks"))
        return self._detections(raw, look)

    @torch.no_grad()
    def looked_at(self, image: npt.NDArray[np.uint8], *, scale: float = 1.0) -> Look | None:
        """What goes before finding things in an image, (H, W, 3) uint8 RGB.

        None where nothing of the image is left: it is so long that scaled to the network's longest
        side it has no width. The scale is that of `detect`.
        """
        transform, size_hw = _scaled(self._model.transform, scale), _size_of(image)
        factor = min(transform.min_size[-1] / min(size_hw), transform.max_size / max(size_hw))
        if min(size_hw) * factor < 1:
            return None
        device = next(self._model.parameters()).device
        pixels = torch.from_numpy(np.array(image)).to(device)  # a copy: it may be read-only
        images, _ = transform([pixels.permute(2, 0, 1).float() / 255])
        features = self._model.backbone(images.tensors)
        height, width = images.image_sizes[0]
        return Look(size_hw, (height, width), images, features)

    @torch.no_grad()
    def in_boxes(
        self, look: Look, boxes_xyxy: npt.NDArray[np.float32], among: Sequence[int] = ()
    ) -> Detections:
        """What stands in given boxes, in their order: the likeliest class of each, and its mask.

        Args:
            look: of the image.
            boxes_xyxy: (N, 4) float32, pixels of the image. They are clipped to it and else stay as
                they are; those without an area there are left out.
            among: class ids to choose from; empty: all.
        """
        heads = self._model.roi_heads
        size = torch.tensor([*look.size_hw[::-1]] * 2, dtype=torch.float32)
        boxes = torch.from_numpy(np.array(boxes_xyxy, np.float32)).reshape(-1, 4)
        boxes = boxes.clamp(min=0).minimum(size)
        boxes = boxes[(boxes[:, 2:] > boxes[:, :2]).all(dim=1)]
        if not len(boxes):
            return _nothing(look.size_hw, has_masks=self.has_masks)
        input_size = torch.tensor([*look.input_hw[::-1]] * 2, dtype=torch.float32)
        boxes = (boxes * input_size / size).to(look.images.tensors.device)
        cells = heads.box_roi_pool(look.features, [boxes], [look.input_hw])
        logits, _ = heads.box_predictor(heads.box_head(cells))
        labels = self._labels.to(logits.device)
        labels = labels[list(among)] if among else labels
        best = logits.softmax(dim=-1)[:, labels].max(dim=1)
        masks = None
        if self.has_masks:
            cells = heads.mask_roi_pool(look.features, [boxes], [look.input_hw])
            soft = heads.mask_predictor(heads.mask_head(cells)).sigmoid()
            rows = torch.arange(len(boxes), device=logits.device)
            masks = soft[rows, labels[best.indices]][:, None]
        return self._detections(_Raw(boxes, best.values, labels[best.indices], masks), look)

    @torch.no_grad()
    def _settle_scales(self) -> None:
        # torchvision's pools measure how much smaller features are on the first image that they
        # see, and keep that for all others: of a very narrow one, which is padded, it is wrong.
        image = torch.zeros(
            1, 3, _ANY_SIDE, _ANY_SIDE, device=next(self._model.parameters()).device
        )
        features = self._model.backbone(image)
        box = image.new_tensor([[0, 0, _ANY_SIDE, _ANY_SIDE]])
        heads = self._model.roi_heads
        for pool in (heads.box_roi_pool, heads.mask_roi_pool):
            if pool is not None:
                pool(features, [box], [(_ANY_SIDE, _ANY_SIDE)])

    def _detections(self, raw: _Raw, look: Look) -> Detections:
        is_class = raw.labels[:, None] == self._labels.to(raw.labels.device)
        kept = is_class.any(dim=1)
        height, width = look.size_hw
        # torchvision's own scaling: one ratio for each side, in float32
        ratios = [
            torch.tensor(of_image, dtype=torch.float32)
            / torch.tensor(of_input, dtype=torch.float32)
            for of_image, of_input in zip(look.size_hw, look.input_hw, strict=True)
        ]
        boxes = raw.boxes[kept].cpu() * torch.stack([ratios[1], ratios[0]] * 2)
        limits = torch.tensor([width, height] * 2, dtype=torch.float32)
        masks = None if raw.masks is None else raw.masks[kept][:, 0].float().cpu().numpy()
        return Detections(
            size_hw=look.size_hw,
            boxes=boxes.clamp(min=0).minimum(limits).numpy(),
            scores=raw.scores[kept].float().cpu().numpy(),
            class_ids=is_class[kept].int().argmax(dim=1).cpu().numpy(),
            masks=masks,
        )


def _scaled(transform: Any, scale: float) -> Any:
    """torchvision's transform, or one that gives images a part of its size."""
    if scale == 1:
        return transform
    smaller = copy.copy(transform)
    smaller.min_size = tuple(side * scale for side in transform.min_size)
    smaller.max_size = transform.max_size * scale
    return smaller


def _size_of(image: npt.NDArray[np.uint8]) -> tuple[int, int]:
    height, width = image.shape[:2]
    return height, width


def _nothing(size_hw: tuple[int, int], *, has_masks: bool) -> Detections:
    return Detections(
        size_hw=size_hw,
        boxes=np.zeros((0, 4), np.float32),
        scores=np.zeros(0, np.float32),
        class_ids=np.zeros(0, np.int64),
        masks=np.zeros((0, 28, 28), np.float32) if has_masks else None,
    )
