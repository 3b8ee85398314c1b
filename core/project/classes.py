"""Changes of a project's classes, as functions on what maskloop.json says."""

from collections.abc import Sequence
from dataclasses import replace

from core.errors import AppError
from core.project.project_file import MOST_CLASS_ID, ProjectFile
from core.types import LabelClass

PALETTE = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442",
    "#332288", "#ddcc77", "#117733", "#882255", "#88ccee", "#44aa99", "#aa4499", "#999933",
    "#cc6677",
)  # fmt: skip
"""Colours that the colour-blind can tell apart too. The first seven are Okabe and Ito's (Color
Universal Design, 2008) without black; the rest is Paul Tol's muted scheme (SRON/EPS/TN/09-002)."""

_KEYS = "123456789"


def with_class_added(
    file: ProjectFile, name: str, *, wished_id: int | None = None
) -> tuple[ProjectFile, LabelClass]:
    """The file with a class of this name, and that class: the one that is there, or a new one.

    Args:
        file: what is there now.
        name: of the class, as in the label files.
        wished_id: taken where no class ever had it.
    """
    for one in file.classes:
        if one.name == name:
            return file, one
    taken = {one.id for one in file.classes} | file.retired_class_ids
    wish_is_met = (
        wished_id is not None and 0 <= wished_id < MOST_CLASS_ID and wished_id not in taken
    )
    class_id = wished_id if wish_is_met and wished_id is not None else file.next_class_id
    added = LabelClass(class_id, name, _free_colour(file), _free_key(file))
    return (
        replace(
            file,
            classes=(*file.classes, added),
            next_class_id=max(file.next_class_id, class_id + 1),
        ),
        added,
    )


def _free_colour(file: ProjectFile) -> str:
    used = [one.colour for one in file.classes]
    return min(PALETTE, key=lambda colour: (used.count(colour), PALETTE.index(colour)))


def _free_key(file: ProjectFile) -> str:
    if len(file.classes) >= len(_KEYS):
        return ""
    used = {one.key for one in file.classes}
    return next((key for key in _KEYS if key not in used), "")


def with_class_changed(file: ProjectFile, changed: LabelClass) -> ProjectFile:
    """The file with the colour and key of a class changed; its key is taken from any other.

    Raises:
        AppError: there is no class of this id, or its name would change too.
    """
    if file.class_of_id(changed.id).name != changed.name:
        raise AppError("The name of a class is changed by a rename, which rewrites label files.")

    def fitted(one: LabelClass) -> LabelClass:
        if one.id == changed.id:
            return changed
        is_same = one.key.casefold() == changed.key.casefold()  # a key of the keyboard is both
        return replace(one, key="") if one.key and is_same else one

    return replace(file, classes=tuple(fitted(one) for one in file.classes))


def with_class_renamed(file: ProjectFile, class_id: int, name: str) -> ProjectFile:
    """The file with another name for a class; label files may still have the old one.

    Raises:
        AppError: there is no class of this id, or the name is empty or another class's.
    """
    old = file.class_of_id(class_id)
    if not name.strip():
        raise AppError("A class needs a name.")
    if name == old.name:
        return file
    if any(one.name == name and one.id != class_id for one in file.classes):
        raise AppError(f"There is a class {name} already; merge {old.name} into it instead.")
    classes = tuple(replace(one, name=name) if one.id == class_id else one for one in file.classes)
    renaming = {old_name: to for old_name, to in file.renaming.items() if old_name != name}
    return replace(
        file,
        classes=classes,
        renaming={**renaming, old.name: class_id},
        class_maps=_with_target(file, old.name, name),
    )


def _with_target(file: ProjectFile, old: str, new: str) -> dict[str, dict[str, str]]:
    """The class maps with another class of the project in the place of one; empty: ignored."""
    return {
        weights: {name: new if to == old else to for name, to in pairs.items()}
        for weights, pairs in file.class_maps.items()
    }


def with_class_merged(file: ProjectFile, class_id: int, *, into: int) -> ProjectFile:
    """The file without a class, whose name now stands for another; label files still have it.

    Raises:
        AppError: one of the two is not there, or they are the same.
    """
    old, kept = file.class_of_id(class_id), file.class_of_id(into)
    if class_id == into:
        raise AppError(f"{old.name} cannot be merged into itself.")
    renaming = {name: into if to == class_id else to for name, to in file.renaming.items()}
    return replace(
        without_class(file, class_id),
        renaming={**renaming, old.name: into},
        class_maps=_with_target(file, old.name, kept.name),
    )


def without_class(file: ProjectFile, class_id: int) -> ProjectFile:
    """The file without a class; no other class ever gets its id.

    Raises:
        AppError: there is no class of this id.
    """
    old = file.class_of_id(class_id)
    return replace(
        file,
        classes=tuple(one for one in file.classes if one.id != class_id),
        retired_class_ids=file.retired_class_ids | {class_id},
        renaming={name: to for name, to in file.renaming.items() if to != class_id},
        class_maps=_with_target(file, old.name, ""),
    )


def with_classes_reordered(file: ProjectFile, ids: Sequence[int]) -> ProjectFile:
    """The file with its classes in another order.

    Raises:
        AppError: the ids are not those of the classes, each once.
    """
    by_id = {one.id: one for one in file.classes}
    if sorted(ids) != sorted(by_id):
        raise AppError("A new order names every class once; look at the classes again.")
    return replace(file, classes=tuple(by_id[class_id] for class_id in ids))
