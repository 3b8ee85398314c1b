"""What turns gradients into better weights: optimizer, learning rate, clipping."""

import math

import torch
from torch import nn

from core.configs import TrainConfig

_WARMUP_FROM = 0.001  # detectron2's SOLVER.WARMUP_FACTOR
_NORMS = (nn.modules.batchnorm._BatchNorm, nn.GroupNorm, nn.LayerNorm)


def optimizer_for(model: nn.Module, config: TrainConfig, base_rate: float) -> torch.optim.Optimizer:
    """AdamW or SGD on what is to be trained; no weight decay on norms, as detectron2 has it."""
    norms = [p for m in model.modules() if isinstance(m, _NORMS) for p in m.parameters(False)]
    of_norms = {id(parameter) for parameter in norms}
    others = [parameter for parameter in model.parameters() if id(parameter) not in of_norms]
    groups = [
        {"params": [p for p in others if p.requires_grad], "weight_decay": config.weight_decay},
        {"params": [p for p in norms if p.requires_grad], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if config.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=base_rate)
    return torch.optim.SGD(groups, lr=base_rate, momentum=config.momentum)


def learning_rate(iteration: int, config: TrainConfig, base_rate: float) -> float:
    """The rate of an iteration, counted from 0: a linear warm-up times the schedule."""
    warmup = config.warmup_iterations
    share = min(1.0, iteration / warmup) if warmup else 1.0
    return base_rate * (_WARMUP_FROM + (1 - _WARMUP_FROM) * share) * _decay(iteration, config)


def _decay(iteration: int, config: TrainConfig) -> float:
    if config.schedule == "step":
        return float(config.gamma ** sum(iteration >= step for step in config.steps))
    return 0.5 * (1 + math.cos(math.pi * iteration / config.iterations))


def step(
    optimizer: torch.optim.Optimizer,
    rate: float,
    clip_norm: float,
    *,
    scaler: torch.amp.GradScaler | None = None,
) -> float:
    """One step along the gradients at hand.

    Args:
        optimizer: of the parameters that have the gradients.
        rate: the learning rate.
        clip_norm: gradients are scaled down to it; 0: never.
        scaler: that scaled the loss of these gradients.

    Returns:
        The gradients' norm before clipping. Where it is not finite, nothing was changed.
    """
    if scaler is not None:
        scaler.unscale_(optimizer)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    norm = float(nn.utils.clip_grad_norm_(parameters, clip_norm or math.inf))
    if math.isfinite(norm):
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
    if scaler is not None:
        scaler.update()
    return norm
