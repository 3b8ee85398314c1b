"""Half-precision arithmetic where it is wanted: what is computed in it, and how gradients live."""

from contextlib import AbstractContextManager

import torch

_TYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16}


def arithmetic(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """The context in which losses are computed (torch's automatic mixed precision)."""
    dtype = _TYPES.get(precision, torch.bfloat16)
    return torch.autocast(device.type, dtype, enabled=precision in _TYPES)


def scaler_for(precision: str, device: torch.device) -> "torch.amp.GradScaler":
    """What keeps gradients in float16's range; it does nothing for other precisions."""
    return torch.amp.GradScaler(device.type, enabled=precision == "float16")
