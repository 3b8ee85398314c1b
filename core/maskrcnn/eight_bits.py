"""Weights of one byte a number, in the form of a checkpoint.

A parameter `a.weight` is kept as `a.weight.int8`, whole numbers from -127 to 127, and
`a.weight.scale`, one float for each output, shaped so that their product is the parameter. Layers
that answer (classes, boxes, masks) and those of the fewest numbers are kept in half precision,
vectors in floats, all under their own names. As no name has two meanings, detectron2 finds
parameters missing and takes nothing for what it is not.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from core.errors import AppError
from core.maskrcnn.rounding import rounded

WHOLE, SCALE = ".int8", ".scale"
_LARGEST = 127
_ANSWER = ("cls_score", "bbox_pred", "mask_head.predictor", "objectness_logits", "anchor_deltas")
"""A step of 1/127 of their largest number would move boxes and make masks constant."""
_OUTPUTS_SECOND = "deconv."
"""Transposed convolutions have their outputs on the second axis."""
_MOST_IN_HALF, _SHARE_IN_HALF = 220_000, 0.2
"""Numbers of the smallest layers that stay in half precision: the first ones of a backbone, whose
errors go through all others. Measured on two tiny trained models: scores are a quarter as far from
those in floats as with every layer in 8 bits. An R50 grows by 0.2 MB."""


def in_eight_bits(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Parameters by their names in the file; `in_floats` gives them back, nearly.

    Args:
        state: parameters of a model, float32.
    """
    found: dict[str, Tensor] = {}
    in_half = _in_half(state)
    for name, value in state.items():
        if name in in_half:
            half = value.half()
            found[name] = half if bool(torch.isfinite(half).all()) else value
        elif _is_large(value):
            axis = 1 if f".{_OUTPUTS_SECOND}" in name else 0
            found[name + WHOLE], found[name + SCALE] = _wholes_and_scales(value, axis)
        else:
            found[name] = value
    return found


def _is_large(value: Tensor) -> bool:
    return value.dim() >= 2 and value.dtype == torch.float32


def _in_half(state: Mapping[str, Tensor]) -> set[str]:
    """Layers that answer, and as many of the others as may be, the smallest first."""
    sizes = {name: value.numel() for name, value in state.items() if _is_large(value)}
    chosen = {name for name in sizes if any(f".{layer}." in name for layer in _ANSWER)}
    others = sorted((size, name) for name, size in sizes.items() if name not in chosen)
    room = min(_MOST_IN_HALF, _SHARE_IN_HALF * sum(size for size, _ in others))
    for size, name in others:
        room -= size
        if room < 0:
            break
        chosen.add(name)
    return chosen


def _wholes_and_scales(value: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    others = [one for one in range(value.dim()) if one != axis]
    # An output whose weights are all zero has any scale.
    scale = value.abs().amax(dim=others, keepdim=True).clamp(min=1e-30) / _LARGEST
    by_output = (value / scale).transpose(0, axis)
    whole = rounded(by_output.flatten(1), most=_LARGEST, kernel=value[0, 0].numel())
    return whole.view(by_output.shape).transpose(0, axis).contiguous().to(torch.int8), scale


def in_floats(path: Path, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The parameters of a file, those of 8 bits as floats.

    Args:
        path: of the file, for what is said of it.
        state: what it holds by its names there.

    Raises:
        AppError: numbers and scales do not go together.
    """
    wholes = {name.removesuffix(WHOLE) for name in state if name.endswith(WHOLE)}
    if not wholes:
        return dict(state)
    found = {
        name: value
        for name, value in state.items()
        if name.removesuffix(WHOLE) not in wholes and name.removesuffix(SCALE) not in wholes
    }
    for name in sorted(wholes):
        whole, scale = state[name + WHOLE], state.get(name + SCALE)
        if scale is None or name in state or not _go_together(whole, scale):
            raise AppError(
                f"{path.name} is broken: the 8-bit numbers of {name} and their scales do not go"
                " together. Copy it again, or make it anew from its weights."
            )
        found[name] = whole.float() * scale
    return found


def _go_together(whole: Tensor, scale: Tensor) -> bool:
    # Anything else could unfold to much more than the file has.
    is_of_bytes = whole.dtype == torch.int8 and scale.dtype == torch.float32
    if not is_of_bytes or whole.dim() != scale.dim():
        return False
    return all(own in (1, side) for own, side in zip(scale.shape, whole.shape, strict=True))
