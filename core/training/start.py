"""How a run begins, or begins again: the model, its start weights and what they are worth."""

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from core.atomic import write_atomically
from core.configs import EngineConfig, TrainConfig, from_json, to_json
from core.configs.recipe import Facts, settled, usual_frozen
from core.engines.maskrcnn import load
from core.errors import AppError
from core.events import Event, Noted
from core.maskrcnn.checkpoint import WeightsFile, read_weights, start_from
from core.maskrcnn.config import (
    ModelSettings,
    settings_from_yaml,
    settings_to_yaml,
    small_settings,
)
from core.maskrcnn.kept_norms import with_kept_norms
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.source import fetched, guessed_settings, placeholder_names, source_of
from core.run_folder import RunFolder, Snapshot, SnapshotImage
from core.training.augment import Augmentation
from core.training.checkpoint import load_state
from core.training.cropping import scaled_settings
from core.training.data import Batch, Lessons, training_images
from core.training.learner import Learner
from core.training.measure import Numbers, measured
from core.training.memory import n_on_cpu, n_that_fit_cuda
from core.training.team import Team, n_on_this_machine
from core.types import Split

_SCRATCH = "none"


@dataclass(frozen=True, slots=True)
class Start:
    """What a run was told, and where it computes."""

    config: TrainConfig
    snapshot: Snapshot
    device: str
    team: Team = field(default_factory=Team)
    n_images: int = 0
    """To learn from, where the snapshot has only some of them; 0: it has all."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """By the index that the weights give them."""
        return tuple(one.name for one in self.snapshot.classes)


@dataclass(frozen=True, slots=True)
class _Origin:
    settings: ModelSettings
    weights: WeightsFile | None
    """None: from scratch."""
    class_names: tuple[str, ...]
    """Of the weights."""


def begun(
    start: Start, run: RunFolder, val: Sequence[SnapshotImage]
) -> Generator[Event, None, tuple[Learner, Numbers | None]]:
    """A learner at iteration 0, and AP of its start weights where they know the classes.

    Raises:
        AppError: the weights or their config cannot be used.
    """
    if start.team.is_leader:
        origin = yield from _origin(start)
        start.team.told(None)
        before = yield from _before(start, val, origin.class_names)
    else:
        start.team.told(None)  # the leader has downloaded what is needed
        origin, before = (yield from _origin(start)), None
    learner, _ = yield from _first_learner(start, origin)
    if start.team.is_leader:
        _write_model_config(start, run, learner.model.settings)
        run.write_settings(to_json(learner.config))
    return learner, before


def tried(start: Start) -> Generator[Event, None, tuple[Learner, Facts]]:
    """A learner at iteration 0 that has left nothing on the disk, and what its choices follow from.

    Raises:
        AppError: the weights or their config cannot be used.
    """
    origin = yield from _origin(start)
    return (yield from _first_learner(start, origin))


def _first_learner(start: Start, origin: _Origin) -> Generator[Event, None, tuple[Learner, Facts]]:
    set_threads(start.config.threads)
    torch.manual_seed(start.config.seed)
    facts = _facts(start, origin)
    model = _on_device(MaskRCNN(_settings_for(start, origin, facts)), start.device)
    if origin.weights is not None:
        new = start_from(
            model,
            origin.weights,
            weights_class_names=origin.class_names,
            class_names=start.class_names,
        )
        if new:
            yield Noted(new)
    if start.device.startswith("cuda") and not start.config.batch_size:
        facts = replace(facts, n_fit=start.team.told(_n_that_fit(start, model)))
    config = settled(start.config, facts)
    _require_even(config, start.team)
    start.team.told(None)  # the leader has measured what it begins with
    return Learner(model, config, team=start.team), facts


def _require_even(config: TrainConfig, team: Team) -> None:
    if config.batch_size % team.size:
        raise AppError(
            f"A batch of {config.batch_size} images cannot be shared evenly by {team.size}"
            f" processes. Take a multiple of {team.size} images, or as many processes as divide it."
        )


def _n_that_fit(start: Start, model: MaskRCNN) -> int:
    images = training_images(start.snapshot, Split.TRAIN)

    def batch_of(n: int) -> Batch:
        as_is = Augmentation((1.0, 1.0), flip=False)
        settings = model.settings
        return Lessons(images, settings=settings, augmentation=as_is, batch_size=n, seed=0).batch(0)

    return n_that_fit_cuda(model, batch_of, start.config.precision)


def _facts(start: Start, origin: _Origin) -> Facts:
    live_norm = origin.settings.backbone_norm != "FrozenBN"
    n_taken = sum(one.split is Split.TRAIN for one in start.snapshot.images)
    return Facts(
        n_images=start.n_images or n_taken,
        n_fit=n_on_cpu(is_small=live_norm),
        from_scratch=origin.weights is None,
        live_norm=live_norm,
        is_cuda=start.device.startswith("cuda"),
        n_devices=start.team.size,
    )


def _settings_for(start: Start, origin: _Origin, facts: Facts) -> ModelSettings:
    config, settings = start.config, origin.settings
    return replace(
        settings,
        num_classes=len(start.class_names),
        freeze_at=usual_frozen(facts) if config.freeze_at < 0 else config.freeze_at,
        roi_batch_size=config.roi_batch_size or settings.roi_batch_size,
    )


def resumed(start: Start, run: RunFolder) -> Learner:
    """A learner where the run's last checkpoint left it.

    Raises:
        AppError: the checkpoint, the settings or the model's config cannot be read, or the batch is
            none that so many processes can share.
    """
    set_threads(start.config.threads)
    model = MaskRCNN(settings_from_yaml(_text_of(run.model_config)))
    config = from_json(TrainConfig, run.read_settings())
    _require_even(config, start.team)
    learner = Learner(_on_device(model, start.device), config, team=start.team)
    load_state(run.last_checkpoint, learner)
    return learner


def lessons_of(start: Start, learner: Learner) -> Lessons:
    """What the learner is taught, iteration by iteration."""
    config = learner.config
    return Lessons(
        training_images(start.snapshot, Split.TRAIN),
        settings=scaled_settings(learner.model.settings, learner.size_factor),
        augmentation=Augmentation(
            config.scale_jitter,
            config.flip,
            colour=config.colour_jitter,
            paste_share=config.copy_paste,
        ),
        batch_size=config.batch_size,
        seed=config.seed,
        repeat_threshold=config.repeat_threshold,
        part=(start.team.rank, start.team.size),
    )


def set_threads(threads: int) -> None:
    """Sets torch's threads; 0 leaves a core to the window, and shares the others evenly.

    On a busy core two threads are several times slower than one: each waits for the other.
    """
    able = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(_n_cores())
    torch.set_num_threads(threads or max(1, (len(able) - 1) // n_on_this_machine()))


def _n_cores() -> int:
    return os.cpu_count() or 1


def _on_device(model: MaskRCNN, device: str) -> MaskRCNN:
    # Convolutions on a CPU, and on a GPU's tensor cores, are a tenth faster in this order.
    model = model.to(device).to(memory_format=torch.channels_last)
    model.memory_format = torch.channels_last
    return model


def _origin(start: Start) -> Generator[Event, None, _Origin]:
    config = start.config
    if config.weights == _SCRATCH:
        if not config.model_config:
            return _Origin(small_settings(len(start.class_names)), None, ())
        return _Origin(settings_from_yaml(_text_of(Path(config.model_config))), None, ())
    engine_config = _engine_config(start)
    yield from fetched(engine_config)
    source = source_of(engine_config)
    weights = read_weights(source.path)
    settings = source.settings()
    if settings is None:
        settings = guessed_settings(weights.state)
        yield Noted(
            f"No config.yaml goes with {source.path.name}: detectron2's R{settings.depth}-FPN"
            " profile is assumed. If it is another model, name its config."
        )
    names = source.class_names or weights.class_names
    kept = with_kept_norms(settings, sum(value.numel() for value in weights.state.values()))
    if kept != settings:
        yield Noted(
            "The batch norm of these weights stays as it is: a fine-tune shows too few images at a"
            " time to learn it from."
        )
    return _Origin(kept, weights, tuple(names) or placeholder_names(settings.num_classes))


def _before(
    start: Start, val: Sequence[SnapshotImage], names: Sequence[str]
) -> Generator[Event, None, Numbers | None]:
    if not val or not set(names) & set(start.class_names):
        return None
    yield Noted(f"Measuring the start weights on the {len(val)} val images.")
    engine = load(replace(_engine_config(start), class_names=tuple(names)))
    set_threads(start.config.threads)
    return (yield from measured(engine, val, start.snapshot.classes, with_effort=True))


def _engine_config(start: Start) -> EngineConfig:
    config = start.config
    return EngineConfig(config.weights, model_config=config.model_config, device=start.device)


def _write_model_config(start: Start, run: RunFolder, settings: ModelSettings) -> None:
    text = settings_to_yaml(settings, class_names=start.class_names)
    write_atomically(run.model_config, text.encode("utf-8", "backslashreplace"))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(f"The model's config {path} cannot be read: {error}.") from error
