"""Several processes that learn one model together, one for each GPU, as torchrun starts them.

Every process takes its share of each batch; gradients are averaged by DistributedDataParallel. One
of them, the leader, writes the run folder, measures and says what happens; the others follow.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from core.training.memory import is_out_of_memory

_Value = TypeVar("_Value")
_PATIENCE = timedelta(hours=6)
"""The others wait while the leader measures on the val images."""
_WELL, _DIVERGED, _OUT_OF_MEMORY, _BROKEN = range(4)


class Team:
    """The processes of a run; one alone unless torchrun started this one."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size

    @property
    def is_leader(self) -> bool:
        """Whether this process speaks and writes."""
        return self.rank == 0

    def told(self, value: _Value) -> _Value:
        """What the leader gave; the others wait for it."""
        if self.size == 1:
            return value
        values = [value]
        distributed.broadcast_object_list(values, src=0)
        return values[0]

    def mean(self, values: Tensor) -> Tensor:
        """The mean of each number over the processes."""
        return self._sum(values) / self.size if self.size > 1 else values

    def balanced(
        self, losses: Mapping[str, Tensor], noticed: Mapping[str, Tensor], n_images: int
    ) -> dict[str, Tensor]:
        """Losses whose mean over the processes is the loss of all their images together.

        A mean over the regions of one process weighs them by how many that process has.

        Args:
            losses: of this process.
            noticed: numbers beside them (core/maskrcnn/noticed.py).
            n_images: of this process.
        """
        if self.size == 1:
            return dict(losses)
        n_objects = noticed["roi_head/num_fg_samples"] * n_images
        n_regions = n_objects + noticed["roi_head/num_bg_samples"] * n_images
        own = torch.stack([n_regions, n_objects]).float()
        of_regions, of_objects = (own / self._sum(own.clone()).clamp(min=1) * self.size).unbind()
        factors = {"loss_cls": of_regions, "loss_box_reg": of_regions, "loss_mask": of_objects}
        return {name: loss * factors.get(name, 1) for name, loss in losses.items()}

    def require_well(self, error: Exception | None, device: torch.device) -> None:
        """Raises where this process or another one could not do its share, in all of them.

        Raises:
            FloatingPointError: one diverged.
            MemoryError: one ran out of memory.
            Exception: what happened here.
        """
        worst = _kind_of(error)
        if self.size > 1:
            kinds = torch.tensor(worst, device=device)
            distributed.all_reduce(kinds, distributed.ReduceOp.MAX)
            worst = int(kinds)
        if error is not None:
            raise error
        if worst == _DIVERGED:
            raise FloatingPointError("the proposals are not finite numbers any more")
        if worst == _OUT_OF_MEMORY:
            raise MemoryError
        if worst == _BROKEN:
            raise RuntimeError("another process of this run could not go on")

    def together(self, model: nn.Module) -> nn.Module:
        """The model, whose gradients are those of all processes after each backward pass."""
        if self.size == 1:
            return model
        device = next(model.parameters()).device
        ids = [device.index] if device.type == "cuda" else None
        return DistributedDataParallel(model, device_ids=ids)

    @staticmethod
    def without_exchange(model: nn.Module) -> AbstractContextManager[None]:
        """The context in which gradients of a model stay with each process for now."""
        if isinstance(model, DistributedDataParallel):
            held: AbstractContextManager[None] = model.no_sync()
            return held
        return contextlib.nullcontext()

    def _sum(self, values: Tensor) -> Tensor:
        summed = values.clone()
        distributed.all_reduce(summed)
        return summed


def own_device(device: str) -> str:
    """The GPU of this process, of several on a machine; any other device as it is."""
    rank = os.environ.get("LOCAL_RANK") if distributed.is_torchelastic_launched() else None
    return f"cuda:{rank}" if rank is not None and device in ("cuda", "cuda:0") else device


@contextlib.contextmanager
def joined(device: str) -> Iterator[Team]:
    """The team of this process for as long as the context lasts.

    Args:
        device: on which this process learns.
    """
    if not distributed.is_available() or not distributed.is_torchelastic_launched():
        yield Team()
        return
    is_cuda = device.startswith("cuda")
    if is_cuda:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if is_cuda else "gloo", timeout=_PATIENCE)
    try:
        yield Team(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def _kind_of(error: Exception | None) -> int:
    if error is None:
        return _WELL
    if isinstance(error, FloatingPointError):
        return _DIVERGED
    return _OUT_OF_MEMORY if is_out_of_memory(error) else _BROKEN
