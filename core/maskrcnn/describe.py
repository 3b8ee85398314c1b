"""What is known of weights before a model is made of them; torch is loaded only where a file that
no config goes with has to be looked into."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from core.configs import EngineConfig
from core.maskrcnn.config import class_names_from_yaml, settings_from_yaml
from core.maskrcnn.source import (
    WeightsSource,
    class_names_of,
    config_text_of,
    guessed_settings,
    sentence_about_guess,
    source_of,
)
from core.maskrcnn.zoo import (
    USUAL_ON_CPU,
    USUAL_ON_GPU,
    ZOO,
    ZooEntry,
    zoo_path,
)
from core.weights import PublishedWeights, WeightsDescription, offered, title_of_model

_USUAL_ON: dict[str, Literal["gpu", "cpu"]] = {USUAL_ON_GPU: "gpu", USUAL_ON_CPU: "cpu"}


def published() -> tuple[PublishedWeights, ...]:
    """The zoo: the models of each kind together, the usual choice first."""
    return tuple(
        offered(entry, zoo_path(entry.name), usual_on=_USUAL_ON.get(entry.name, ""))
        for entry in ZOO.values()
    )


def described(config: EngineConfig) -> WeightsDescription:
    """What is known of the weights of this config; nothing is downloaded.

    Raises:
        AppError: there is no such file, it or its config cannot be read, the names do not fit, or,
            where the file has to be looked into, the weights do not.
    """
    if config.weights in ZOO:
        return _of_zoo(ZOO[config.weights], config)
    source = source_of(config)
    settings = source.settings()
    of_checkpoint: Sequence[str] = ()
    notes: tuple[str, ...] = ()
    if settings is None or not source.class_names:
        # Own checkpoints name their classes even where their config does not.
        from core.maskrcnn.checkpoint import read_weights, require_fit

        weights = read_weights(source.path)
        of_checkpoint = weights.class_names
        if settings is None:
            settings = guessed_settings(weights.state)
            notes = (sentence_about_guess(source.path.name, settings),)
        require_fit(settings, weights)
    names, more_notes = class_names_of(source, of_checkpoint, settings.num_classes)
    return WeightsDescription(
        title=title_of_model(
            settings.backbone_title,
            has_masks=settings.mask_on,
            n_classes=settings.num_classes,
        ),
        class_names=names,
        are_named=bool(source.class_names or of_checkpoint),
        has_masks=settings.mask_on,
        n_bytes=source.path.stat().st_size,
        notes=(*notes, *more_notes),
        config_file=str(source.config_file or ""),
    )


def _of_zoo(entry: ZooEntry, config: EngineConfig) -> WeightsDescription:
    file = zoo_path(entry.name)
    is_here = file.is_file()
    text = config_text_of(Path(config.model_config)) if config.model_config else ""
    count = settings_from_yaml(text).num_classes if text else len(entry.class_names)
    given = config.class_names or (class_names_from_yaml(text) if text else ()) or entry.class_names
    source = WeightsSource(file, None, text, tuple(given), bool(config.class_names))
    names, notes = class_names_of(source, (), count)
    return WeightsDescription(
        title=entry.title,
        class_names=names,
        are_named=True,
        has_masks=entry.has_masks,
        is_here=is_here,
        n_bytes=file.stat().st_size if is_here else entry.n_bytes,
        licence=entry.licence,
        notes=notes,
        config_file=config.model_config,
    )
