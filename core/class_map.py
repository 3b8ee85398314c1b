"""The class map: which class of a project a class of the weights is."""

from collections.abc import Mapping, Sequence

from core.errors import AppError
from core.types import LabelClass
from core.wording import listed


def mapped_class_ids(
    weights_names: Sequence[str], classes: Sequence[LabelClass], class_map: Mapping[str, str]
) -> dict[int, int]:
    """Index of a class of the weights to the id of a class of the project; others are ignored.

    Raises:
        AppError: the map names a class that the weights or the project do not have, or nothing
            of the weights is a class of the project.
    """
    id_of = {label_class.name: label_class.id for label_class in classes}
    if unknown := sorted(set(class_map) - set(weights_names)):
        raise AppError(f"The weights have no class named {', '.join(unknown)}.")
    if unknown := sorted({name for name in class_map.values() if name} - set(id_of)):
        raise AppError(f"The project has no class named {', '.join(unknown)}; add it first.")
    wished = {name: class_map.get(name, name) for name in weights_names}
    mapped = {
        index: id_of[wished[name]]
        for index, name in enumerate(weights_names)
        if wished[name] in id_of
    }
    if not mapped:
        raise AppError(
            "No class of the weights is a class of this project, so nothing would be labelled. "
            f"The weights know {listed(weights_names)}; the project knows "
            f"{listed(list(id_of), none='no class yet')}. "
            "Map one to the other, or label 10 to 20 images by hand, fine-tune on them and "
            "pre-label the rest with the new weights."
        )
    return mapped
