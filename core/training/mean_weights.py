"""The running mean of a model's weights: smoother than the last ones, and often better."""

from collections.abc import Callable, Sequence

from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from core.maskrcnn.model import MaskRCNN


def running_mean_of(model: MaskRCNN, decay: float) -> AveragedModel:
    """An exponential moving average that begins as the model is; running statistics are in it.

    The decay rises to its value over the first iterations, (1 + n) / (10 + n) of the n-th at most
    (as TensorFlow's ExponentialMovingAverage has it): else it would hold on to the start weights.
    """
    return AveragedModel(model, multi_avg_fn=_averaging(decay), use_buffers=True)


def _averaging(
    decay: float,
) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    def average(means: Sequence[Tensor], values: Sequence[Tensor], n: Tensor | int) -> None:
        kept = min(decay, (1 + int(n)) / (10 + int(n)))
        for mean, value in zip(means, values, strict=True):
            if mean.is_floating_point():
                mean.lerp_(value.to(mean.dtype), 1 - kept)
            else:  # what counts batches
                mean.copy_(value)

    return average
