"""What goes with weights: their file, their config and the names of their classes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.configs import EngineConfig
from core.errors import AppError
from core.events import Progress
from core.maskrcnn.config import (
    ModelSettings,
    class_names_from_yaml,
    settings_from_yaml,
    settings_to_yaml,
)
from core.maskrcnn.config_base import config_text_of as config_text_of
from core.maskrcnn.guess import HasShape as HasShape
from core.maskrcnn.guess import guessed_settings as guessed_settings
from core.maskrcnn.guess import sentence_about_guess as sentence_about_guess
from core.maskrcnn.newest import file_of
from core.maskrcnn.zoo import ZOO, entry_of, zoo_path
from core.wording import one_line


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """What is known of weights before they are read."""

    path: Path
    config_file: Path | None
    """None where the zoo or nothing says how the model is built."""
    config_text: str
    """The config.yaml; empty where there is none."""
    class_names: tuple[str, ...]
    """Empty where nothing names them."""
    are_names_given: bool = False
    """Whether the user gave the names."""

    def settings(self) -> ModelSettings | None:
        """What the config says; None where there is none.

        Raises:
            AppError: it asks for something that cannot be honoured here.
        """
        return settings_from_yaml(self.config_text) if self.config_text else None


def fetched(config: EngineConfig) -> Iterator[Progress]:
    """Downloads what the config names and the zoo has; nothing where it is there already.

    Raises:
        AppError: it cannot be downloaded.
    """
    if config.weights in ZOO:
        # the window describes weights at its start, and is not to load the network for that
        from core.maskrcnn.zoo_download import download

        yield from download(config.weights)


def source_of(config: EngineConfig) -> WeightsSource:
    """Where the weights of this config lie and what goes with them; a folder of detectron2's stands
    for the checkpoint that its last_checkpoint names.

    The model's config is the one given, else the zoo's, else `<name of the weights>.yaml` or
    config.yaml beside them. Class names are those given, else those in the config, else the zoo's.

    Raises:
        AppError: there is no such file, or one of the files cannot be read.
    """
    entry = entry_of(config.weights)
    path = zoo_path(config.weights) if config.weights in ZOO else Path(config.weights)
    _check_is_there(path, config.weights)
    path = file_of(path)
    file = _config_file(config.model_config, path)
    zoo_text = settings_to_yaml(entry.settings, entry.class_names) if entry else ""
    text = config_text_of(file) if file else zoo_text
    names = config.class_names or (class_names_from_yaml(text) if text else ())
    if not names and entry:
        names = entry.class_names
    return WeightsSource(path, file, text, tuple(names), bool(config.class_names))


def _check_is_there(path: Path, weights: str) -> None:
    if path.is_file() or path.is_dir():
        return
    if weights in ZOO:
        raise AppError(f"The weights {weights} have not been downloaded to {path}.")
    raise AppError(
        f"There are no weights at {path}. Give a file, or one of the zoo's names: {', '.join(ZOO)}."
    )


def _config_file(given: str, weights: Path) -> Path | None:
    if given:
        return Path(given)
    beside = (weights.with_suffix(".yaml"), weights.with_name("config.yaml"))
    return next((file for file in beside if file.is_file()), None)


def placeholder_names(count: int) -> tuple[str, ...]:
    """Names for classes that nothing names: class 1, class 2 ..."""
    return tuple(f"class {number}" for number in range(1, count + 1))


def class_names_of(
    source: WeightsSource, of_checkpoint: Sequence[str], count: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the classes, and a note where they had to be made up.

    Raises:
        AppError: there are more names than classes, or fewer.
    """
    # What the user gave or the config says goes before what the checkpoint says.
    names = source.class_names or tuple(of_checkpoint)
    if not names:
        note = (
            f"Nothing names the {count} classes of {source.path.name}: they are called class 1 to"
            f" class {count}. Give their names, one a line, in the order of training."
        )
        return placeholder_names(count), (note,)
    if len(names) != count:
        raise AppError(
            f"{source.path.name} has {count} classes, but {len(names)} names were"
            f" {'given' if source.are_names_given else 'found'} ({one_line(', '.join(names[:5]))}"
            f"{' ...' if len(names) > 5 else ''}). Give one name for each class, in the order of"
            " training."
        )
    return names, ()
