"""Rounding to whole numbers whose errors cancel out (SQuant, Guo et al. 2022).

What a layer sees is seldom negative, so errors of one sign add up in each of its outputs. Each
number is rounded to the nearest; then, of every kernel and of every output, those that were nearest
to the other neighbour take that one until the errors sum up to no more than half a step.
"""

import torch
from torch import Tensor


def rounded(values: Tensor, *, most: int, kernel: int) -> Tensor:
    """Whole numbers near these, less than one away.

    Args:
        values: (outputs, inputs) the numbers that each output weighs its inputs with, in steps.
        most: the largest whole number there is, and below zero the smallest.
        kernel: how many inputs are one channel's, side by side.
    """
    whole = values.round()
    by_kernel = values.reshape(-1, kernel)
    whole = _cancelled(whole.reshape(by_kernel.shape), by_kernel)
    return _cancelled(whole.reshape(values.shape), values).clamp(-most, most)


def _cancelled(whole: Tensor, values: Tensor) -> Tensor:
    """Whole numbers whose errors sum up to half a step at most, row by row."""
    excess = (whole - values).sum(dim=1, keepdim=True).round()
    rows = excess.flatten().nonzero().flatten()  # of many kernels the errors are small as they are
    excess, found = excess[rows], whole[rows]
    worst_first = ((found - values[rows]) * excess.sign()).argsort(dim=1, descending=True)
    turn = torch.arange(values.shape[1], device=values.device)
    moved = (turn < excess.abs()).to(whole) * -excess.sign()
    return whole.index_copy(0, rows, found.scatter_add(1, worst_first, moved))
