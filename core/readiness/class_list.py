"""What is wrong with the classes themselves."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from core.readiness.done import DoneImage, counts_of
from core.readiness.finding import Finding, warning
from core.readiness.fixes import GiveClass, LabelFix
from core.types import LabelClass
from core.wording import listed

_BACKGROUND = frozenset({"background", "bg", "__background__", "_background_"})
"""Names that tools give what is no object; the last two are torchvision's and labelme's."""


def twins(classes: Sequence[LabelClass]) -> tuple[tuple[LabelClass, ...], ...]:
    """Classes whose names differ only by case or blanks, the first of the list first."""
    order = sorted(classes, key=lambda one: _plain(one.name))
    groups = (tuple(group) for _, group in groupby(order, key=lambda one: _plain(one.name)))
    return tuple(group for group in groups if len(group) > 1)


def twin_ids(classes: Sequence[LabelClass]) -> frozenset[int]:
    """The ids of classes that have a twin, whose images `of_classes` asks for."""
    return frozenset(one.id for group in twins(classes) for one in group)


def of_classes(
    images: Sequence[DoneImage],
    classes: Sequence[LabelClass],
    *,
    keys_of_class: Mapping[int, Sequence[str]],
) -> tuple[Finding, ...]:
    """What is to be said of the classes.

    Args:
        images: those that are done.
        classes: of the project, in its order.
        keys_of_class: by the id of a class, all images that hold some of it, done or not.
    """
    return (*_of_twins(classes, keys_of_class), *_of_background(images, classes))


def _of_twins(
    classes: Sequence[LabelClass], keys_of_class: Mapping[int, Sequence[str]]
) -> tuple[Finding, ...]:
    found = []
    for first, *others in twins(classes):
        for other in others:
            keys = tuple(keys_of_class.get(other.id, ()))
            change = GiveClass(other.id, into=first.id)
            found.append(
                warning(
                    f"“{first.name}” and “{other.name}” are two classes whose names differ only in"
                    " case or blanks, so each learns from half of what is labelled.",
                    f"Make all of “{other.name}” “{first.name}”, then delete the empty class.",
                    keys=keys,
                    fix=LabelFix(f"Make it “{first.name}”", keys, change) if keys else None,
                )
            )
    return tuple(found)


def _of_background(
    images: Sequence[DoneImage], classes: Sequence[LabelClass]
) -> tuple[Finding, ...]:
    counts = counts_of(images)
    drawn = [one for one in classes if _plain(one.name) in _BACKGROUND and counts[one.id]]
    if not drawn:
        return ()
    ids = {one.id for one in drawn}
    return (
        warning(
            f"{listed([one.name for one in drawn])} is labelled like an object, and the model would"
            " find it like one: what is not labelled is background already.",
            "Delete the class with its instances.",
            keys=tuple(one.key for one in images if ids & one.class_counts.keys()),
        ),
    )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
