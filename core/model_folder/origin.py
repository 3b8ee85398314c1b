"""What weights are made of: their file, their config, their names, and where they come from."""

from dataclasses import dataclass
from pathlib import Path

from core.configs import EngineConfig
from core.errors import AppError
from core.maskrcnn.settings import ModelSettings
from core.maskrcnn.source import (
    class_names_of,
    guessed_settings,
    sentence_about_guess,
    source_of,
)
from core.maskrcnn.weights_file import WeightsFile, read_weights
from core.maskrcnn.zoo import ZOO, zoo_path
from core.run_folder import RunFolder

_LONGEST_CHAIN = 50
"""Fine-tunes of fine-tunes that are followed back."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Weights that were read, with all that goes with them."""

    weights: WeightsFile
    settings: ModelSettings
    class_names: tuple[str, ...]
    """As many as settings.num_classes."""
    are_names_known: bool
    notes: tuple[str, ...]
    """What had to be assumed, in sentences for the user."""
    licence: str
    """Of the published weights that they descend from; empty where none is known."""


def weights_in(weights: str) -> str:
    """The file of weights that is meant: of a run folder what came out of it.

    Raises:
        AppError: it is a folder and there are no weights in it.
    """
    folder = Path(weights)
    if weights in ZOO or not folder.is_dir():
        return weights
    best = RunFolder(folder).best_weights
    if best.is_file():
        return str(best)
    named = folder / "last_checkpoint"
    if named.is_file():
        return str(read_weights(folder).path)
    raise AppError(
        f"There are no weights in {folder}: a run has them when it is done or has been measured"
        " once. Choose another run, or a file."
    )


def origin_of(config: EngineConfig) -> Origin:
    """Reads weights and all that goes with them.

    Raises:
        AppError: there are no such weights, they cannot be read, or names and classes differ in
            number.
    """
    source = source_of(config)
    weights = read_weights(source.path)
    settings, notes = source.settings(), []
    if settings is None:
        settings = guessed_settings(weights.state)
        notes.append(sentence_about_guess(source.path.name, settings))
    names, more_notes = class_names_of(source, weights.class_names, settings.num_classes)
    return Origin(
        weights,
        settings,
        names,
        are_names_known=bool(source.class_names or weights.class_names),
        notes=(*notes, *more_notes),
        licence=licence_of(config.weights),
    )


def licence_of(weights: str) -> str:
    """The licence of the published weights that these are, or were fine-tuned from.

    What a run began with is followed back as long as the folders of those runs are there.
    """
    by_file = {zoo_path(name).name: entry for name, entry in ZOO.items()}
    for _ in range(_LONGEST_CHAIN):
        entry = ZOO.get(weights) or by_file.get(Path(weights).name)
        if entry is not None:
            return entry.licence
        try:
            _, told = RunFolder(Path(weights).parent).read_config()
            weights = str(told["weights"])
        except (AppError, KeyError, TypeError):
            return ""
    return ""
