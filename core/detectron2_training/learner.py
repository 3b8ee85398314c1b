"""detectron2's loop, one step at a time, behind what the training loop asks of any learner."""

import itertools
import math
import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import torch
from detectron2.config import CfgNode, get_cfg
from detectron2.data import DatasetMapper, build_detection_train_loader
from detectron2.data.samplers import RepeatFactorTrainingSampler
from detectron2.engine import AMPTrainer, HookBase, SimpleTrainer
from detectron2.modeling import build_model
from detectron2.solver import build_lr_scheduler, build_optimizer
from detectron2.utils.env import seed_all_rng
from detectron2.utils.events import EventStorage
from torch import nn
from torch.utils.data import Sampler, get_worker_info

from core.configs import TrainConfig
from core.detectron2_training.dataset import DatasetDict, has_run_lengths
from core.detectron2_training.settings import solver_options
from core.engines.detectron2 import without_its_warnings
from core.errors import AppError
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.model import MaskRCNN
from core.training.learner import Diverged, Learner, OutOfMemory
from core.training.memory import is_out_of_memory

_NOT_SHOWN = frozenset({"data_time", "rank_data_time"})
_HALVES = {"float16": torch.float16, "bfloat16": torch.bfloat16}
_MOST_SEEDS = 1 << 32  # numpy's
_CONSTANTS = frozenset({"pixel_mean", "pixel_std"})
_ANCHORS = ".cell_anchors."
"""Buffers that follow from the config."""


class Detectron2Learner(Learner):
    """A learner whose steps are detectron2's: its model, its sampling, its optimizer.

    The weights are in the memory of `model`, which is measured and saved; detectron2's model has no
    others.
    """

    def __init__(self, model: MaskRCNN, config: TrainConfig, *, cfg: Any) -> None:
        """Begins at iteration 0.

        Args:
            model: on its device.
            config: with every choice made.
            cfg: detectron2's, of the same model and of this config (`cfg_of`).
        """
        super().__init__(model, config)
        with without_its_warnings():
            theirs = build_model(cfg)
            _share(theirs, model)
            self.optimizer = build_optimizer(cfg, theirs)
            self._schedule = build_lr_scheduler(cfg, self.optimizer)
        self._batches: deque[Any] = deque()
        fed = _Fed(self._batches)
        if config.precision == "float32":
            self._trainer = SimpleTrainer(theirs, fed, self.optimizer)
        else:
            self._trainer = AMPTrainer(
                theirs,
                fed,
                self.optimizer,
                grad_scaler=self.scaler,
                precision=_HALVES[config.precision],
            )
        self._norm = _GradientNorm(theirs, self.scaler)
        self._trainer.register_hooks([self._norm])

    def step(self, batch: Any) -> dict[str, float]:
        """Learns from a batch of detectron2's loader; the losses and what else it notes, and the
        rate.

        Raises:
            Diverged: a loss is not a finite number.
            OutOfMemory: the device has too little memory.
        """
        rate = self._set_rate()
        self._batches.append(batch)
        self._trainer.iter = self.iteration
        try:
            with without_its_warnings(), EventStorage(self.iteration) as storage:
                self._trainer.storage = storage
                self._trainer.run_step()
        except FloatingPointError as error:
            raise Diverged("a loss is not a finite number any more") from error
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            self.optimizer.zero_grad(set_to_none=True)
            raise OutOfMemory from error
        self.iteration += 1
        noted = {name: float(value) for name, (value, _) in storage.latest().items()}
        values = {name: value for name, value in noted.items() if name not in _NOT_SHOWN}
        return {**values, **self._norm.values(), "lr": rate}

    def take_less(self) -> str:
        """There is no rung below a whole batch in detectron2's loop.

        Raises:
            AppError: always, with what helps.
        """
        raise AppError(
            "The device has too little memory for a batch, and detectron2's loop cannot take less"
            " at a time. Train with a smaller batch (--batch-size), or with the engine maskrcnn,"
            " which can."
        )

    def _set_rate(self) -> float:
        """The schedule is a function of the iteration, which a resume or a step back may change."""
        self._schedule.last_epoch = self.iteration
        rates = [self.rate_factor * rate for rate in self._schedule.get_lr()]
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        return float(rates[0])


class Detectron2Lessons:
    """Batches of detectron2's loader, which maps and varies images in its own way."""

    def __init__(self, dicts: Sequence[DatasetDict], *, cfg: Any) -> None:
        self._dicts, self._cfg = list(dicts), cfg

    def batches(self, first: int, last: int) -> Generator[Any, None, None]:
        """The batches of iterations first to last - 1. The order of the images goes on where it
        was; how each of them varies is drawn anew.

        Raises:
            AppError: an image cannot be read.
        """
        cfg = self._cfg
        seed_all_rng((int(cfg.SEED) + first) % _MOST_SEEDS)
        factors = RepeatFactorTrainingSampler.repeat_factors_from_category_frequency(
            self._dicts, cfg.DATALOADER.REPEAT_THRESHOLD
        )
        n_seen = first * cfg.SOLVER.IMS_PER_BATCH
        with without_its_warnings():
            loader = build_detection_train_loader(
                self._dicts,
                mapper=_Mapper(cfg),
                sampler=_GoingOn(factors, seed=int(cfg.SEED), n_seen=n_seen),
                total_batch_size=cfg.SOLVER.IMS_PER_BATCH,
                num_workers=cfg.DATALOADER.NUM_WORKERS,
            )
            batches = iter(loader)
        try:
            for _ in range(first, last):
                yield _next(batches)
        finally:
            del batches, loader  # which ends the processes that load


class _Mapper:
    """detectron2's mapper, which leaves Ctrl-C to the process that learns.

    That one ends those that load images; if they went first, it would take it for a fault.
    """

    def __init__(self, cfg: Any) -> None:
        self._mapped = DatasetMapper(cfg, is_train=True)

    def __call__(self, one: DatasetDict) -> Any:
        if get_worker_info() is not None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        return self._mapped(one)


class _GoingOn(Sampler[int]):
    """detectron2's order of images, from where a run was."""

    def __init__(self, factors: torch.Tensor, *, seed: int, n_seen: int) -> None:
        self._order = RepeatFactorTrainingSampler(factors, seed=seed)
        self._n_seen = n_seen

    def __iter__(self) -> Iterator[int]:
        return itertools.islice(iter(self._order), self._n_seen, None)


class _Fed:
    """What detectron2's trainer takes for a loader: batches that others put there."""

    def __init__(self, batches: deque[Any]) -> None:
        self._batches = batches

    def __iter__(self) -> "_Fed":
        return self

    def __next__(self) -> Any:
        return self._batches.popleft()


class _GradientNorm(HookBase):  # type: ignore[misc]  # detectron2 has no types
    """The norm of all gradients before they are clipped, where detectron2 calls this hook."""

    def __init__(self, model: nn.Module, scaler: torch.amp.GradScaler) -> None:
        self._model, self._scaler = model, scaler
        self._last: float | None = None

    def after_backward(self) -> None:
        norms = [one.grad.norm() for one in self._model.parameters() if one.grad is not None]
        norm = float(torch.stack(norms).norm()) / self._scaler.get_scale()
        self._last = norm if math.isfinite(norm) else None

    def values(self) -> dict[str, float]:
        """Of the last step; empty where it is not known."""
        return {} if self._last is None else {"grad_norm": self._last}


def cfg_of(
    model: MaskRCNN, config: TrainConfig, dicts: Sequence[DatasetDict], *, n_workers: int
) -> Any:
    """detectron2's config of a model and a fine-tune, with every choice made.

    Args:
        model: on its device.
        config: of the fine-tune.
        dicts: what it learns from.
        n_workers: processes that load images.
    """
    cfg: CfgNode = get_cfg()
    options = solver_options(
        config,
        model.settings,
        device=str(model.device),
        has_run_lengths=has_run_lengths(dicts),
        n_workers=n_workers,
    )
    cfg.merge_from_other_cfg(CfgNode.load_cfg(settings_to_yaml(model.settings, class_names=())))
    cfg.merge_from_list(options)
    return cfg


def _share(theirs: nn.Module, ours: MaskRCNN) -> None:
    """Makes one model's weights those of the other, in the same memory.

    Raises:
        AppError: they have not the same weights.
    """
    of_ours = {**dict(ours.named_parameters()), **dict(ours.named_buffers())}
    of_theirs = {**dict(theirs.named_parameters()), **dict(theirs.named_buffers())}
    for name, value in of_theirs.items():
        if name in _CONSTANTS or _ANCHORS in name:
            continue
        if name not in of_ours or of_ours[name].shape != value.shape:
            raise AppError(
                f"detectron2 builds another model from this config than the engine maskrcnn: {name}"
                " differs. Train with the engine maskrcnn."
            )
        value.data = of_ours[name].data


def _next(batches: Iterator[Any]) -> Any:
    try:
        with without_its_warnings():
            return next(batches)
    except (OSError, ValueError, RuntimeError) as error:
        # a RuntimeError is how a process that loads says that it died
        said = str(error).strip().splitlines()
        raise AppError(
            f"detectron2 cannot load an image of this project: {said[-1] if said else error!r}."
            " Train with the engine maskrcnn, which reads more kinds of files."
        ) from error
