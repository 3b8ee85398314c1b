"""A model that learns: its weights, its optimizer and how far it got."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.configs import TrainConfig
from core.errors import AppError
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.noticed import mean_of
from core.training import solver
from core.training.data import Batch
from core.training.mean_weights import running_mean_of
from core.training.memory import is_out_of_memory
from core.training.precision import arithmetic, scaler_for
from core.training.team import Team

_SMALLER, _SMALLEST = 0.8, 0.5  # of the usual input size, where one image is too much for a GPU
_SKIPPED_AT_MOST = 20
"""Steps in a row that float16 may leave out while it looks for its scale."""


class Diverged(Exception):
    """A loss or a gradient is not a finite number; the weights are as they were."""


class OutOfMemory(Exception):
    """The device has too little memory for this step; the weights are as they were."""


class TornUpdate(OutOfMemory):
    """It ran out while the weights were changed: some are, in some processes."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best weights so far."""

    iteration: int
    ap: float
    is_mean: bool = False
    """Whether they are the running mean, and not the weights that learn."""


class Learner:
    """One step at a time. All that changes in a run is here."""

    def __init__(self, model: MaskRCNN, config: TrainConfig, *, team: Team | None = None) -> None:
        """Begins at iteration 0.

        Args:
            model: on its device.
            config: with every choice made (core/configs/recipe.py).
            team: the processes that learn together; None: this one alone.
        """
        self.team = team or Team()
        self.model = model
        self.config = config
        model.train()
        self.optimizer = solver.optimizer_for(model, config, config.learning_rate)
        self.scaler = scaler_for(config.precision, model.device)
        self.mean = running_mean_of(model, config.ema_decay) if config.ema_decay else None
        """The running mean of the weights."""
        self.iteration = 0
        self.evaluated_at = 0
        self.best: Best | None = None
        self.n_stale = 0
        """Evaluations since the best."""
        self.seconds = 0.0
        self.rate_factor = 1.0
        """Halved each time it diverged."""
        self.n_pieces = 1
        """A batch is learnt from in so many pieces, where the whole does not fit the memory."""
        self.size_factor = 1.0
        """Of the usual input size, where not even one image fits."""
        self._n_skipped = 0
        self._exchange = self.team.exchange(model)

    def step(self, batch: Batch) -> dict[str, float]:
        """Learns from a batch; the losses, their sum, the gradients' norm and the rate.

        Which anchors and regions are sampled follows from the seed and the iteration alone.

        Raises:
            Diverged: a loss or a gradient is not a finite number.
            OutOfMemory: `take_less` makes the next try smaller.
            TornUpdate: the same, but the weights have to be those of a checkpoint first.
        """
        try:
            with self._out_of_memory_is(OutOfMemory):
                values = self._taught(batch)
            with self._out_of_memory_is(TornUpdate):
                return {**values, **self._updated()}
        except FloatingPointError as error:
            raise Diverged(str(error)) from error

    def take_less(self) -> str:
        """Goes one rung down the ladder of memory.

        Returns:
            What is done now, for the user.

        Raises:
            AppError: there is no rung left.
        """
        n_own = self.config.batch_size // self.team.size
        if self.n_pieces < n_own:
            self.n_pieces = min(2 * self.n_pieces, n_own)
            at_a_time = -(-n_own // self.n_pieces) * self.team.size
            return f"{at_a_time} of the {self.config.batch_size} images of a batch at a time"
        if self.size_factor * _SMALLER >= _SMALLEST:
            self.size_factor *= _SMALLER
            return f"images at {round(100 * self.size_factor)} % of their usual size"
        raise AppError(
            "The device has too little memory for one image at half its usual size. Train a smaller"
            " model, or on the cpu."
        )

    def _taught(self, batch: Batch) -> dict[str, float]:
        """The losses of a batch, whose gradients are those of all processes then."""
        self.optimizer.zero_grad(set_to_none=True)
        values: dict[str, float] = {}
        beside: list[dict[str, float]] = []
        for piece, share in self._pieces(batch):
            losses, noticed = self._forward(piece)
            each = torch.stack([loss.float() for loss in losses.values()]) * share
            total = each.sum()
            said = self.team.mean(torch.cat([total.detach()[None], each.detach()])).tolist()
            for name, value in zip(("total_loss", *losses), said, strict=True):
                values[name] = values.get(name, 0.0) + value
            _require_finite(values)
            beside.append(_floats(noticed))
            self._backward(total)
        self._exchange()
        return {**values, **mean_of(beside)}

    def _updated(self) -> dict[str, float]:
        """Changes the weights by the gradients at hand; their norm, and the rate."""
        rate = self.rate_factor * solver.learning_rate(
            self.iteration, self.config, self.config.learning_rate
        )
        norm = math.inf
        with self._all_well():
            norm = solver.step(self.optimizer, rate, self.config.clip_norm, scaler=self.scaler)
            if self.mean is not None:
                self.mean.update_parameters(self.model)
        self._take_note_of(norm)
        self.iteration += 1
        of_step = {"grad_norm": norm} if math.isfinite(norm) else {}  # of a step that was left out
        return {**of_step, "lr": rate}

    def _forward(self, piece: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The losses of a piece, and numbers beside them."""
        losses: dict[str, Tensor] = {}
        noticed: dict[str, Tensor] = {}
        with self._all_well(), arithmetic(self.config.precision, self.model.device):
            losses = self.model.losses(piece.images, piece.targets, noticed=noticed)
        return self.team.balanced(losses, noticed, len(piece.images)), noticed

    def _backward(self, total: Tensor) -> None:
        with self._all_well():
            self.scaler.scale(total).backward()  # type: ignore[no-untyped-call]

    @contextmanager
    def _all_well(self) -> Iterator[None]:
        """Raises at its end, in all processes, where one of them could not do what is in it."""
        error: Exception | None = None
        try:
            yield
        except (FloatingPointError, RuntimeError, MemoryError) as caught:
            error = caught
        self.team.require_well(error, self.model.device)

    @contextmanager
    def _out_of_memory_is(self, kind: type[OutOfMemory]) -> Iterator[None]:
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            self.optimizer.zero_grad(set_to_none=True)
            raise kind from error

    def _pieces(self, batch: Batch) -> list[tuple[Batch, float]]:
        """Parts of the batch, and which share of it each is."""
        n = len(batch.images)
        size = -(-n // self.n_pieces)
        targets = tuple(
            replace(
                target, seed=_seed(self.config.seed, self.iteration, self.team.rank * n + place)
            )
            for place, target in enumerate(batch.targets)
        )
        cuts = [slice(first, first + size) for first in range(0, n, size)]
        parts = [Batch(batch.images[cut], targets[cut]) for cut in cuts]
        return [(part, len(part.images) / n) for part in parts]

    def _take_note_of(self, norm: float) -> None:
        if math.isfinite(norm):
            self._n_skipped = 0
            return
        self._n_skipped += 1
        if not self.scaler.is_enabled() or self._n_skipped > _SKIPPED_AT_MOST:
            self._n_skipped = 0
            _require_finite({"the gradients' norm": norm})


def _require_finite(values: dict[str, float]) -> None:
    wrong = [name for name, value in values.items() if not math.isfinite(value)]
    if wrong:
        raise FloatingPointError(f"{wrong[0]} is not a finite number any more")


def _floats(values: Mapping[str, Tensor]) -> dict[str, float]:
    """All of them in one go: a GPU is waited for once."""
    if not values:
        return {}
    numbers = torch.stack([value.detach().float() for value in values.values()]).tolist()
    return dict(zip(values, numbers, strict=True))


def _seed(seed: int, iteration: int, place: int) -> int:
    state = np.random.SeedSequence((seed, 3, iteration, place)).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))
