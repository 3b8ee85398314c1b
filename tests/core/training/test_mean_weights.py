from dataclasses import replace

import pytest
import torch

from core.maskrcnn.config import small_settings
from core.maskrcnn.model import MaskRCNN
from core.training.mean_weights import running_mean_of

torch.set_num_threads(1)


def _model() -> MaskRCNN:
    torch.manual_seed(0)
    return MaskRCNN(replace(small_settings(1), min_size_test=32, max_size_test=32))


def test_it_follows_the_weights_as_worked_out_by_hand() -> None:
    model = _model()
    mean = running_mean_of(model, 0.5)
    weight = next(iter(model.parameters()))
    expected = float(weight.detach().flatten()[0])
    for number, value in enumerate((1.0, 3.0, -2.0)):
        with torch.no_grad():
            weight.fill_(value)
        mean.update_parameters(model)
        # the first is taken as it is; then (1 + n) / (10 + n), until that is more than 0.5
        kept = 0.0 if number == 0 else min(0.5, (1 + number) / (10 + number))
        expected = kept * expected + (1 - kept) * value
        assert float(next(iter(mean.parameters())).detach().flatten()[0]) == pytest.approx(expected)


def test_running_statistics_are_averaged_and_counters_are_not() -> None:
    model = _model()
    mean = running_mean_of(model, 0.9)
    buffers, means = dict(model.named_buffers()), dict(mean.module.named_buffers())
    running = next(name for name in buffers if name.endswith("running_var"))
    counter = running.replace("running_var", "num_batches_tracked")
    for number in (1, 2):
        buffers[running].fill_(float(number))
        buffers[counter].fill_(number)
        mean.update_parameters(model)
    assert torch.all((means[running] > 1) & (means[running] < 2))
    assert int(means[counter]) == 2
