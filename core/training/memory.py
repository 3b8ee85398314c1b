"""How much of a batch fits: on a GPU from a trial, and what to do when it did not."""

from collections.abc import Callable

import torch

from core.maskrcnn.memory import is_out_of_memory as is_out_of_memory
from core.maskrcnn.model import MaskRCNN
from core.training.data import Batch
from core.training.precision import arithmetic

_SPARE = 0.85  # of the free memory: the allocator's gaps, and images that are larger
_MOST = 16
_STATES = 3  # times the parameters: AdamW's two means, and the running mean
_ON_CPU = {True: 4, False: 2}  # a small model, a big one: more at a time is not faster there


def n_that_fit(peak_bytes: Callable[[int], int], free_bytes: int) -> int:
    """The largest power of two of images that fits, 16 at most.

    Args:
        peak_bytes: memory that a step with so many images takes at most.
        free_bytes: what there is.
    """
    try:
        one, two = peak_bytes(1), peak_bytes(2)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return 1
    each = max(1, two - one)
    room = _SPARE * free_bytes - (one - each)
    n = 1
    while 2 * n <= min(_MOST, room / each):
        n *= 2
    return n


def n_that_fit_cuda(model: MaskRCNN, batch_of: Callable[[int], Batch], precision: str) -> int:
    """The same, measured on the GPU of the model: losses and gradients of one and two images.

    Nothing of it stays. What the optimizer and the running mean will hold is counted in.
    """
    device = model.device

    def peak_bytes(n: int) -> int:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
        batch = batch_of(n)
        with arithmetic("float16" if precision == "auto" else precision, device):
            losses = model.losses(batch.images, batch.targets)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        model.zero_grad(set_to_none=True)
        return torch.cuda.max_memory_allocated(device)

    kept = [(buffer, buffer.clone()) for buffer in model.buffers()]
    model.train()
    try:
        free, _ = torch.cuda.mem_get_info(device)
        states = _STATES * sum(one.nbytes for one in model.parameters())
        return n_that_fit(peak_bytes, free + torch.cuda.memory_allocated(device) - states)
    finally:
        for buffer, value in kept:
            buffer.copy_(value)


def n_on_cpu(*, is_small: bool) -> int:
    """Images at a time on a CPU, whose memory is not what limits."""
    return _ON_CPU[is_small]
