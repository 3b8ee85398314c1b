"""Records as CUDA graphs do, without one: the same tensors each time, overwritten in place."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten


class Tape:
    """A recorder that notes the shapes it recorded, and the replays."""

    def __init__(self) -> None:
        self.recorded: list[tuple[int, ...]] = []
        self.replayed: list[tuple[int, ...]] = []
        self._outputs: list[Tensor] = []

    def __call__(self, compute: Callable[[Tensor], Any], batch: Tensor) -> Callable[[Tensor], Any]:
        """As a Recorder; all recordings share their memory, so that each replay spoils the last."""
        self.recorded.append(tuple(batch.shape))
        entry = batch.clone()
        outputs, shape = tree_flatten(compute(entry))
        self._outputs += outputs

        def replay(other: Tensor) -> Any:
            self.replayed.append(tuple(other.shape))
            entry.copy_(other)
            fresh, _ = tree_flatten(compute(entry))
            for spoilt in self._outputs:
                spoilt.fill_(torch.nan)
            for kept, new in zip(outputs, fresh, strict=True):
                kept.copy_(new)
            return tree_unflatten(outputs, shape)

        return replay
