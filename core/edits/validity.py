"""No edit leaves an outline that crosses itself, has no area, or lies outside the image."""

from collections.abc import Sequence
from dataclasses import replace
from operator import is_
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from core.errors import AppError
from core.geometry.regions import bounds_of, parts_of_region, region_of
from core.types import ImageLabels, Instance, Part, Ring

_NO_AREA_PX2 = 1e-6
_SPECK_PX2 = 0.5
"""Smaller pieces that a crossing cuts off, and smaller holes that it leaves, are of no use."""


class Mended(NamedTuple):
    """Labels after an edit, every outline of it valid."""

    labels: ImageLabels
    has_crossed: bool
    """Whether an outline crossed itself and was mended, so that it covers something else now."""


def mended(before: ImageLabels, after: ImageLabels) -> Mended:
    """What an edit gave, with each outline that it made or changed valid.

    An outline that crosses itself becomes the parts that it encloses an odd number of times, which
    is what was painted. Outlines that the edit left alone stay as they are, also where they were
    read from a file in a bad state.

    Raises:
        AppError: an outline of the edit has no area, or lies outside the image as a whole.
    """
    old = {instance.id: instance for instance in before.instances}
    touched = [
        (instance, fresh)
        for instance in after.instances
        if instance is not (was := old.get(instance.id)) and (fresh := _fresh(was, instance))
    ]
    pieces = {id(part): part for _, fresh in touched for part in fresh}
    bad = _bad(list(pieces.values()))
    for instance, fresh in touched:
        _check_inside(old.get(instance.id), fresh, before=before.size_hw, after=after.size_hw)
    instances = {
        instance.id: _with_mended(old.get(instance.id), instance, bad)
        for instance, fresh in touched
        if any(id(part) in bad for part in fresh)
    }
    several = tuple(instances.get(one.id, one) for one in after.instances)
    if all(map(is_, several, after.instances)):
        return Mended(after, has_crossed=False)
    # a line that runs back on itself, as at the image's edge, goes without a word
    has_crossed = any(
        abs(_areas(one.parts) - _areas(instances[one.id].parts)) > _SPECK_PX2
        for one in after.instances
        if one.id in instances
    )
    return Mended(replace(after, instances=several), has_crossed=has_crossed)


def mended_parts(part: Part) -> tuple[Part, ...]:
    """The valid parts that cover what a part covers, specks left out.

    Raises:
        AppError: it covers nothing.
    """
    pieces = _pieces(part)
    if not pieces:
        raise AppError("That would leave an outline without any area, so nothing was changed.")
    return pieces


def _pieces(part: Part) -> tuple[Part, ...]:
    """The valid parts that cover what a part covers; none where that is nothing."""
    region = region_of((part,))
    if not region.is_valid:
        region = shapely.buffer(region, 0)
    pieces = [one for one in parts_of_region(region) if _area(one.outer) > _NO_AREA_PX2]
    if not pieces:
        return ()
    large = [one for one in pieces if _area(one.outer) >= _SPECK_PX2] or pieces
    first, *others = (
        Part(one.outer, tuple(hole for hole in one.holes if _area(hole) >= _SPECK_PX2))
        for one in large
    )
    return (replace(first, origin=part.origin), *others)


def _fresh(was: Instance | None, instance: Instance) -> list[Part]:
    """The parts of an instance that it did not have before."""
    if was is None:
        return list(instance.parts)
    if was.parts is instance.parts:
        return []
    known = {id(part) for part in was.parts}
    return [part for part in instance.parts if id(part) not in known]


def _with_mended(was: Instance | None, instance: Instance, bad: set[int]) -> Instance:
    """The instance with its bad parts mended; the very same where none of them can be."""
    parts: list[Part] = []
    for part in instance.parts:
        pieces = _pieces(part) if id(part) in bad else (part,)
        # one that was read from a file without an area can still be moved with the others
        if not pieces and (was is None or all(map(_pieces, was.parts))):
            raise AppError("That would leave an outline without any area, so nothing was changed.")
        parts.extend(pieces or (part,))
    is_same = len(parts) == len(instance.parts) and all(map(is_, parts, instance.parts))
    return instance if is_same else replace(instance, parts=tuple(parts))


def _bad(parts: Sequence[Part]) -> set[int]:
    """The id() of those that are not valid or have no area."""
    if not parts:
        return set()
    polygons = _polygons(parts)
    is_bad = ~shapely.is_valid(polygons) | (shapely.area(polygons) <= _NO_AREA_PX2)
    return {id(part) for part, is_one in zip(parts, is_bad, strict=True) if is_one}


def _areas(parts: Sequence[Part]) -> float:
    """The sum of their areas; where a ring crosses itself, those of its turns by their signs."""
    return float(shapely.area(_polygons(parts)).sum())


def _polygons(parts: Sequence[Part]) -> npt.NDArray[Any]:
    # all at once: one by one a thousand instances that are moved together would take a frame's time
    outers = _rings([part.outer for part in parts])
    holes = [(index, hole) for index, part in enumerate(parts) for hole in part.holes]
    if not holes:
        polygons: npt.NDArray[Any] = shapely.polygons(outers)
        return polygons
    polygons = shapely.polygons(outers)
    of_part = np.array([index for index, _ in holes])
    rings = _rings([hole for _, hole in holes])
    for index in np.unique(of_part):
        polygons[index] = shapely.polygons(outers[index], rings[of_part == index])
    return polygons


def _rings(rings: Sequence[Ring]) -> npt.NDArray[Any]:
    indices = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    made: npt.NDArray[Any] = shapely.linearrings(np.concatenate(rings), indices=indices)
    return made


def _check_inside(
    was: Instance | None,
    fresh: Sequence[Part],
    *,
    before: tuple[int, int],
    after: tuple[int, int],
) -> None:
    """Refuses parts outside an image; its height and width may be others after the edit."""
    if not any(_is_outside(part, after) for part in fresh):
        return
    # one that was read from a file and lies outside can still be brought back step by step
    if was is None or not any(_is_outside(part, before) for part in was.parts):
        raise AppError("That would lie outside the image, so nothing was changed.")


def _is_outside(part: Part, size_hw: tuple[int, int]) -> bool:
    height, width = size_hw
    x0, y0, x1, y1 = bounds_of((part,))
    return x0 >= width or y0 >= height or x1 <= 0 or y1 <= 0


def _area(ring: Ring) -> float:
    return float(shapely.area(shapely.polygons(ring)))
