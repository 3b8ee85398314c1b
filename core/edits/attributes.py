"""Edits of what is said of instances: that they are a crowd, and notes."""

from collections.abc import Collection
from dataclasses import replace

from core.edits.applying import each, of_person
from core.types import NOTE, ImageLabels, Instance


def with_crowd(labels: ImageLabels, ids: Collection[str], *, crowd: bool) -> ImageLabels:
    """The labels with these instances marked as crowds, or as single objects."""

    def mark(instance: Instance) -> Instance:
        if instance.crowd == crowd:
            return instance
        return of_person(replace(instance, crowd=crowd))

    return each(labels, ids, mark)


def with_note(labels: ImageLabels, ids: Collection[str], *, note: str) -> ImageLabels:
    """The labels with this note on these instances; an empty one takes theirs away.

    Who writes about a prediction looked at it: it becomes a person's, so that no later round takes
    the note away with it.
    """
    text = note.strip()

    def write(instance: Instance) -> Instance:
        if instance.note == text:
            return instance
        others = {name: value for name, value in instance.attributes.items() if name != NOTE}
        return of_person(replace(instance, attributes={**others, NOTE: text} if text else others))

    return each(labels, ids, write)
