"""Settings of a fine-tune and their values as people say them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.configs.overriding import detectron2_name
from core.engines import all_engines
from core.types import Json
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.setting_specs import GROUPS

SCRATCH = "none"
SCRATCH_TITLE = QT_TR_NOOP("A small model, from scratch")
_FILES = frozenset({"weights", "model_config"})


@dataclass(frozen=True, slots=True)
class Places:
    """What files are called that settings name."""

    folder: Path | None = None
    """The project's: what lies in it is named from there."""
    weights: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What the weights of runs are called, by their files."""


def setting_title(name: str) -> str:
    """What a setting of TrainConfig is called in the window."""
    specs = (spec for group in GROUPS for spec in group.specs)
    title = next((spec.title for spec in specs if spec.name == name), "")
    return tr(title) if title else name.replace("_", " ")


def setting_tip(name: str) -> str:
    """What it is called in a file of settings."""
    its = detectron2_name(name)
    text = tr("In a file: {name}, or {detectron2_name}.") if its else tr("In a file: {name}.")
    return text.format(name=name, detectron2_name=its)


def setting_text(name: str, value: Json, places: Places) -> str:
    """A value as a person reads it: a run by its name, a file from the project's folder on."""
    if value is None:
        return tr("n/a")
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or tr("none")
    if name in _FILES and isinstance(value, str):
        return _file_text(name, value, places)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _file_text(name: str, value: str, places: Places) -> str:
    if not value:
        return tr("as the weights say")
    if name == "weights":
        published = {one.name: one.short_title for one in all_engines()["maskrcnn"].published()}
        titles = {SCRATCH: tr(SCRATCH_TITLE), **published, **places.weights}
        if value in titles:
            return titles[value]
        # the project may have lain in another folder when the run began
        moved = {Path(file).parts[-2:]: title for file, title in places.weights.items()}
        if (title := moved.get(Path(value).parts[-2:])) is not None:
            return title
    file = Path(value)
    if places.folder is not None and file.is_relative_to(places.folder):
        return file.relative_to(places.folder).as_posix()
    return "/".join(file.parts[-2:])  # runs all have a best.pth
