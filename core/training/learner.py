"""A model that learns: its weights, its optimizer and how far it got."""

import math
from dataclasses import dataclass

import torch

from core.configs import TrainConfig
from core.errors import AppError
from core.maskrcnn.model import MaskRCNN
from core.training import solver
from core.training.data import Batch
from core.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Best:
    """The best weights so far."""

    iteration: int
    ap: float


class Learner:
    """One step at a time. All that changes in a run is here, and in torch's random numbers."""

    def __init__(self, model: MaskRCNN, config: TrainConfig, recipe: Recipe) -> None:
        self.model = model
        self.config = config
        self.recipe = recipe
        model.train()
        self.optimizer = solver.optimizer_for(model, config, recipe.base_rate)
        self.iteration = 0
        self.evaluated_at = 0
        self.best: Best | None = None
        self.seconds = 0.0

    def step(self, batch: Batch) -> dict[str, float]:
        """Learns from a batch; the losses, their sum, the gradients' norm and the rate.

        Raises:
            AppError: a loss or a gradient is not a finite number, or the GPU has too little memory;
                the weights are as they were.
        """
        try:
            return self._step(batch)
        except FloatingPointError as error:
            raise self._diverged(str(error)) from error
        except torch.cuda.OutOfMemoryError as error:
            raise AppError(
                f"The GPU has too little memory for {len(batch.images)} images at a time. Train"
                " with smaller batches (--batch-size), with a smaller model, or on the cpu."
            ) from error

    def _step(self, batch: Batch) -> dict[str, float]:
        losses = self.model.losses(batch.images, batch.targets)
        each = torch.stack(list(losses.values()))
        total = each.sum()
        said = torch.cat([total.detach()[None], each.detach()]).tolist()
        values = dict(zip(("total_loss", *losses), said, strict=True))
        self._require_finite(values)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        rate = solver.learning_rate(self.iteration, self.config, self.recipe.base_rate)
        norm = solver.step(self.optimizer, rate, self.config.clip_norm)
        self._require_finite({"the gradients' norm": norm})
        self.iteration += 1
        return {**values, "grad_norm": norm, "lr": rate}

    @staticmethod
    def _require_finite(values: dict[str, float]) -> None:
        wrong = [name for name, value in values.items() if not math.isfinite(value)]
        if wrong:
            raise FloatingPointError(f"{wrong[0]} is not a finite number any more")

    def _diverged(self, reason: str) -> AppError:
        return AppError(
            f"Training stopped at iteration {self.iteration + 1}: {reason}. The last good"
            " checkpoint is kept. Train again with a lower learning rate than"
            f" {self.recipe.base_rate:g}, or with stronger clipping."
        )
