"""Instances on the system's clipboard, so that they can go to another image or window.

They go as text: Qt's clipboard ends the program with a segmentation fault when it still holds a
QMimeData of Python's at the exit (PySide6 6.11).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from core import edits
from core.errors import AppError
from core.geometry import clip
from core.instance_json import instance_from_json, instance_to_json
from core.types import Instance
from gui.texts import tr

_KEY = "maskloop_instances"


def text_of(instances: Iterable[Instance], class_names: Mapping[int, str]) -> str:
    """What goes on the clipboard: the instances, and the names of their classes, as JSON.

    By name a class is found again in another project, where its id may mean something else.
    """
    several = list(instances)
    names = {one.class_id: class_names.get(one.class_id, f"no. {one.class_id}") for one in several}
    value = {
        _KEY: [instance_to_json(instance) for instance in several],
        "classes": {str(class_id): name for class_id, name in names.items()},
    }
    return json.dumps(value)


def instances_from(
    text: str, class_names: Mapping[int, str], size_hw: tuple[int, int]
) -> tuple[Instance, ...]:
    """New instances like those on the clipboard, inside an image of this size.

    Raises:
        AppError: there are none, or not one of them fits into this image and its classes.
    """
    if _KEY not in text[: len(_KEY) + 4]:
        raise AppError(tr("There are no instances to paste. Select some and copy them first."))
    try:
        value = json.loads(text)
        copied = [instance_from_json(one) for one in value[_KEY]]
        names = {int(class_id): str(name) for class_id, name in value["classes"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AppError(tr("What was copied cannot be read. Copy the instances again.")) from error
    missing = set(names.values()) - set(class_names.values())
    if missing:
        listed = ", ".join(sorted(missing))
        sentence = tr("This project has no class {classes}. Add it, then paste again.")
        raise AppError(sentence.format(classes=listed))
    ids = {name: class_id for class_id, name in class_names.items()}
    renumbered = (replace(one, class_id=ids[names[one.class_id]]) for one in copied)
    pasted = (
        replace(one, parts=parts)
        for one in edits.copies_of(renumbered)
        if (parts := clip(one.parts, size_hw))
    )
    if not (inside := tuple(pasted)):
        raise AppError(tr("What was copied lies outside this image, so nothing was pasted."))
    return inside
