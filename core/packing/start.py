"""What a packed fine-tune starts from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.configs import EngineConfig
from core.maskrcnn.config import settings_from_yaml, settings_to_yaml
from core.maskrcnn.kept_norms import with_kept_norms
from core.maskrcnn.settings import ModelSettings, small_settings
from core.maskrcnn.source import config_text_of
from core.maskrcnn.zoo import ZOO, zoo_path

SCRATCH = "none"
START_FOLDER = "start"
"""Of the pack."""


@dataclass(frozen=True, slots=True)
class Start:
    """The model and the weights that go into a pack."""

    settings: ModelSettings
    """Of the model, with as many classes as the project."""
    config: str
    """The config.yaml of that, with the project's classes."""
    for_maskloop: str
    """What --weights is there: none, a zoo name, or the path of the file in the pack."""
    for_detectron2: str
    """MODEL.WEIGHTS there: empty, an address, or the path of the file in the pack."""
    file: Path | None = None
    file_config: str = ""
    """The config.yaml that goes beside the file: of its own classes, not the project's."""
    licence: str = ""
    has_own_config: bool = False
    """Whether it is from scratch and not the usual small model."""

    @property
    def is_from_scratch(self) -> bool:
        """Whether there are no start weights."""
        return self.for_maskloop == SCRATCH


def start_of(config: EngineConfig, class_names: Sequence[str]) -> Start:
    """The start that weights are for a project with these classes.

    Args:
        config: its weights are a file, a run folder, a zoo name or none.
        class_names: of the project, by ascending id: the order in which detectron2 counts them.

    Raises:
        AppError: there are no such weights, or they cannot be read.
    """
    if config.weights == SCRATCH:
        given = config.model_config
        small = small_settings(len(class_names))
        settings = settings_from_yaml(config_text_of(Path(given))) if given else small
        start = _start(settings, class_names, SCRATCH)
        return replace(start, for_detectron2="", has_own_config=bool(given))
    if entry := ZOO.get(config.weights):
        settings = with_kept_norms(entry.settings, entry.n_bytes // 4)
        start = _start(settings, class_names, entry.name)
        address = f"detectron2://{entry.path}"
        return replace(start, for_detectron2=address, licence=entry.licence)
    # Imported here: it brings torch, which the other starts do without.
    from core.model_folder import origin_of, weights_in

    origin = origin_of(replace(config, weights=weights_in(config.weights)))
    file = origin.weights.path
    names = origin.class_names if origin.are_names_known else ()
    return replace(
        _start(origin.settings, class_names, f"{START_FOLDER}/{_file_name(file)}"),
        file=file,
        file_config=settings_to_yaml(origin.settings, class_names=names),
        licence=origin.licence,
    )


def _start(settings: ModelSettings, class_names: Sequence[str], weights: str) -> Start:
    with_classes = replace(settings, num_classes=len(class_names))
    text = settings_to_yaml(with_classes, class_names=class_names)
    return Start(with_classes, text, weights, weights)


def _file_name(file: Path) -> str:
    """What the file is called in the pack, in letters that need no quotes anywhere.

    What comes back knows by it again that it began with a run of this project, or with published
    weights.
    """
    is_of_run = (file.parent / "config.json").is_file()
    is_published = file.name in {zoo_path(name).name for name in ZOO}
    stem = file.parent.name if is_of_run else file.stem if is_published else "weights"
    suffix = ".pkl" if file.suffix == ".pkl" else ".pth"
    return (re.sub(r"[^A-Za-z0-9_.-]+", "_", stem) or "weights") + suffix
