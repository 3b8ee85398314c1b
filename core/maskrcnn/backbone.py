"""ResNet or ResNeXt with a feature pyramid, in detectron2's names."""

from torch import Tensor, nn
from torch.nn import functional as F

from core.maskrcnn.layers import Conv, fill_msra, fill_xavier, freeze
from core.maskrcnn.settings import ModelSettings

_BLOCKS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
_STAGES = ("res2", "res3", "res4", "res5")
_LEVELS = (2, 3, 4, 5)


class _Stem(nn.Module):
    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.conv1 = Conv(
            3,
            settings.stem_channels,
            kernel=7,
            stride=2,
            norm=settings.backbone_norm,
            bias=False,
            relu=True,
        )
        fill_msra(self.conv1)

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(self.conv1(x), kernel_size=3, stride=2, padding=1)


class _Block(nn.Module):
    """A residual block: a few convolutions, and what is added to them."""

    def __init__(self, convs: list[Conv], shortcut: Conv | None) -> None:
        super().__init__()
        self.shortcut = shortcut
        for place, conv in enumerate(convs, start=1):
            self.add_module(f"conv{place}", conv)
        *self._names, self._last_name = [f"conv{place}" for place in range(1, len(convs) + 1)]
        for conv in convs if shortcut is None else (*convs, shortcut):
            fill_msra(conv)

    def forward(self, x: Tensor) -> Tensor:
        out = x
        for name in self._names:
            out = self.get_submodule(name)(out)
        around = x if self.shortcut is None else self.shortcut(x)
        result: Tensor = self.get_submodule(self._last_name)(out, added=around)
        return result


def _shortcut(in_channels: int, out_channels: int, stride: int, norm: str) -> Conv | None:
    # By the channels alone: a stride without a change of channels does not occur.
    if in_channels == out_channels:
        return None
    return Conv(in_channels, out_channels, kernel=1, stride=stride, norm=norm, bias=False)


def _basic(in_channels: int, out_channels: int, *, stride: int, norm: str) -> _Block:
    convs = [
        Conv(in_channels, out_channels, kernel=3, stride=stride, norm=norm, bias=False, relu=True),
        Conv(out_channels, out_channels, kernel=3, norm=norm, bias=False, relu=True),
    ]
    return _Block(convs, _shortcut(in_channels, out_channels, stride, norm))


def _bottleneck(
    in_channels: int, out_channels: int, *, width: int, stride: int, settings: ModelSettings
) -> _Block:
    norm = settings.backbone_norm
    # MSRA's models have the stride in the 1x1, ResNeXt's and torchvision's in the 3x3.
    strides = (stride, 1) if settings.stride_in_1x1 else (1, stride)
    convs = [
        Conv(in_channels, width, kernel=1, stride=strides[0], norm=norm, bias=False, relu=True),
        Conv(
            width,
            width,
            kernel=3,
            stride=strides[1],
            groups=settings.groups,
            norm=norm,
            bias=False,
            relu=True,
        ),
        Conv(width, out_channels, kernel=1, norm=norm, bias=False, relu=True),
    ]
    return _Block(convs, _shortcut(in_channels, out_channels, stride, norm))


class ResNet(nn.Module):
    """The bottom-up part; its first freeze_at stages do not learn."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.stem = _Stem(settings)
        in_channels = settings.stem_channels
        for place, (name, count) in enumerate(zip(_STAGES, _BLOCKS[settings.depth], strict=True)):
            out_channels = settings.res2_channels << place
            width = (settings.groups * settings.width_per_group) << place
            blocks = []
            for index in range(count):
                stride = 2 if index == 0 and place > 0 else 1
                if settings.depth < 50:
                    norm = settings.backbone_norm
                    block = _basic(in_channels, out_channels, stride=stride, norm=norm)
                else:
                    block = _bottleneck(
                        in_channels, out_channels, width=width, stride=stride, settings=settings
                    )
                blocks.append(block)
                in_channels = out_channels
            self.add_module(name, nn.Sequential(*blocks))
        for name in ("stem", *_STAGES)[: settings.freeze_at]:
            freeze(self.get_submodule(name))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features of res2 to res5 of x (N, 3, H, W)."""
        x = self.stem(x)
        features = []
        for name in _STAGES:
            x = self.get_submodule(name)(x)
            features.append(x)
        return features


class FpnBackbone(nn.Module):
    """The pyramid p2 to p6 over a ResNet."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.bottom_up = ResNet(settings)
        for place, level in enumerate(_LEVELS):
            lateral = Conv(
                settings.res2_channels << place,
                settings.fpn_channels,
                kernel=1,
                norm=settings.fpn_norm,
            )
            output = Conv(
                settings.fpn_channels, settings.fpn_channels, kernel=3, norm=settings.fpn_norm
            )
            fill_xavier(lateral)
            fill_xavier(output)
            self.add_module(f"fpn_lateral{level}", lateral)
            self.add_module(f"fpn_output{level}", output)

    def forward(self, x: Tensor) -> list[Tensor]:
        """p2 to p6 of x (N, 3, H, W); H and W are multiples of 32."""
        merged: list[Tensor] = []
        above: Tensor | None = None
        for level, features in reversed(list(zip(_LEVELS, self.bottom_up(x), strict=True))):
            if above is not None:
                above = F.interpolate(above, scale_factor=2.0, mode="nearest")
            above = self.get_submodule(f"fpn_lateral{level}")(features, added=above)
            merged.append(above)
        pyramid = [
            self.get_submodule(f"fpn_output{level}")(features)
            for level, features in zip(_LEVELS, reversed(merged), strict=True)
        ]
        # Every second pixel of p5 as it is: a pool with a kernel of 1, not a mean or a maximum.
        return [*pyramid, F.max_pool2d(pyramid[-1], kernel_size=1, stride=2)]
