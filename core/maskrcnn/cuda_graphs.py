"""What a GPU computes for a batch of one shape, recorded once and replayed as a whole.

A replay spares the host some hundred calls, one for each layer; what is computed is the same.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor

Outputs = TypeVar("Outputs")

MOST_SHAPES = 4
"""Recorded at a time. All share one pool of memory, but the outputs of each stay in it."""
_WARM_UPS = 3
"""Runs before a recording, in which libraries choose their algorithms: as in torch's own example
(CUDA semantics, "CUDA Graphs")."""


class Recorder(Protocol):
    """Records what is computed of a batch."""

    def __call__(
        self, compute: Callable[[Tensor], Outputs], batch: Tensor
    ) -> Callable[[Tensor], Outputs]:
        """What computes the same of other batches of this shape.

        Its outputs are the same tensors each time: they last until any next call of what this
        recorder recorded.

        Raises:
            RuntimeError: it cannot be recorded, or the memory is too small.
        """


class CudaRecorder:
    """Records CUDA graphs, all in one pool of memory and on one stream.

    torch allows this for graphs that do not read each other's outputs and never run side by side,
    where outputs are used up before the next replay (CUDA semantics, "Sharing memory across
    captures").
    """

    def __init__(self) -> None:
        self._pool: Any = None  # torch has no public name for its type
        self._side: torch.cuda.Stream | None = None

    def __call__(
        self, compute: Callable[[Tensor], Outputs], batch: Tensor
    ) -> Callable[[Tensor], Outputs]:
        """See `Recorder`."""
        # A recording that breaks off may leave its own stream behind as the current one.
        with torch.cuda.device(batch.device), torch.cuda.stream(torch.cuda.current_stream()):
            if self._side is None:
                self._pool = torch.cuda.graph_pool_handle()
                self._side = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's own
            entry = batch.clone()  # outside the pool, where no replay writes
            graph, outputs = self._recorded(compute, entry, self._side)

        def replayed(other: Tensor) -> Outputs:
            entry.copy_(other)
            graph.replay()
            return outputs

        return replayed

    def _recorded(
        self, compute: Callable[[Tensor], Outputs], entry: Tensor, side: torch.cuda.Stream
    ) -> tuple[torch.cuda.CUDAGraph, Outputs]:
        current = torch.cuda.current_stream()
        side.wait_stream(current)
        with torch.cuda.stream(side):
            for _ in range(_WARM_UPS):
                compute(entry)
        current.wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # Of this thread alone: others may use the device meanwhile.
        with torch.cuda.graph(
            graph, pool=self._pool, stream=side, capture_error_mode="thread_local"
        ):
            return graph, compute(entry)


class RecordedByShape(Generic[Outputs]):
    """Computes batches; those of a shape that comes again are recorded, and replayed from then on.

    The least recently used recording makes room for a new one. A shape that lost its own that way
    has to come as often again before the next, or many shapes in turn would only be recorded.
    After a failure nothing is recorded any more.
    """

    def __init__(self, compute: Callable[[Tensor], Outputs], record: Recorder) -> None:
        self._compute = compute
        self._record = record
        self._recorded: OrderedDict[object, Callable[[Tensor], Outputs]] = OrderedDict()
        self._met: Counter[object] = Counter()
        self._due: dict[object, int] = {}
        self._gave_up = False

    @property
    def holds_memory(self) -> bool:
        """Whether there are recordings."""
        return bool(self._recorded)

    def __call__(self, batch: Tensor) -> Outputs:
        """What is computed of a batch; it lasts until the next call."""
        key = (batch.shape, batch.stride(), batch.dtype, batch.device)
        self._met[key] += 1
        if key in self._recorded:
            self._recorded.move_to_end(key)
            return self._recorded[key](batch)
        if self._gave_up or self._met[key] < self._due.get(key, 2):
            return self._compute(batch)
        self._record_shape(key, batch)
        return self._recorded[key](batch) if key in self._recorded else self._compute(batch)

    def give_up(self) -> None:
        """Forgets what is recorded, for good: somebody needs the memory."""
        self._recorded.clear()
        self._gave_up = True

    def _record_shape(self, key: object, batch: Tensor) -> None:
        if len(self._recorded) == MOST_SHAPES:
            oldest, _ = self._recorded.popitem(last=False)
            self._due[oldest] = 2 * self._met[oldest]
        try:
            self._recorded[key] = self._record(self._compute, batch)
        except RuntimeError:  # torch.OutOfMemoryError, too; the plain way may still have enough
            self.give_up()
