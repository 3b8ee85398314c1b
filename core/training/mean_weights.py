"""The running mean of a model's weights: smoother than the last ones, and often better."""

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from core.maskrcnn.model import MaskRCNN


class _RunningMean(AveragedModel):
    """AveragedModel that looks up once what is to be averaged: it is asked after each step."""

    def __init__(self, model: MaskRCNN, decay: float) -> None:
        super().__init__(model, use_buffers=True)
        self._decay = decay
        floats: list[tuple[Tensor, Tensor]] = []
        counts: list[tuple[Tensor, Tensor]] = []
        for mean, value in zip(_state_of(self.module), _state_of(model), strict=True):
            (floats if mean.is_floating_point() else counts).append((mean, value))
        self._floats, self._counts = floats, counts
        self._model = (model,)  # in a tuple: it is no part of this one

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Takes the model's weights as they are now into the mean."""
        if model is not self._model[0]:
            raise ValueError("A running mean is of the model that it was made of.")
        n = int(self.n_averaged)
        kept = min(self._decay, (1 + n) / (10 + n)) if n else 0.0
        means, values = [mean for mean, _ in self._floats], [value for _, value in self._floats]
        if n:
            torch._foreach_lerp_(means, values, 1 - kept)
        else:
            torch._foreach_copy_(means, values)
        for mean, value in self._counts:  # of batches
            mean.copy_(value)
        self.n_averaged += 1


def running_mean_of(model: MaskRCNN, decay: float) -> AveragedModel:
    """An exponential moving average that begins as the model is; running statistics are in it.

    The decay rises to its value over the first iterations, (1 + n) / (10 + n) of the n-th at most
    (as TensorFlow's ExponentialMovingAverage has it): else it would hold on to the start weights.
    """
    return _RunningMean(model, decay)


def _state_of(model: nn.Module) -> list[Tensor]:
    """Parameters, and what else changes while it learns."""
    return [*(one.detach() for one in model.parameters()), *model.buffers()]
