"""detectron2's Mask R-CNN and Faster R-CNN with FPN: its arithmetic, its parameter names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.maskrcnn.backbone import FpnBackbone
from core.maskrcnn.boxes import clipped, is_larger
from core.maskrcnn.preprocess import (
    network_pixels,
    network_pixels_on,
    normalised_batch,
    padded_hw,
    resized,
    resized_hw,
)
from core.maskrcnn.roi_heads import RawDetections, RoiHeads
from core.maskrcnn.rpn import Rpn
from core.maskrcnn.settings import ModelSettings
from core.maskrcnn.targets import InstanceMask, Target
from core.types import Detections

if TYPE_CHECKING:
    from core.maskrcnn.static_detection import StaticDetection

__all__ = ["InstanceMask", "MaskRCNN", "Target"]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a model made of one image before it looks for anything in it."""

    size_hw: tuple[int, int]
    """Of the image."""
    input_hw: tuple[int, int]
    """Of the image as the network took it."""
    features: tuple[Tensor, ...]
    """p2, p3 ..., each (1, C, H, W)."""


class MaskRCNN(nn.Module):
    """The whole model with fresh random weights; a state_dict of detectron2 loads as it is."""

    pixel_mean: Tensor
    pixel_std: Tensor

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.memory_format = torch.contiguous_format
        self.precision = torch.float32
        self.static: StaticDetection | None = None
        self.backbone = FpnBackbone(settings)
        self.proposal_generator = Rpn(settings)
        self.roi_heads = RoiHeads(settings)
        for name in ("pixel_mean", "pixel_std"):
            values = torch.tensor(getattr(settings, name)).view(3, 1, 1)
            self.register_buffer(name, values, persistent=False)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.pixel_mean.device

    @torch.inference_mode()
    def detect(
        self, images: Sequence[npt.NDArray[np.uint8]], *, scale: float = 1.0
    ) -> list[Detections]:
        """What is in images, (H, W, 3) uint8 RGB each, of any size.

        An image's detections do not depend on the others: images are only batched with those of
        their own padded size, and not at all on a CPU, where it would gain nothing. The order and
        the filters are detectron2's; nothing is thresholded beyond the config's own.

        Args:
            images: to look at.
            scale: of the size that the config gives them.
        """
        was_training = self.training
        self.eval()
        try:
            sizes_hw = [(image.shape[0], image.shape[1]) for image in images]
            inputs_hw = [_scaled_hw(resized_hw(one, self.settings), scale) for one in sizes_hw]
            results: dict[int, Detections] = {}
            for group in self._groups(inputs_hw):
                inputs = [self._input(images[place], inputs_hw[place]) for place in group]
                for place, raw in zip(group, self._found(inputs), strict=True):
                    results[place] = _scaled(raw, inputs_hw[place], sizes_hw[place])
            return [results[place] for place in range(len(images))]
        finally:
            self.train(was_training)

    @torch.inference_mode()
    def looked_at(self, image: npt.NDArray[np.uint8]) -> Look:
        """What `in_boxes` needs of an image, (H, W, 3) uint8 RGB: by far the most of its work."""
        was_training = self.training
        self.eval()
        try:
            size_hw = (image.shape[0], image.shape[1])
            input_hw = resized_hw(size_hw, self.settings)
            features = self._for_boxes(self._features([self._input(image, input_hw)]))
            return Look(size_hw, input_hw, tuple(features))
        finally:
            self.train(was_training)

    @torch.inference_mode()
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
        was_training = self.training
        self.eval()
        try:
            boxes = torch.as_tensor(boxes_xyxy, dtype=torch.float32, device=self.device).clone()
            boxes[:, 0::2] *= look.input_hw[1] / look.size_hw[1]
            boxes[:, 1::2] *= look.input_hw[0] / look.size_hw[0]
            boxes = clipped(boxes, look.input_hw)
            raw = self.roi_heads.in_boxes(look.features, boxes[is_larger(boxes, 0)], among)
            return _scaled(raw, look.input_hw, look.size_hw)
        finally:
            self.train(was_training)

    def losses(
        self,
        images: Sequence[Tensor],
        targets: Sequence[Target],
        *,
        noticed: dict[str, Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """The losses of a batch under detectron2's names; their sum is what is to be minimised.

        Samples are drawn from torch's random numbers, so torch.manual_seed repeats them; where
        targets have seeds, those of an image are the same in any batch.

        Args:
            images: (3, H, W) float32 raw pixels 0 to 255 each, resized, in the config's channel
                order (see core/maskrcnn/preprocess.py).
            targets: one for each, in pixels of these images.
            noticed: filled with numbers beside the losses (core/maskrcnn/noticed.py).

        Raises:
            FloatingPointError: the training has diverged.
        """
        sizes_hw = [(image.shape[1], image.shape[2]) for image in images]
        noticed = {} if noticed is None else noticed
        features = self._features([image.to(self.device) for image in images])
        proposals, losses = self.proposal_generator.proposals_and_losses(
            features,
            sizes_hw,
            truth=[torch.as_tensor(target.boxes, device=self.device) for target in targets],
            ignored=[torch.as_tensor(target.ignored, device=self.device) for target in targets],
            seeds=[target.seed for target in targets],
            noticed=noticed,
        )
        return {**losses, **self.roi_heads.losses(features, proposals, targets, noticed=noticed)}

    def _groups(self, inputs_hw: Sequence[tuple[int, int]]) -> list[list[int]]:
        if self.device.type == "cpu":
            return [[place] for place in range(len(inputs_hw))]
        groups: dict[tuple[int, int], list[int]] = {}
        for place, size_hw in enumerate(inputs_hw):
            groups.setdefault(padded_hw([size_hw]), []).append(place)
        return list(groups.values())

    def _input(self, image: npt.NDArray[np.uint8], size_hw: tuple[int, int]) -> Tensor:
        own = resized(image, size_hw)
        if self.device.type == "cpu":
            return network_pixels(own, self.settings)
        return network_pixels_on(self.device, own, self.settings)

    def _batch(self, images: Sequence[Tensor]) -> Tensor:
        batch = normalised_batch(images, self.pixel_mean, self.pixel_std)
        return batch.to(self.precision, memory_format=self.memory_format)

    def _features(self, images: Sequence[Tensor]) -> list[Tensor]:
        features: list[Tensor] = self.backbone(self._batch(images))
        return features

    def _for_boxes(self, features: list[Tensor]) -> list[Tensor]:
        if self.device.type == "cpu":
            return features  # boxes gather from channels last
        # RoIAlign wants channels first, and would copy them for the boxes and again for the masks.
        return [level.contiguous() for level in features]

    def _found(self, images: Sequence[Tensor]) -> list[RawDetections]:
        sizes_hw = [(image.shape[1], image.shape[2]) for image in images]
        if self.static is not None and self.static.is_worth_it:
            return self.static.found(self._batch(images), sizes_hw)
        features = self._features(images)
        proposals = self.proposal_generator(features, sizes_hw)
        features = self._for_boxes(features)
        found: list[RawDetections] = self.roi_heads(features, proposals, sizes_hw)
        return found


def _scaled_hw(size_hw: tuple[int, int], scale: float) -> tuple[int, int]:
    height, width = (max(1, int(side * scale + 0.5)) for side in size_hw)
    return height, width


def _scaled(raw: RawDetections, input_hw: tuple[int, int], size_hw: tuple[int, int]) -> Detections:
    """Detections in pixels of the image, clipped to it, without boxes that became empty."""
    boxes = raw.boxes.clone()
    boxes[:, 0::2] *= size_hw[1] / input_hw[1]
    boxes[:, 1::2] *= size_hw[0] / input_hw[0]
    boxes = clipped(boxes, size_hw)
    keep = is_larger(boxes, 0)
    return Detections(
        size_hw=size_hw,
        boxes=boxes[keep].float().cpu().numpy(),
        scores=raw.scores[keep].float().cpu().numpy(),
        class_ids=raw.classes[keep].cpu().numpy(),
        masks=None if raw.masks is None else raw.masks[keep].float().cpu().numpy(),
    )
