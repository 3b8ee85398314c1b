"""Edits of the order from back to front; no instance itself is changed by them."""

from collections.abc import Collection

from core.edits.applying import edited
from core.types import ImageLabels


def brought_to_front(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with these instances in front of all others, in their own order."""
    others = (one for one in labels.instances if one.id not in ids)
    moved = (one for one in labels.instances if one.id in ids)
    return edited(labels, (*others, *moved))


def sent_to_back(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with these instances behind all others, in their own order."""
    moved = (one for one in labels.instances if one.id in ids)
    others = (one for one in labels.instances if one.id not in ids)
    return edited(labels, (*moved, *others))
