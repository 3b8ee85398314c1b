"""What mends a finding by one click: pure changes of labels, and of splits.

Whoever carries one out makes it a batch: labels change by `LabelFix.changed`, image by image, under
the name `text`; splits by Project.move_to_splits, which gives what takes it back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from core import edits
from core.doubts import mended
from core.readiness.flaws import Flaw, flaws_in
from core.types import ImageLabels, Instance, Split


@dataclass(frozen=True, slots=True)
class MendFlaws:
    """Takes one kind of flaw out of outlines, where it was seen and still is."""

    flaw: Flaw
    seen: Mapping[str, frozenset[tuple[str, ...]]] = field(hash=False)
    """By image: the ids of each instance that has it, or of both that cover the same."""

    def changed(self, key: str, labels: ImageLabels) -> ImageLabels:
        """The labels of an image without it; the very same where it has none."""
        seen = self.seen.get(key, frozenset())
        there = [one for one in flaws_in(key, labels) if one.flaw is self.flaw]
        return mended(labels, [one.doubt for one in there if one.doubt.ids in seen])


@dataclass(frozen=True, slots=True)
class Rescale:
    """Brings labels that were made at another size of the picture to the image's own."""

    made_at_hw: Mapping[str, tuple[int, int]] = field(hash=False)
    """By image: the height and width that its label file gives the picture."""

    def changed(self, key: str, labels: ImageLabels) -> ImageLabels:
        """The labels of an image at its own size; the very same where they were made there."""
        made_at = self.made_at_hw.get(key, labels.size_hw)
        if made_at == labels.size_hw:
            return labels
        return edits.rescaled(replace(labels, size_hw=made_at), labels.size_hw)


@dataclass(frozen=True, slots=True)
class Turn:
    """Turns labels that lie in the stored rows of a photo as its EXIF turns the picture."""

    orientation: Mapping[str, int] = field(hash=False)
    """By image: EXIF's, 5 to 8, which all swap width and height."""

    def changed(self, key: str, labels: ImageLabels) -> ImageLabels:
        """The labels of an image as it is displayed; the very same where it is not turned."""
        orientation = self.orientation.get(key, 1)
        if orientation == 1:
            return labels
        return edits.turned(replace(labels, size_hw=labels.size_hw[::-1]), orientation)


@dataclass(frozen=True, slots=True)
class GiveClass:
    """Makes all of one class another's: instances, predictions and what was rejected.

    Whoever drew or looked at them stays who it was: another spelling of a name is no edit.
    """

    class_id: int
    into: int

    def changed(self, _key: str, labels: ImageLabels) -> ImageLabels:
        """The labels of an image; the very same where it has none of the class."""

        def given(instances: tuple[Instance, ...]) -> tuple[Instance, ...]:
            return tuple(
                replace(one, class_id=self.into) if one.class_id == self.class_id else one
                for one in instances
            )

        instances, rejected = given(labels.instances), given(labels.rejected)
        if instances == labels.instances and rejected == labels.rejected:
            return labels
        return replace(labels, instances=instances, rejected=rejected)


@dataclass(frozen=True, slots=True)
class LabelFix:
    """A change of the labels of some images."""

    text: str
    """What it is called, on a button and as a batch: "Mend"."""
    keys: tuple[str, ...]
    """The images that it changes."""
    change: MendFlaws | Rescale | Turn | GiveClass

    def changed(self, key: str, labels: ImageLabels) -> ImageLabels:
        """The labels of one of these images, mended.

        It is of the labels that were looked at: what was rescaled or turned once must not be again,
        so that whoever carries it out looks anew before it is offered again.

        Raises:
            AppError: it cannot be mended; nothing is changed then.
        """
        return self.change.changed(key, labels)


@dataclass(frozen=True, slots=True)
class SplitFix:
    """A move of images to other splits."""

    text: str
    splits: Mapping[str, Split] = field(hash=False)
    """By image: the split to move it to."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The images that it moves."""
        return tuple(self.splits)


Fix: TypeAlias = LabelFix | SplitFix
