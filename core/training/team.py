"""Several processes that learn one model together, one for each GPU, as torchrun starts them.

Every process takes its share of each batch; gradients are averaged by DistributedDataParallel. One
of them, the leader, writes the run folder, measures and says what happens; the others follow, and
end when it does.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
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


class LeaderStopped(Exception):
    """The leader was asked to stop; what it had to keep is kept."""


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
        """What the leader gave; the others wait for it.

        Raises:
            LeaderStopped: in the others, where it will give nothing any more.
        """
        if self.size == 1:
            return value
        said = [(value, False)]
        distributed.broadcast_object_list(said, src=0)
        value, is_over = said[0]
        if is_over:
            raise LeaderStopped
        return value

    @contextlib.contextmanager
    def led(self) -> Iterator[None]:
        """Where the leader is closed in this context, the others end too.

        Whatever it yields there has to be followed by `told`: that is where the others wait.
        """
        try:
            yield
        except GeneratorExit:
            if self.size > 1 and self.is_leader:
                with contextlib.suppress(RuntimeError):  # one that is gone needs no word
                    distributed.broadcast_object_list([(None, True)], src=0)
            raise

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

        Of several errors the worst counts in all processes: they have to do the same next.

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
        if error is not None and _kind_of(error) == worst:
            raise error
        if worst == _DIVERGED:
            raise FloatingPointError("the proposals are not finite numbers any more")
        if worst == _OUT_OF_MEMORY:
            raise MemoryError
        if worst == _BROKEN:
            raise RuntimeError("another process of this run could not go on")

    def exchange(self, model: nn.Module) -> Callable[[], None]:
        """What averages the gradients of a model, when they are all there, over the processes.

        They are not averaged in the backward pass itself, as DistributedDataParallel is meant to
        be used: a process that runs out of memory there would leave the others waiting in it.
        """
        if self.size == 1:
            return lambda: None
        device = next(model.parameters()).device
        ids = [device.index] if device.type == "cuda" else None
        nothing = DistributedDataParallel(_Nothing(model), device_ids=ids)

        def exchanged() -> None:
            nothing().backward()

        return exchanged

    def _sum(self, values: Tensor) -> Tensor:
        summed = values.clone()
        distributed.all_reduce(summed)
        return summed


class _Nothing(nn.Module):
    """A loss of zero that depends on all that learns: its gradients add nothing to those there."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self) -> Tensor:
        learning = [one for one in self.model.parameters() if one.requires_grad]
        return 0 * torch.stack([one.sum() for one in learning]).sum()


def own_device(device: str) -> str:
    """The GPU of this process, of several on a machine; any other device as it is."""
    if not distributed.is_torchelastic_launched():
        return device
    if device == "auto" and torch.cuda.is_available():
        device = "cuda"
    return f"cuda:{os.environ['LOCAL_RANK']}" if device in ("cuda", "cuda:0") else device


def n_on_this_machine() -> int:
    """How many processes of the run share its cores."""
    return int(os.environ["LOCAL_WORLD_SIZE"]) if distributed.is_torchelastic_launched() else 1


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


@contextlib.contextmanager
def left_to_leader() -> Iterator[None]:
    """Lets the first Ctrl-C or polite kill pass: the leader gets it too, and ends all in order.

    A process that ended at once would leave the leader waiting for it, before its checkpoint.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore(*_: object) -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, restore)
    try:
        yield
    finally:
        restore()


def _kind_of(error: Exception | None) -> int:
    if error is None:
        return _WELL
    if isinstance(error, FloatingPointError):
        return _DIVERGED
    return _OUT_OF_MEMORY if is_out_of_memory(error) else _BROKEN
