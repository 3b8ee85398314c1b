"""The region proposal network: anchors, its head, proposals, and its losses."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import batched_nms

from core.maskrcnn.boxes import (
    BoxCoder,
    box_loss,
    clipped,
    ious,
    is_larger,
    is_mostly_inside,
    matched,
    sampled,
)
from core.maskrcnn.layers import Conv, fill_normal
from core.maskrcnn.noticed import of_anchors
from core.maskrcnn.settings import STRIDES, ModelSettings


def cell_anchors(sizes: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """(sizes x ratios, 4) boxes round (0, 0), exact, of area size squared and height / width."""
    halves = []
    for size in sizes:
        for ratio in ratios:
            width = math.sqrt(size**2.0 / ratio)
            halves.append((width / 2.0, ratio * width / 2.0))
    return torch.tensor([(-x, -y, x, y) for x, y in halves])


def grid_anchors(cells: Tensor, grid_hw: tuple[int, int], stride: int, offset: float) -> Tensor:
    """(H x W x A, 4) anchors of a level, row by row; the first cell is at offset x stride."""
    height, width = grid_hw
    first = offset * stride
    device = cells.device
    xs = torch.arange(first, width * stride, step=stride, dtype=torch.float32, device=device)
    ys = torch.arange(first, height * stride, step=stride, dtype=torch.float32, device=device)
    y, x = torch.meshgrid(ys, xs, indexing="ij")
    shifts = torch.stack([x, y, x, y], dim=-1).view(-1, 1, 4)
    return (shifts + cells).view(-1, 4)


class _Head(nn.Module):
    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        channels = settings.fpn_channels
        convs = []
        for wished in settings.rpn_conv_dims:
            width = channels if wished == -1 else wished
            convs.append(Conv(channels, width, kernel=3, relu=True))
            channels = width
        # One is named conv, several conv.conv0, conv.conv1 ...
        self.conv: nn.Module = convs[0]
        if len(convs) > 1:
            self.conv = nn.Sequential()
            for place, conv in enumerate(convs):
                self.conv.add_module(f"conv{place}", conv)
        sizes, ratios = settings.anchors_of_levels()[0]
        count = len(sizes) * len(ratios)
        self.objectness_logits = nn.Conv2d(channels, count, 1)
        self.anchor_deltas = nn.Conv2d(channels, count * 4, 1)
        for layer in (*convs, self.objectness_logits, self.anchor_deltas):
            fill_normal(layer, std=0.01)

    def forward(self, features: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Of each level: logits (N, H x W x A) and deltas (N, H x W x A, 4)."""
        logits, deltas = [], []
        for level in features:
            hidden = self.conv(level)
            logits.append(self.objectness_logits(hidden).permute(0, 2, 3, 1).flatten(1))
            raw = self.anchor_deltas(hidden)
            n, _, height, width = raw.shape
            deltas.append(
                raw.view(n, -1, 4, height, width).permute(0, 3, 4, 1, 2).reshape(n, -1, 4)
            )
        return logits, deltas


class Rpn(nn.Module):
    """Proposes boxes that may hold an instance of whatever class."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.rpn_head = _Head(settings)
        self._settings = settings
        self._coder = BoxCoder(settings.rpn_box_weights)
        self._levels = len(STRIDES)
        for level, (sizes, ratios) in enumerate(settings.anchors_of_levels()):
            self.register_buffer(f"_cells{level}", cell_anchors(sizes, ratios), persistent=False)

    def forward(
        self, features: Sequence[Tensor], sizes_hw: Sequence[tuple[int, int]]
    ) -> list[Tensor]:
        """Proposals of each image, (N, 4) in pixels of the input, best first."""
        logits, deltas = self.rpn_head(features)
        return self.chosen(self.anchors(features), logits, deltas, sizes_hw)

    def chosen(
        self,
        anchors: Sequence[Tensor],
        logits: Sequence[Tensor],
        deltas: Sequence[Tensor],
        sizes_hw: Sequence[tuple[int, int]],
    ) -> list[Tensor]:
        """The proposals of each image, of what the head said of each level's anchors."""
        return self._proposals(
            anchors,
            [level.float() for level in logits],  # half where the head is; boxes are float32
            deltas,
            sizes_hw,
            topk=(self._settings.rpn_pre_nms_test, self._settings.rpn_post_nms_test),
        )

    def proposals_and_losses(
        self,
        features: Sequence[Tensor],
        sizes_hw: Sequence[tuple[int, int]],
        *,
        truth: Sequence[Tensor],
        ignored: Sequence[Tensor],
        seeds: Sequence[int | None],
        noticed: dict[str, Tensor],
    ) -> tuple[list[Tensor], dict[str, Tensor]]:
        """Proposals to train on, and the losses; numbers beside them go into `noticed`.

        Args:
            features: p2 to p6.
            sizes_hw: of each image before it was padded.
            truth: (M, 4) boxes of each image.
            ignored: (K, 4) boxes of each image in which nothing is taken for background.
            seeds: of the samples of each image; None: torch's random numbers go on as they come.
            noticed: filled under detectron2's names.

        Raises:
            FloatingPointError: the training has diverged.
        """
        logits, deltas = self.rpn_head(features)
        anchors = self.anchors(features)
        losses = self._losses(
            torch.cat(anchors), torch.cat(logits, 1), torch.cat(deltas, 1), sizes_hw, truth,
            ignored, seeds, noticed,
        )  # fmt: skip
        topk = (self._settings.rpn_pre_nms_train, self._settings.rpn_post_nms_train)
        detached = [level.detach() for level in logits], [level.detach() for level in deltas]
        if not all(bool(torch.isfinite(level).all()) for levels in detached for level in levels):
            raise FloatingPointError("the proposals are not finite numbers any more")
        return self._proposals(anchors, *detached, sizes_hw, topk=topk), losses

    def anchors(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Anchors of each level, (H x W x A, 4)."""
        return [
            grid_anchors(
                self.get_buffer(f"_cells{level}"),
                (features[level].shape[2], features[level].shape[3]),
                STRIDES[level],
                self._settings.anchor_offset,
            )
            for level in range(self._levels)
        ]

    def _proposals(
        self,
        anchors: Sequence[Tensor],
        logits: Sequence[Tensor],
        deltas: Sequence[Tensor],
        sizes_hw: Sequence[tuple[int, int]],
        *,
        topk: tuple[int, int],
    ) -> list[Tensor]:
        """The best so many of each level, without near-duplicates, then the best of all levels."""
        scores, boxes, levels = [], [], []
        for level, (anchor, logit, delta) in enumerate(zip(anchors, logits, deltas, strict=True)):
            best, index = logit.topk(min(topk[0], logit.shape[1]), dim=1)
            scores.append(best)
            boxes.append(
                torch.stack(
                    [self._coder.decode(d[i], anchor[i]) for d, i in zip(delta, index, strict=True)]
                )
            )
            levels.append(torch.full_like(index[0], level))
        all_scores, all_boxes, all_levels = (
            torch.cat(scores, 1),
            torch.cat(boxes, 1),
            torch.cat(levels),
        )
        proposals = []
        for image, size_hw in enumerate(sizes_hw):
            box, score, level_ids = all_boxes[image], all_scores[image], all_levels
            is_finite = torch.isfinite(box).all(dim=1) & torch.isfinite(score)
            box = clipped(box, size_hw)
            keep = is_finite & is_larger(box, self._settings.rpn_min_box_px)
            box, score, level_ids = box[keep], score[keep], level_ids[keep]
            kept = batched_nms(box, score, level_ids, self._settings.rpn_nms_threshold)
            proposals.append(box[kept[: topk[1]]])
        return proposals

    def _losses(
        self,
        anchors: Tensor,
        logits: Tensor,
        deltas: Tensor,
        sizes_hw: Sequence[tuple[int, int]],
        truth: Sequence[Tensor],
        ignored: Sequence[Tensor],
        seeds: Sequence[int | None],
        noticed: dict[str, Tensor],
    ) -> dict[str, Tensor]:
        settings = self._settings
        labels, targets = [], []
        for image, boxes in enumerate(truth):
            label, stands_for = self._sample(
                anchors, boxes, ignored[image], sizes_hw[image], seed=seeds[image]
            )
            labels.append(label)
            positives = torch.nonzero(label == 1).squeeze(1)
            if len(boxes):
                targets.append(self._coder.encode(anchors[positives], boxes[stands_for[positives]]))
        label = torch.stack(labels)
        noticed |= of_anchors(label)
        wanted = torch.cat(targets) if targets else anchors.new_zeros(0, 4)
        loss_cls = F.binary_cross_entropy_with_logits(
            logits[label >= 0], label[label >= 0].float(), reduction="sum"
        )
        loss_loc = box_loss(deltas[label == 1], wanted, settings.rpn_smooth_l1_beta)
        normaliser = settings.rpn_batch_size * len(truth)
        loc_weight = settings.rpn_box_loss_weight * settings.rpn_loss_weight
        return {
            "loss_rpn_cls": loss_cls / normaliser * settings.rpn_loss_weight,
            "loss_rpn_loc": loss_loc / normaliser * loc_weight,
        }

    @torch.no_grad()
    def _sample(
        self,
        anchors: Tensor,
        boxes: Tensor,
        ignored: Tensor,
        size_hw: tuple[int, int],
        *,
        seed: int | None,
    ) -> tuple[Tensor, Tensor]:
        """Of each anchor: 1 or 0 where it is to be learnt from, else -1; what it stands for."""
        settings = self._settings
        stands_for, labels = matched(
            ious(boxes, anchors), settings.rpn_iou_thresholds, keeps_best_of_each=True
        )
        labels[(labels == 0) & is_mostly_inside(anchors, ignored)] = -1
        if settings.rpn_boundary_px >= 0:
            labels[~_is_within(anchors, size_hw, settings.rpn_boundary_px)] = -1
        positives, negatives = sampled(
            labels,
            settings.rpn_batch_size,
            positive_fraction=settings.rpn_positive_fraction,
            background=0,
            seed=seed,
        )
        chosen = torch.full_like(labels, -1)
        chosen[positives] = 1
        chosen[negatives] = 0
        return chosen, stands_for


def _is_within(boxes: Tensor, size_hw: tuple[int, int], margin_px: int) -> Tensor:
    height, width = size_hw
    high = boxes.new_tensor([width + margin_px, height + margin_px])
    return (boxes[:, :2] >= -margin_px).all(dim=1) & (boxes[:, 2:] < high).all(dim=1)
