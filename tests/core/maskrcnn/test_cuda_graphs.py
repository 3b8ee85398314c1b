"""What is recorded when, and what is let go; and the order that torch asks for in recording."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from core.maskrcnn.cuda_graphs import MOST_SHAPES, CudaRecorder, RecordedByShape
from tests.core.maskrcnn.tape import Tape


def _batch(width: int, value: float = 1.0) -> Tensor:
    return torch.full((1, 3, 4, width), value)


@pytest.fixture
def tape() -> Tape:
    return Tape()


@pytest.fixture
def doubled(tape: Tape) -> RecordedByShape[Tensor]:
    return RecordedByShape(lambda batch: batch * 2, tape)


def test_a_shape_is_recorded_where_it_comes_again(
    doubled: RecordedByShape[Tensor], tape: Tape
) -> None:
    steps = []
    for value in (1.0, 2.0, 3.0):
        assert torch.equal(doubled(_batch(8, value)), _batch(8, 2 * value))
        steps.append((len(tape.recorded), len(tape.replayed)))
    assert steps == [(0, 0), (1, 1), (1, 2)]


def test_another_memory_format_is_another_recording(
    doubled: RecordedByShape[Tensor], tape: Tape
) -> None:
    batch = torch.rand(1, 3, 4, 8)
    for one in (batch, batch, batch.to(memory_format=torch.channels_last), batch.half()):
        doubled(one)
    assert (len(tape.recorded), len(tape.replayed)) == (1, 1)


def test_the_least_recently_used_makes_room(doubled: RecordedByShape[Tensor], tape: Tape) -> None:
    for width in range(1, MOST_SHAPES + 1):
        doubled(_batch(width))
        doubled(_batch(width))
    doubled(_batch(1))  # so that 2 is the oldest
    for _ in range(2):
        doubled(_batch(99))
    tape.replayed.clear()
    for width in (1, 99, 2):
        doubled(_batch(width))
    assert [shape[3] for shape in tape.replayed] == [1, 99]


def test_many_shapes_in_turn_are_not_recorded_over_and_over(
    doubled: RecordedByShape[Tensor], tape: Tape
) -> None:
    for _ in range(64):
        for width in range(1, MOST_SHAPES + 3):
            assert torch.equal(doubled(_batch(width)), 2 * _batch(width))
    of_each = [[shape[3] for shape in tape.recorded].count(n) for n in range(1, MOST_SHAPES + 3)]
    assert max(of_each) <= 6  # after 2, 4, 8, 16, 32 and 64 times
    assert len(tape.replayed) > 64


@pytest.mark.parametrize(
    "error", [RuntimeError("operation not permitted when stream is capturing"),
              torch.OutOfMemoryError("CUDA out of memory")],
)  # fmt: skip
def test_after_a_failure_nothing_is_recorded_any_more(tape: Tape, error: RuntimeError) -> None:
    tried = []

    def record(compute: Callable[[Tensor], Any], batch: Tensor) -> Callable[[Tensor], Any]:
        tried.append(batch.shape[3])
        if batch.shape[3] == 9:
            raise error
        return tape(compute, batch)

    doubled = RecordedByShape(lambda batch: batch * 2, record)
    for width in (7, 7, 9, 9, 7, 7, 5, 5):
        assert torch.equal(doubled(_batch(width)), 2 * _batch(width))
    assert tried == [7, 9]
    assert not doubled.holds_memory
    assert len(tape.replayed) == 1


def test_an_error_of_the_layers_themselves_is_not_swallowed(tape: Tape) -> None:
    def broken(batch: Tensor) -> Tensor:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    layers = RecordedByShape(broken, tape)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="shapes"):
            layers(_batch(8))


def test_who_needs_the_memory_gets_it(doubled: RecordedByShape[Tensor], tape: Tape) -> None:
    doubled(_batch(8))
    doubled(_batch(8))
    assert doubled.holds_memory
    doubled.give_up()
    assert not doubled.holds_memory
    assert torch.equal(doubled(_batch(8)), 2 * _batch(8))
    assert len(tape.recorded) == len(tape.replayed) == 1


class _Cuda:
    """Stands for torch.cuda, and notes what it is asked for."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self._signature = inspect.signature(torch.cuda.graph.__init__)
        self._now = "main"

    def device(self, device: torch.device) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def current_stream(self) -> "_Stream":
        return _Stream(self, self._now)

    def Stream(self) -> "_Stream":
        self.log.append("stream")
        return _Stream(self, "side")

    @contextlib.contextmanager
    def stream(self, stream: "_Stream") -> Iterator[None]:
        self._now, before = stream.name, self._now
        try:
            yield
        finally:
            self._now = before

    def graph_pool_handle(self) -> tuple[int, int]:
        self.log.append("pool")
        return (0, 1)

    def CUDAGraph(self) -> "_Graph":
        return _Graph(self)

    @contextlib.contextmanager
    def graph(self, graph: "_Graph", **options: Any) -> Iterator[None]:
        self._signature.bind(self, graph, **options)  # these are torch's own arguments
        self._now, before = f"{options['stream'].name}, captured in {options['pool']}", self._now
        yield
        self._now = before  # not where what is recorded fails, which is the worst that torch may do

    def compute(self, batch: Tensor) -> Tensor:
        self.log.append(f"compute on {self._now}")
        return batch * 2


class _Stream:
    def __init__(self, cuda: _Cuda, name: str) -> None:
        self.name = name
        self._cuda = cuda

    def wait_stream(self, other: "_Stream") -> None:
        self._cuda.log.append(f"{self.name} waits for {other.name}")


class _Graph:
    def __init__(self, cuda: _Cuda) -> None:
        self._cuda = cuda

    def replay(self) -> None:
        self._cuda.log.append("replay")


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> _Cuda:
    cuda = _Cuda()
    for name in ("device", "current_stream", "Stream", "stream", "graph_pool_handle", "CUDAGraph",
                 "graph"):  # fmt: skip
        monkeypatch.setattr(torch.cuda, name, getattr(cuda, name))
    return cuda


def test_a_recording_is_made_as_torch_asks(cuda: _Cuda) -> None:
    record = CudaRecorder()
    first = record(cuda.compute, _batch(8))
    warm = ["side waits for main", *["compute on side"] * 3, "main waits for side"]
    capture = "compute on side, captured in (0, 1)"
    assert cuda.log == ["pool", "stream", *warm, capture]
    cuda.log.clear()
    record(cuda.compute, _batch(4))
    assert cuda.log == [*warm, capture]  # the same pool and stream
    cuda.log.clear()
    outputs = first(_batch(8, 3.0))
    assert first(_batch(8, 5.0)) is outputs  # where the graph writes, each time
    assert cuda.log == ["replay", "replay"]


def test_a_recording_that_fails_leaves_the_stream_that_was(cuda: _Cuda) -> None:
    def fails_at_last(batch: Tensor) -> Tensor:
        cuda.compute(batch)
        if "captured" in cuda.log[-1]:
            raise RuntimeError("operation not permitted when stream is capturing")
        return batch

    with pytest.raises(RuntimeError, match="capturing"):
        CudaRecorder()(fails_at_last, _batch(8))
    assert cuda.current_stream().name == "main"


def test_a_replay_reads_what_was_copied_in_and_not_the_batch_it_was_recorded_with(
    cuda: _Cuda,
) -> None:
    read: list[Tensor] = []
    batch = _batch(8, 1.0)
    replayed = CudaRecorder()(read.append, batch)
    replayed(_batch(8, 5.0))
    assert all(entry is read[0] for entry in read)
    assert torch.equal(read[-1], _batch(8, 5.0))
    assert torch.equal(batch, _batch(8, 1.0))
