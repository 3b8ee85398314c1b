"""How the published models are built: what their configs in detectron2 say, as settings."""

from dataclasses import replace

from core.maskrcnn.settings import ModelSettings, standard_settings


def resnet_settings(depth: int, *, mask_on: bool = True) -> ModelSettings:
    """R50 and R101: Base-RCNN-FPN.yaml, on backbones of MSRA."""
    return standard_settings(depth, mask_on=mask_on)


def resnext_settings(*, mask_on: bool = True) -> ModelSettings:
    """X101-32x8d: trained in Caffe2, so its strides and its colours are others."""
    return replace(
        standard_settings(101, mask_on=mask_on),
        groups=32,
        width_per_group=8,
        stride_in_1x1=False,
        pixel_std=(57.375, 57.12, 58.395),
    )


def lsj_settings(depth: int) -> ModelSettings:
    """new_baselines/mask_rcnn_R_*_LSJ.py: from scratch, with more layers and live batch norm.

    They were shown crops of 1024 x 1024 pixels in training. Their published AP is of images of the
    usual test size, 800 by at most 1333.
    """
    return replace(
        standard_settings(depth),
        backbone_norm="SyncBN",
        freeze_at=0,
        fpn_norm="SyncBN",
        rpn_conv_dims=(-1, -1),
        box_num_conv=4,
        box_num_fc=1,
        box_norm="naiveSyncBN_N",
        mask_norm="naiveSyncBN_N",
    )
