"""ModelSettings: what of a detectron2 config decides how a Mask R-CNN with FPN computes."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from core.errors import AppError
from core.wording import one_line

BATCH_NORMS = ("BN", "SyncBN", "nnSyncBN", "naiveSyncBN", "naiveSyncBN_N")
"""Norms that are a plain batch norm where there is one device."""
NORMS = ("", "FrozenBN", "GN", *BATCH_NORMS)
DEPTHS = (18, 34, 50, 101, 152)
STRIDES = (4, 8, 16, 32, 64)
"""Of p2 to p6, in pixels of the network's input."""
SIZE_DIVISIBILITY = 32
_GROUPS_OF_GN = 32
_LARGEST_INT = 1_000_000
_LARGEST_WIDTH = 16_384
_MOST_ITEMS = 64
"""Of a list: layers in a row, or sizes of anchors."""


def _key(key: str, default: Any) -> Any:
    """A field that a detectron2 config calls key; default is detectron2's own (defaults.py)."""
    return field(default=default, metadata={"key": key})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """Everything that is honoured of a detectron2 config; the defaults are detectron2's.

    Raises:
        AppError: a value is impossible, or no model of this family can have it.
    """

    depth: int = _key("MODEL.RESNETS.DEPTH", 50)
    stem_channels: int = _key("MODEL.RESNETS.STEM_OUT_CHANNELS", 64)
    res2_channels: int = _key("MODEL.RESNETS.RES2_OUT_CHANNELS", 256)
    groups: int = _key("MODEL.RESNETS.NUM_GROUPS", 1)
    width_per_group: int = _key("MODEL.RESNETS.WIDTH_PER_GROUP", 64)
    stride_in_1x1: bool = _key("MODEL.RESNETS.STRIDE_IN_1X1", True)
    backbone_norm: str = _key("MODEL.RESNETS.NORM", "FrozenBN")
    freeze_at: int = _key("MODEL.BACKBONE.FREEZE_AT", 2)
    fpn_channels: int = _key("MODEL.FPN.OUT_CHANNELS", 256)
    fpn_norm: str = _key("MODEL.FPN.NORM", "")

    anchor_sizes: tuple[tuple[float, ...], ...] = _key(
        "MODEL.ANCHOR_GENERATOR.SIZES", ((32.0, 64.0, 128.0, 256.0, 512.0),)
    )
    """Pixels of the network's input, a tuple a level; one tuple alone is for all levels."""
    anchor_ratios: tuple[tuple[float, ...], ...] = _key(
        "MODEL.ANCHOR_GENERATOR.ASPECT_RATIOS", ((0.5, 1.0, 2.0),)
    )
    """Height / width, as anchor_sizes."""
    anchor_offset: float = _key("MODEL.ANCHOR_GENERATOR.OFFSET", 0.0)

    rpn_conv_dims: tuple[int, ...] = _key("MODEL.RPN.CONV_DIMS", (-1,))
    rpn_iou_thresholds: tuple[float, ...] = _key("MODEL.RPN.IOU_THRESHOLDS", (0.3, 0.7))
    rpn_boundary_px: int = _key("MODEL.RPN.BOUNDARY_THRESH", -1)
    """Anchors further outside the image than this do not train; -1: all may."""
    rpn_batch_size: int = _key("MODEL.RPN.BATCH_SIZE_PER_IMAGE", 256)
    rpn_positive_fraction: float = _key("MODEL.RPN.POSITIVE_FRACTION", 0.5)
    rpn_box_weights: tuple[float, ...] = _key("MODEL.RPN.BBOX_REG_WEIGHTS", (1.0, 1.0, 1.0, 1.0))
    rpn_smooth_l1_beta: float = _key("MODEL.RPN.SMOOTH_L1_BETA", 0.0)
    rpn_loss_weight: float = _key("MODEL.RPN.LOSS_WEIGHT", 1.0)
    rpn_box_loss_weight: float = _key("MODEL.RPN.BBOX_REG_LOSS_WEIGHT", 1.0)
    rpn_nms_threshold: float = _key("MODEL.RPN.NMS_THRESH", 0.7)
    rpn_pre_nms_train: int = _key("MODEL.RPN.PRE_NMS_TOPK_TRAIN", 12000)
    rpn_pre_nms_test: int = _key("MODEL.RPN.PRE_NMS_TOPK_TEST", 6000)
    rpn_post_nms_train: int = _key("MODEL.RPN.POST_NMS_TOPK_TRAIN", 2000)
    rpn_post_nms_test: int = _key("MODEL.RPN.POST_NMS_TOPK_TEST", 1000)
    rpn_min_box_px: int = _key("MODEL.PROPOSAL_GENERATOR.MIN_SIZE", 0)

    num_classes: int = _key("MODEL.ROI_HEADS.NUM_CLASSES", 80)
    roi_iou_thresholds: tuple[float, ...] = _key("MODEL.ROI_HEADS.IOU_THRESHOLDS", (0.5,))
    roi_batch_size: int = _key("MODEL.ROI_HEADS.BATCH_SIZE_PER_IMAGE", 512)
    roi_positive_fraction: float = _key("MODEL.ROI_HEADS.POSITIVE_FRACTION", 0.25)
    roi_appends_truth: bool = _key("MODEL.ROI_HEADS.PROPOSAL_APPEND_GT", True)
    score_threshold: float = _key("MODEL.ROI_HEADS.SCORE_THRESH_TEST", 0.05)
    nms_threshold: float = _key("MODEL.ROI_HEADS.NMS_THRESH_TEST", 0.5)
    detections_per_image: int = _key("TEST.DETECTIONS_PER_IMAGE", 100)
    """The best so many are kept; below 0: all."""

    box_pooler_resolution: int = _key("MODEL.ROI_BOX_HEAD.POOLER_RESOLUTION", 14)
    box_sampling_ratio: int = _key("MODEL.ROI_BOX_HEAD.POOLER_SAMPLING_RATIO", 0)
    box_num_conv: int = _key("MODEL.ROI_BOX_HEAD.NUM_CONV", 0)
    box_conv_dim: int = _key("MODEL.ROI_BOX_HEAD.CONV_DIM", 256)
    box_num_fc: int = _key("MODEL.ROI_BOX_HEAD.NUM_FC", 0)
    box_fc_dim: int = _key("MODEL.ROI_BOX_HEAD.FC_DIM", 1024)
    box_norm: str = _key("MODEL.ROI_BOX_HEAD.NORM", "")
    box_is_class_agnostic: bool = _key("MODEL.ROI_BOX_HEAD.CLS_AGNOSTIC_BBOX_REG", False)
    box_weights: tuple[float, ...] = _key(
        "MODEL.ROI_BOX_HEAD.BBOX_REG_WEIGHTS", (10.0, 10.0, 5.0, 5.0)
    )
    box_smooth_l1_beta: float = _key("MODEL.ROI_BOX_HEAD.SMOOTH_L1_BETA", 0.0)
    box_loss_weight: float = _key("MODEL.ROI_BOX_HEAD.BBOX_REG_LOSS_WEIGHT", 1.0)

    mask_on: bool = _key("MODEL.MASK_ON", False)
    mask_pooler_resolution: int = _key("MODEL.ROI_MASK_HEAD.POOLER_RESOLUTION", 14)
    mask_sampling_ratio: int = _key("MODEL.ROI_MASK_HEAD.POOLER_SAMPLING_RATIO", 0)
    mask_num_conv: int = _key("MODEL.ROI_MASK_HEAD.NUM_CONV", 0)
    mask_conv_dim: int = _key("MODEL.ROI_MASK_HEAD.CONV_DIM", 256)
    mask_norm: str = _key("MODEL.ROI_MASK_HEAD.NORM", "")
    mask_is_class_agnostic: bool = _key("MODEL.ROI_MASK_HEAD.CLS_AGNOSTIC_MASK", False)

    pixel_mean: tuple[float, ...] = _key("MODEL.PIXEL_MEAN", (103.53, 116.28, 123.675))
    """In the order of input_format, 0 to 255."""
    pixel_std: tuple[float, ...] = _key("MODEL.PIXEL_STD", (1.0, 1.0, 1.0))
    input_format: str = _key("INPUT.FORMAT", "BGR")
    min_size_test: int = _key("INPUT.MIN_SIZE_TEST", 800)
    """What the shorter side is resized to, in pixels; 0: nothing is resized."""
    max_size_test: int = _key("INPUT.MAX_SIZE_TEST", 1333)

    def __post_init__(self) -> None:
        _check_numbers(self)
        _check_choices(self)
        _check_backbone(self)
        _check_anchors(self)

    def anchors_of_levels(self) -> tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]:
        """Sizes and ratios of each level, p2 to p6."""
        sizes, ratios = self.anchor_sizes, self.anchor_ratios
        levels = len(STRIDES)
        sizes = sizes * levels if len(sizes) == 1 else sizes
        ratios = ratios * levels if len(ratios) == 1 else ratios
        return tuple(zip(sizes, ratios, strict=True))

    @property
    def backbone_title(self) -> str:
        """As papers call the network that features come from."""
        return f"{'ResNeXt' if self.groups > 1 else 'ResNet'}-{self.depth}"

    @property
    def box_classes(self) -> int:
        """How many boxes are regressed for each proposal."""
        return 1 if self.box_is_class_agnostic else self.num_classes

    @property
    def mask_classes(self) -> int:
        """How many masks are predicted for each box."""
        return 1 if self.mask_is_class_agnostic else self.num_classes


KEY_OF: dict[str, str] = {item.name: item.metadata["key"] for item in fields(ModelSettings)}
"""detectron2's name of each setting."""
DEFAULTS: dict[str, Any] = {item.name: item.default for item in fields(ModelSettings)}
"""detectron2's own value of each; together they are no model (no box head)."""


def standard_settings(
    depth: int = 50, *, mask_on: bool = True, num_classes: int = 80
) -> ModelSettings:
    """The profile of detectron2's R50 and R101 FPN models of its 3x schedule."""
    return ModelSettings(
        depth=depth,
        # Its configs for R18 and R34 have 64 here; nothing else builds.
        res2_channels=256 if depth >= 50 else 64,
        mask_on=mask_on,
        num_classes=num_classes,
        anchor_sizes=((32.0,), (64.0,), (128.0,), (256.0,), (512.0,)),
        rpn_pre_nms_train=2000,
        rpn_pre_nms_test=1000,
        rpn_post_nms_train=1000,
        rpn_post_nms_test=1000,
        box_pooler_resolution=7,
        box_num_fc=2,
        mask_num_conv=4,
    )


def small_settings(num_classes: int) -> ModelSettings:
    """A model of half a million parameters that learns from scratch on a CPU.

    Measured on drawn shapes: mask AP50 .84 after 240 steps of AdamW, half a minute on two cores.
    """
    return ModelSettings(
        depth=50,
        stem_channels=16,
        res2_channels=32,
        width_per_group=8,
        stride_in_1x1=False,
        backbone_norm="BN",
        freeze_at=0,
        fpn_channels=32,
        anchor_sizes=((16.0,), (32.0,), (64.0,), (128.0,), (256.0,)),
        rpn_batch_size=128,
        rpn_pre_nms_train=400,
        rpn_pre_nms_test=400,
        rpn_post_nms_train=200,
        rpn_post_nms_test=100,
        num_classes=num_classes,
        roi_batch_size=64,
        box_pooler_resolution=7,
        box_num_fc=2,
        box_fc_dim=64,
        mask_on=True,
        mask_num_conv=4,
        mask_conv_dim=32,
        pixel_mean=(123.675, 116.28, 103.53),
        pixel_std=(58.395, 57.12, 57.375),
        input_format="RGB",
        min_size_test=400,
        max_size_test=667,
    )


def refusal(key: str, value: object, possible: str) -> AppError:
    """The error for a value of a config that cannot be honoured."""
    said = one_line(repr(value))
    return AppError(
        f"The model's config has {one_line(key)} = {said}, which cannot be honoured here;"
        f" possible is {possible}. Choose weights of a Mask R-CNN or Faster R-CNN with FPN, or"
        " correct the config."
    )


def _check_numbers(settings: ModelSettings) -> None:
    for name, key in KEY_OF.items():
        value = getattr(settings, name)
        if isinstance(value, tuple) and any(len(v) > _MOST_ITEMS for v in _lists_in(value)):
            raise refusal(key, value, f"a list of up to {_MOST_ITEMS}")
        for number in _numbers_in(value):
            if not math.isfinite(number) or abs(number) > _LARGEST_INT:
                raise refusal(key, value, f"a number up to {_LARGEST_INT}")
    lengths = {"rpn_iou_thresholds": 2, "roi_iou_thresholds": 1, "rpn_box_weights": 4}
    lengths |= {"box_weights": 4, "pixel_mean": 3, "pixel_std": 3}
    for name, length in lengths.items():
        value = getattr(settings, name)
        if len(value) != length:
            raise refusal(KEY_OF[name], value, f"a list of {length} numbers")
    for name, (low, high) in _RANGES.items():
        value = getattr(settings, name)
        if not all(low <= number <= high for number in _numbers_in(value)):
            raise refusal(KEY_OF[name], value, f"{low} to {high}")


def _lists_in(value: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [value, *(item for item in value if isinstance(item, tuple))]


def _numbers_in(value: Any) -> list[float]:
    if isinstance(value, tuple):
        return [number for item in value for number in _numbers_in(item)]
    return [value] if isinstance(value, int | float) else []


def _ranges() -> dict[str, tuple[float, float]]:
    widths = (
        "stem_channels res2_channels groups width_per_group fpn_channels box_conv_dim box_fc_dim "
        "mask_conv_dim num_classes rpn_batch_size roi_batch_size"
    )
    ranges: dict[str, tuple[float, float]] = dict.fromkeys(widths.split(), (1, _LARGEST_WIDTH))
    ranges |= {"rpn_batch_size": (1, _LARGEST_INT), "roi_batch_size": (1, _LARGEST_INT)}
    for name in ("rpn_positive_fraction", "roi_positive_fraction", "rpn_nms_threshold"):
        ranges[name] = (0, 1)
    for name in ("rpn_pre_nms_train", "rpn_pre_nms_test", "rpn_post_nms_train"):
        ranges[name] = (1, _LARGEST_INT)
    for name in ("rpn_box_weights", "box_weights", "pixel_std", "anchor_sizes", "anchor_ratios"):
        ranges[name] = (1e-6, _LARGEST_INT)
    for name in ("rpn_smooth_l1_beta", "box_smooth_l1_beta", "rpn_loss_weight", "box_loss_weight"):
        ranges[name] = (0, _LARGEST_INT)
    for name in ("box_pooler_resolution", "mask_pooler_resolution"):
        ranges[name] = (1, 112)
    for name in ("box_num_conv", "box_num_fc", "mask_num_conv"):
        ranges[name] = (0, 64)
    ranges |= {"rpn_post_nms_test": (1, _LARGEST_INT), "rpn_min_box_px": (0, _LARGEST_INT)}
    ranges |= {"rpn_iou_thresholds": (1e-6, 1), "roi_iou_thresholds": (1e-6, 1)}
    ranges |= {"min_size_test": (0, 30_000), "max_size_test": (1, 30_000)}
    ranges |= {"nms_threshold": (0, 1), "anchor_offset": (0, 0.999_999), "freeze_at": (0, 5)}
    return ranges


_RANGES = _ranges()


def _check_choices(settings: ModelSettings) -> None:
    norms = ", ".join(repr(norm) for norm in NORMS)
    choices: dict[str, tuple[tuple[object, ...], str]] = {
        "depth": (DEPTHS, "18, 34, 50, 101 or 152"),
        "input_format": (("BGR", "RGB"), "'BGR' or 'RGB'"),
    }
    choices |= {f"{part}_norm": (NORMS, norms) for part in ("backbone", "fpn", "box", "mask")}
    for name, (allowed, possible) in choices.items():
        if getattr(settings, name) not in allowed:
            raise refusal(KEY_OF[name], getattr(settings, name), possible)
    low, high = settings.rpn_iou_thresholds
    if low > high:
        raise refusal(KEY_OF["rpn_iou_thresholds"], settings.rpn_iou_thresholds, "low, then high")
    if not settings.rpn_conv_dims or any(dim < -1 or dim == 0 for dim in settings.rpn_conv_dims):
        raise refusal(KEY_OF["rpn_conv_dims"], settings.rpn_conv_dims, "-1 or a number of channels")
    if settings.box_num_conv + settings.box_num_fc == 0:
        raise refusal(KEY_OF["box_num_fc"], 0, "1 or more where NUM_CONV is 0 too")


def _check_backbone(settings: ModelSettings) -> None:
    if settings.depth < 50 and settings.res2_channels != 64:
        # detectron2 itself builds no other, so a checkpoint with it could not go back there.
        raise refusal(KEY_OF["res2_channels"], settings.res2_channels, "64 for depth 18 and 34")
    if settings.depth < 50 and settings.groups != 1:
        raise refusal(KEY_OF["groups"], settings.groups, "1 for depth 18 and 34")
    groups_of_gn = {
        "backbone_norm": (settings.stem_channels, settings.res2_channels, _bottleneck(settings)),
        "fpn_norm": (settings.fpn_channels,),
        "box_norm": (settings.box_conv_dim,),
        "mask_norm": (settings.mask_conv_dim,),
    }
    for name, channels in groups_of_gn.items():
        if getattr(settings, name) == "GN" and any(c % _GROUPS_OF_GN for c in channels):
            raise refusal(KEY_OF[name], "GN", "GN where the channels are a multiple of 32")


def _bottleneck(settings: ModelSettings) -> int:
    is_basic = settings.depth < 50
    return settings.res2_channels if is_basic else settings.groups * settings.width_per_group


def _check_anchors(settings: ModelSettings) -> None:
    levels = len(STRIDES)
    lists: tuple[tuple[str, Callable[[ModelSettings], tuple[tuple[float, ...], ...]]], ...] = (
        ("anchor_sizes", lambda s: s.anchor_sizes),
        ("anchor_ratios", lambda s: s.anchor_ratios),
    )
    for name, of in lists:
        value = of(settings)
        if len(value) not in (1, levels) or not all(value):
            raise refusal(KEY_OF[name], value, f"one list, or {levels}: one for each of p2 to p6")
    counts = {len(sizes) * len(ratios) for sizes, ratios in settings.anchors_of_levels()}
    if len(counts) != 1:
        raise refusal(
            KEY_OF["anchor_sizes"], settings.anchor_sizes, "as many anchors on each level"
        )
