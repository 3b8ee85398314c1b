"""The weights of a run that came back: whether they are sound, and whether they are of here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.atomic import write_atomically
from core.configs import EngineConfig
from core.errors import AppError
from core.maskrcnn.checkpoint import load_into, write_checkpoint
from core.maskrcnn.config import settings_to_yaml
from core.maskrcnn.model import MaskRCNN
from core.model_folder import Origin, origin_of
from core.wording import listed


@dataclass(frozen=True, slots=True)
class Checked:
    """Weights that fit their config and know classes of the project."""

    origin: Origin
    model: MaskRCNN
    sentences: tuple[str, ...]
    """What was assumed, and what their classes are here."""


def checked(file: Path, *, given_names: Sequence[str], project_names: Sequence[str]) -> Checked:
    """Reads the weights, with the config.yaml beside them, as data.

    Args:
        file: of the weights.
        given_names: of their classes, in their order; empty: what the files say.
        project_names: of the project's classes, by ascending id: the order in which its COCO files
            have detectron2 count them.

    Raises:
        AppError: they are broken, hold anything but weights, do not fit their config, or know no
            class of the project.
    """
    origin = origin_of(EngineConfig(str(file), class_names=tuple(given_names)))
    notes = origin.notes
    if not origin.are_names_known:
        origin = replace(origin, class_names=_of_project(origin, project_names))
        notes = (
            f"Nothing that came back names its {len(project_names)} classes: they are taken for"
            f" those of the project, {listed(project_names)}, in the order of a pack.",
        )
    _require_fitting_size(origin)
    model = MaskRCNN(origin.settings)
    load_into(model, origin.weights)
    return Checked(origin, model, (*notes, *_about_classes(origin.class_names, project_names)))


def write_as_best(checked: Checked, weights: Path, config: Path) -> None:
    """Writes them as a run keeps what came out: weights and names, no optimizer.

    Raises:
        AppError: the disk is full.
    """
    names = checked.origin.class_names
    write_checkpoint(
        weights, checked.model, iteration=checked.origin.weights.iteration or 0, class_names=names
    )
    text = settings_to_yaml(checked.origin.settings, class_names=names)
    write_atomically(config, text.encode("utf-8", "backslashreplace"))


def _require_fitting_size(origin: Origin) -> None:
    """A config may ask for a model that fills the memory: it is built if its weights are there."""
    import torch

    with torch.device("meta"):  # shapes without numbers
        wanted = sum(one.numel() for one in MaskRCNN(origin.settings).state_dict().values())
    there = sum(one.numel() for one in origin.weights.state.values())
    if wanted > 2 * there:
        raise AppError(
            f"The weights do not fit their config: it asks for {wanted:,} numbers, and there are"
            f" {there:,}. Bring back the config.yaml that was written beside these weights."
        )


def _of_project(origin: Origin, project_names: Sequence[str]) -> tuple[str, ...]:
    n = origin.settings.num_classes
    if n == len(project_names):
        return tuple(project_names)
    raise AppError(
        f"Nothing names the {n} classes of these weights, and the project has"
        f" {len(project_names)}. Give their names with --classes, one a line, in the order of"
        " training."
    )


def _about_classes(names: Sequence[str], project_names: Sequence[str]) -> tuple[str, ...]:
    """A sentence where not all classes are the same.

    Raises:
        AppError: none is.
    """
    unknown = [name for name in names if name not in project_names]
    missing = [name for name in project_names if name not in names]
    if project_names and len(unknown) == len(names):
        raise AppError(
            f"The run is not of this project: its weights know {listed(names)}, and the project"
            f" has {listed(project_names)}. Unpack it into its own project, or choose the file of"
            " weights itself and say what its classes are here."
        )
    sentences = []
    if unknown:
        sentences.append(
            f"Of the weights' classes {listed(unknown)}"
            f" {'is no class' if len(unknown) == 1 else 'are no classes'} of the project: what is"
            " seen of them is left out of a pre-label until you say which class it is."
        )
    if missing:
        sentences.append(f"The weights do not know {listed(missing)} of the project.")
    return tuple(sentences)
