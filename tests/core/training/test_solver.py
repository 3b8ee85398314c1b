import copy
import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from core.configs import TrainConfig
from core.training.solver import learning_rate, optimizer_for, step

torch.set_num_threads(1)

_CONFIG = TrainConfig("photos", iterations=100, warmup_iterations=10)


def _model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1), nn.GroupNorm(1, 3)
    )


def _forward(model: nn.Module) -> torch.Tensor:
    pixels = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    loss: torch.Tensor = model(pixels).square().sum()
    return loss


def test_warm_up_rises_linearly_from_a_thousandth() -> None:
    flat = replace(_CONFIG, schedule="step")
    rates = [learning_rate(i, flat, 1.0) for i in (0, 5, 10, 99)]
    assert rates == pytest.approx([0.001, 0.5005, 1.0, 1.0])


def test_cosine_ends_at_zero() -> None:
    rates = [learning_rate(i, _CONFIG, 0.002) for i in (50, 75, 100)]
    assert rates == pytest.approx([0.001, 0.001 * (1 - math.sqrt(0.5)), 0.0])


def test_each_step_divides_the_rate_by_ten() -> None:
    config = replace(_CONFIG, schedule="step", steps=(50, 80))
    rates = [learning_rate(i, config, 1.0) for i in (49, 50, 79, 80)]
    assert rates == pytest.approx([1, 0.1, 0.1, 0.01])


def test_each_step_multiplies_by_gamma() -> None:
    config = replace(_CONFIG, schedule="step", steps=(50,), gamma=0.5)
    assert learning_rate(50, config, 1.0) == pytest.approx(0.5)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_norms_have_no_weight_decay(optimizer: str) -> None:
    model = _model()
    groups = optimizer_for(model, replace(_CONFIG, optimizer=optimizer), 0.1).param_groups
    decayed = {id(p): group["weight_decay"] for group in groups for p in group["params"]}
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            expected = (
                0 if isinstance(module, nn.BatchNorm2d | nn.GroupNorm) else _CONFIG.weight_decay
            )
            assert decayed[id(parameter)] == expected


def test_sgd_moves_as_its_formula_says() -> None:
    weight = nn.Parameter(torch.tensor([1.0]))
    model = nn.ParameterDict({"weight": weight})
    config = replace(_CONFIG, optimizer="sgd", weight_decay=0.5, momentum=0.9)
    optimizer = optimizer_for(model, config, 0.1)
    expected, velocity = 1.0, 0.0
    for _ in range(3):
        optimizer.zero_grad()
        (2 * weight).sum().backward()
        step(optimizer, 0.1, 0.0)
        velocity = 0.9 * velocity + 2 + 0.5 * expected
        expected -= 0.1 * velocity
    assert weight.item() == pytest.approx(expected)


def test_gradients_are_clipped_to_the_norm() -> None:
    weight = nn.Parameter(torch.zeros(2))
    config = replace(_CONFIG, optimizer="sgd", weight_decay=0.0)
    optimizer = optimizer_for(nn.ParameterDict({"weight": weight}), config, 1.0)
    (weight * torch.tensor([30.0, 40.0])).sum().backward()
    assert step(optimizer, 1.0, 5.0) == pytest.approx(50)
    assert weight.detach().tolist() == pytest.approx([-3, -4])


def test_a_gradient_that_is_no_number_changes_nothing() -> None:
    model = _model()
    optimizer = optimizer_for(model, _CONFIG, 0.1)
    (_forward(model) * math.nan).backward()
    before = copy.deepcopy(model.state_dict())
    assert math.isnan(step(optimizer, 0.1, 5.0))
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
