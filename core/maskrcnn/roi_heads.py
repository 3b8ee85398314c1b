"""The heads that look at proposals: class and box, then the mask."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import batched_nms

from core.maskrcnn.boxes import (
    BoxCoder,
    box_loss,
    clipped,
    ious,
    is_mostly_inside,
    matched,
    sampled,
)
from core.maskrcnn.layers import Conv, fill_msra, fill_normal, fill_xavier
from core.maskrcnn.noticed import of_masks, of_regions
from core.maskrcnn.pooler import pooled
from core.maskrcnn.settings import ModelSettings
from core.maskrcnn.targets import Target, mask_targets

_SAME_REGION_IOU = 0.5
"""From this IoU on a proposal stands for a hard negative, as it does for an instance."""


@dataclass(frozen=True, slots=True, eq=False)
class RawDetections:
    """Detections of one image in pixels of the network's input, best first."""

    boxes: Tensor
    """(N, 4) clipped."""
    scores: Tensor
    """(N,)"""
    classes: Tensor
    """(N,) int64."""
    masks: Tensor | None = None
    """(N, M, M) 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """The proposals of one image to learn from; positives first."""

    boxes: Tensor
    classes: Tensor
    """(N,) the number of classes for background."""
    stands_for: Tensor
    """(N,) index into the target's instances; meaningless for background."""


class _BoxHead(nn.Sequential):
    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        channels, side = settings.fpn_channels, settings.box_pooler_resolution
        for place in range(1, settings.box_num_conv + 1):
            conv = Conv(
                channels, settings.box_conv_dim, kernel=3, norm=settings.box_norm, relu=True
            )
            fill_msra(conv)
            self.add_module(f"conv{place}", conv)
            channels = settings.box_conv_dim
        self.add_module("flatten", nn.Flatten())
        width = channels * side * side
        for place in range(1, settings.box_num_fc + 1):
            layer = nn.Linear(width, settings.box_fc_dim)
            fill_xavier(layer)
            self.add_module(f"fc{place}", layer)
            self.add_module(f"fc_relu{place}", nn.ReLU())
            width = settings.box_fc_dim
        self.out_features = width


class _BoxPredictor(nn.Module):
    def __init__(self, settings: ModelSettings, in_features: int) -> None:
        super().__init__()
        self.cls_score = nn.Linear(in_features, settings.num_classes + 1)
        self.bbox_pred = nn.Linear(in_features, settings.box_classes * 4)
        fill_normal(self.cls_score, std=0.01)
        fill_normal(self.bbox_pred, std=0.001)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.cls_score(x), self.bbox_pred(x)


class _MaskHead(nn.Sequential):
    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        channels, width = settings.fpn_channels, settings.mask_conv_dim
        for place in range(1, settings.mask_num_conv + 1):
            conv = Conv(channels, width, kernel=3, norm=settings.mask_norm, relu=True)
            fill_msra(conv)
            self.add_module(f"mask_fcn{place}", conv)
            channels = width
        deconv = nn.ConvTranspose2d(channels, width, 2, stride=2)
        fill_msra(deconv)
        predictor = nn.Conv2d(width, settings.mask_classes, 1)
        fill_normal(predictor, std=0.001)
        self.add_module("deconv", deconv)
        self.add_module("deconv_relu", nn.ReLU())
        self.add_module("predictor", predictor)


class RoiHeads(nn.Module):
    """Class, box and mask of proposals."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.box_head = _BoxHead(settings)
        self.box_predictor = _BoxPredictor(settings, self.box_head.out_features)
        if settings.mask_on:
            self.mask_head = _MaskHead(settings)
        self._settings = settings
        self._coder = BoxCoder(settings.box_weights)

    def forward(
        self,
        features: Sequence[Tensor],
        proposals: Sequence[Tensor],
        sizes_hw: Sequence[tuple[int, int]],
    ) -> list[RawDetections]:
        """What is in each image."""
        scores, deltas = self._box_outputs(features, proposals)
        boxes = self._coder.decode(deltas, torch.cat(list(proposals)))
        counts = [len(proposal) for proposal in proposals]
        probabilities = F.softmax(scores.float(), dim=-1)
        found = [
            self._best(box, probability, size_hw)
            for box, probability, size_hw in zip(
                torch.split(boxes, counts),
                torch.split(probabilities, counts),
                sizes_hw,
                strict=True,
            )
        ]
        return self._with_masks(features, found) if self._settings.mask_on else found

    def in_boxes(
        self, features: Sequence[Tensor], boxes: Tensor, among: Sequence[int] = ()
    ) -> RawDetections:
        """What stands in boxes (N, 4) of one image, in their order: the likeliest class, `among`
        these if any are given, and its mask. The boxes stay as they are; nothing is thresholded or
        left out."""
        scores, _ = self._box_outputs(features, [boxes])
        allowed = list(among) or list(range(self._settings.num_classes))  # background is the last
        classes = torch.tensor(allowed, device=scores.device)
        best = F.softmax(scores.float(), dim=-1)[:, classes].max(dim=1)
        found = RawDetections(boxes, best.values, classes[best.indices])
        return self._with_masks(features, [found])[0] if self._settings.mask_on else found

    def losses(
        self,
        features: Sequence[Tensor],
        proposals: Sequence[Tensor],
        targets: Sequence[Target],
        *,
        noticed: dict[str, Tensor],
    ) -> dict[str, Tensor]:
        """Losses of class, box and mask; numbers beside them go into `noticed`."""
        samples = [
            self._sample(boxes, target) for boxes, target in zip(proposals, targets, strict=True)
        ]
        scores, deltas = self._box_outputs(features, [sample.boxes for sample in samples])
        classes = torch.cat([sample.classes for sample in samples])
        noticed |= of_regions(scores, classes, len(targets))
        losses = {
            # Of no samples at all the mean would be NaN.
            "loss_cls": F.cross_entropy(scores, classes) if len(classes) else scores.sum() * 0,
            "loss_box_reg": self._box_loss(deltas, classes, samples, targets),
        }
        if self._settings.mask_on:
            losses["loss_mask"] = self._mask_loss(features, samples, targets, noticed)
        return losses

    def _box_outputs(
        self, features: Sequence[Tensor], boxes: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        cells = pooled(
            features,
            boxes,
            resolution=self._settings.box_pooler_resolution,
            sampling_ratio=self._settings.box_sampling_ratio,
        )
        outputs: tuple[Tensor, Tensor] = self.box_predictor(self.box_head(cells))
        return outputs

    def _best(
        self, boxes: Tensor, probabilities: Tensor, size_hw: tuple[int, int]
    ) -> RawDetections:
        settings = self._settings
        is_finite = torch.isfinite(boxes).all(dim=1) & torch.isfinite(probabilities).all(dim=1)
        boxes = clipped(boxes[is_finite].view(-1, settings.box_classes, 4), size_hw)
        scores = probabilities[is_finite, :-1]  # background is the last
        is_likely = scores > settings.score_threshold
        rows, classes = is_likely.nonzero(as_tuple=True)
        likely = boxes[rows, 0] if settings.box_is_class_agnostic else boxes[is_likely]
        kept = batched_nms(likely, scores[is_likely], classes, settings.nms_threshold)
        if settings.detections_per_image >= 0:
            kept = kept[: settings.detections_per_image]
        return RawDetections(likely[kept], scores[is_likely][kept], classes[kept])

    def _with_masks(
        self, features: Sequence[Tensor], found: Sequence[RawDetections]
    ) -> list[RawDetections]:
        logits = self._mask_logits(features, [one.boxes for one in found])
        classes = torch.cat([one.classes for one in found])
        masks = of_class(logits, classes).float().sigmoid()
        split = torch.split(masks, [len(one.boxes) for one in found])
        return [
            RawDetections(one.boxes, one.scores, one.classes, mask)
            for one, mask in zip(found, split, strict=True)
        ]

    def _mask_logits(self, features: Sequence[Tensor], boxes: Sequence[Tensor]) -> Tensor:
        cells = pooled(
            features,
            boxes,
            resolution=self._settings.mask_pooler_resolution,
            sampling_ratio=self._settings.mask_sampling_ratio,
        )
        logits: Tensor = self.mask_head(cells)
        return logits

    @torch.no_grad()
    def _sample(self, proposals: Tensor, target: Target) -> _Samples:
        settings = self._settings
        truth = torch.as_tensor(target.boxes, device=proposals.device)
        classes = torch.as_tensor(target.classes, device=proposals.device)
        ignored = torch.as_tensor(target.ignored, device=proposals.device)
        hard = torch.as_tensor(target.hard_negatives, device=proposals.device)
        appended = [truth, hard] if settings.roi_appends_truth else [hard]
        boxes = torch.cat([proposals, *appended])
        stands_for, matches = matched(
            ious(truth, boxes), settings.roi_iou_thresholds, keeps_best_of_each=False
        )
        background = settings.num_classes
        labels = torch.full_like(stands_for, background)
        if len(classes):
            labels = torch.where(matches == 1, classes[stands_for], background)
        labels[(matches == 0) & is_mostly_inside(boxes, ignored)] = -1
        positives, negatives = sampled(
            labels,
            settings.roi_batch_size,
            positive_fraction=settings.roi_positive_fraction,
            background=background,
            is_preferred=_is_like(boxes, hard),
            seed=None if target.seed is None else target.seed + 1,  # not the proposal network's
        )
        chosen = torch.cat([positives, negatives])
        return _Samples(boxes[chosen], labels[chosen], stands_for[chosen])

    def _box_loss(
        self,
        deltas: Tensor,
        classes: Tensor,
        samples: Sequence[_Samples],
        targets: Sequence[Target],
    ) -> Tensor:
        """Over positives only, but divided by all samples: each positive weighs the same."""
        settings = self._settings
        rows = torch.nonzero(classes < settings.num_classes).squeeze(1)
        boxes = torch.cat([sample.boxes for sample in samples])[rows]
        truth = torch.cat([_truth_of(s, t) for s, t in zip(samples, targets, strict=True)])[rows]
        column = 0 if settings.box_is_class_agnostic else classes[rows]
        predicted = deltas.view(-1, settings.box_classes, 4)[rows, column]
        wanted = self._coder.encode(boxes, truth)
        loss = box_loss(predicted, wanted, settings.box_smooth_l1_beta)
        return loss / max(len(classes), 1) * settings.box_loss_weight

    def _mask_loss(
        self,
        features: Sequence[Tensor],
        samples: Sequence[_Samples],
        targets: Sequence[Target],
        noticed: dict[str, Tensor],
    ) -> Tensor:
        positives = [sample.classes < self._settings.num_classes for sample in samples]
        boxes = [s.boxes[p] for s, p in zip(samples, positives, strict=True)]
        logits = self._mask_logits(features, boxes)
        if len(logits) == 0:
            return logits.sum() * 0
        masks = [
            target.masks[index]
            for sample, positive, target in zip(samples, positives, targets, strict=True)
            for index in sample.stands_for[positive].tolist()
        ]
        wanted = mask_targets(masks, torch.cat(boxes), logits.shape[2]).to(logits.device)
        classes = torch.cat([s.classes[p] for s, p in zip(samples, positives, strict=True)])
        own_logits = of_class(logits, classes)
        noticed |= of_masks(own_logits, wanted)
        return F.binary_cross_entropy_with_logits(own_logits, wanted)


def _is_like(boxes: Tensor, hard: Tensor) -> Tensor | None:
    """(N,) bool: whether a box covers about what one of the hard negatives (K, 4) does."""
    if len(hard) == 0:
        return None
    return ious(hard, boxes).max(dim=0).values >= _SAME_REGION_IOU


def _truth_of(sample: _Samples, target: Target) -> Tensor:
    """The box that each sample stands for; without any, its own."""
    if len(target.boxes) == 0:
        return sample.boxes
    return torch.as_tensor(target.boxes, device=sample.boxes.device)[sample.stands_for]


def of_class(logits: Tensor, classes: Tensor) -> Tensor:
    """(N, M, M) of (N, K, M, M): the mask of each one's class, or the only one."""
    if logits.shape[1] == 1:
        return logits[:, 0]
    return logits[torch.arange(len(logits), device=logits.device), classes]
