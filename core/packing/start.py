"""What a packed fine-tune starts from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.configs import EngineConfig
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.settings import ModelSettings, small_settings, standard_settings
from core.maskrcnn.zoo import ZOO

SCRATCH = "none"
_FOLDER = "start"


@dataclass(frozen=True, slots=True)
class Start:
    """The model and the weights that go into a pack."""

    config: str
    """The config.yaml of the model with the project's classes."""
    for_maskloop: str
    """What --weights is there: none, a zoo name, or the path of the file in the pack."""
    for_detectron2: str
    """MODEL.WEIGHTS there: empty, an address, or the path of the file in the pack."""
    file: Path | None = None
    file_config: str = ""
    """The config.yaml that goes beside the file: of its own classes, not the project's."""
    licence: str = ""

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
        return Start(_config(small_settings(len(class_names)), class_names), SCRATCH, "")
    if entry := ZOO.get(config.weights):
        settings = standard_settings(entry.depth, mask_on=entry.has_masks)
        address = f"detectron2://{entry.path}"
        return Start(_config(settings, class_names), entry.name, address, licence=entry.licence)
    # Imported here: it brings torch, which the other starts do without.
    from core.model_folder import origin_of, weights_in

    origin = origin_of(replace(config, weights=weights_in(config.weights)))
    suffix = ".pkl" if origin.weights.path.suffix == ".pkl" else ".pth"
    place = f"{_FOLDER}/weights{suffix}"  # not its own name, which may need quotes somewhere
    names = origin.class_names if origin.are_names_known else ()
    return Start(
        _config(origin.settings, class_names),
        place,
        place,
        file=origin.weights.path,
        file_config=settings_to_yaml(origin.settings, class_names=names),
        licence=origin.licence,
    )


def _config(settings: ModelSettings, class_names: Sequence[str]) -> str:
    with_classes = replace(settings, num_classes=len(class_names))
    return settings_to_yaml(with_classes, class_names=class_names)
