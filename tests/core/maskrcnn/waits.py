"""Sees what would make the host wait for a GPU, on a machine that has none."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten

_NUMBERS_OF_THE_HOST = (aten.lift_fresh.default, aten.scalar_tensor.default)
"""What torch.tensor, new_tensor and a number in torch.where begin with: on a GPU a copy follows."""


class Waits(TorchDispatchMode):
    """Notes what waits, from the first convolution on. Under torch.no_grad, as inference mode
    hides what operations consist of.

    That is: operations whose results' shapes depend on values, values that are read, numbers that
    are brought to the device, and copies between devices.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.n_ops = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is aten.convolution.default or self.n_ops:
            self.n_ops += 1
        if self.n_ops and self.waits(func, args, kwargs):
            self.seen.append(str(func))
        return func(*args, **kwargs)

    def waits(self, func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
        """Whether the host waits in this operation."""
        return any(rule(func, args, kwargs) for rule in _RULES)


def is_between_devices(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    """Whether a tensor goes from one device to another."""
    if func is aten._to_copy.default:
        wanted = kwargs.get("device")
        return wanted is not None and torch.device(wanted).type != args[0].device.type
    if func is aten.copy_.default:
        same = args[0].device.type == args[1].device.type
        return not same
    return False


def _depends_on_values(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    if func in (aten.index.Tensor, aten.index_put_.default, aten.index_put.default):
        return any(one is not None and one.dtype in (torch.bool, torch.uint8) for one in args[1])
    tags = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
    return bool(tags & set(func.tags)) or func is torch.ops.torchvision.nms.default


def _brings_numbers(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return func in _NUMBERS_OF_THE_HOST


def _mixes_devices(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return len({one.device.type for one in _tensors((args, kwargs))}) > 1


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)


_RULES: tuple[Callable[[Any, Any, dict[str, Any]], bool], ...] = (
    _depends_on_values,
    _brings_numbers,
    is_between_devices,
    _mixes_devices,
)
