"""What is wrong with outlines by themselves, so that they teach nothing or the wrong thing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from core.doubts import Doubt, DoubtKind, doubts_of
from core.geometry import bounds_of, parts_area
from core.types import ImageLabels, Instance

LEAST_AREA_PX2 = 1.0
"""An instance that covers less has no pixel to learn from."""

Left: TypeAlias = Callable[[Iterable[Doubt]], Sequence[Doubt]]
"""Those of some doubts that no person dismissed."""


class Flaw(StrEnum):
    """What is wrong, the worst for a training first."""

    OUTSIDE = "outside"
    """Nothing of it lies in the image."""
    FLAT = "flat"
    """It covers less than a pixel: fewer than three points, all on a line, or a speck."""
    CROSSING = "crossing"
    OVER_EDGE = "over the edge"
    """Some of it lies outside the image."""
    TWICE = "twice"
    """Another instance of its class covers the same."""


@dataclass(frozen=True, slots=True)
class Flawed:
    """A flaw, and the doubt that mends it."""

    flaw: Flaw
    doubt: Doubt


def flaws_in(key: str, labels: ImageLabels, *, left: Left = tuple) -> tuple[Flawed, ...]:
    """The flaws of what a person vouches for in an image; predictions teach nothing anyway.

    What a person said is right all the same can be left out: an outline that crosses itself, or two
    things in one place. What has no pixel in the image cannot be right.

    Args:
        key: of the image.
        labels: of the image.
        left: gives the doubts that nobody dismissed.
    """
    there = {one.id: one for one in labels.instances}
    kept = set(map(id, left(doubts := doubts_of(key, labels, (), names={}))))
    found = []
    for doubt in doubts:
        about = [there[one] for one in doubt.ids]
        flaw = _flaw_of(doubt, about, labels.size_hw)
        if flaw and (flaw in (Flaw.OUTSIDE, Flaw.FLAT) or id(doubt) in kept):
            found.append(Flawed(flaw, doubt))
    return tuple(found)


def _flaw_of(doubt: Doubt, about: Sequence[Instance], size_hw: tuple[int, int]) -> Flaw | None:
    if not all(one.is_of_person for one in about):
        return None
    if doubt.kind is DoubtKind.DOUBLE:
        return Flaw.TWICE
    (one,) = about
    if _is_outside(one, size_hw):
        return Flaw.OUTSIDE if doubt.kind is DoubtKind.OUTSIDE else None
    if parts_area(one.parts) < LEAST_AREA_PX2:
        return Flaw.FLAT if doubt.kind is DoubtKind.TINY else None
    return {DoubtKind.CROSSING: Flaw.CROSSING, DoubtKind.OUTSIDE: Flaw.OVER_EDGE}.get(doubt.kind)


def _is_outside(one: Instance, size_hw: tuple[int, int]) -> bool:
    height, width = size_hw
    x0, y0, x1, y1 = bounds_of(one.parts)
    return x0 >= width or y0 >= height or x1 <= 0 or y1 <= 0
