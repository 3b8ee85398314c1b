"""Polygons with fewer vertices that cover the same area."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely

from core.geometry.coarsening import TOLERANCES, Floats, Outlines, Rings
from core.geometry.regions import bounds_of
from core.types import Part, Ring

# the IoU that is known beforehand is wrong by this at most times
_UNSURE_IOU = 0.001
# after so many rounds it is asked whether anything will be near
_N_HOPEFUL = 4


def simplify(part: Part, *, min_iou: float = 0.98) -> Part:
    """The part with as few vertices as this IoU to it allows.

    Inside its old bounds and not crossing itself; a part that crosses itself stays as it is.
    """
    region = shapely.Polygon(part.outer, part.holes)
    if not region.is_valid or region.area == 0:
        return part

    def is_near(_: int, parts: Rings) -> bool:
        fewer = shapely.Polygon(parts[0][0], parts[0][1:])
        shared = shapely.intersection(region, fewer).area
        return bool(shared >= min_iou * (region.area + fewer.area - shared))

    (found,) = coarsest(
        [[list(part.rings)]],
        is_near=is_near,
        hoped_iou=min_iou - _UNSURE_IOU,
        bounds_xyxy=bounds_of((part,)),
    )
    if found is None or sum(map(len, found[0])) >= sum(map(len, part.rings)):
        return part
    return replace(part, outer=found[0][0], holes=tuple(found[0][1:]))


def rounded(part: Part) -> Part:
    """To a hundredth of a pixel: a third of the bytes in label files and kept predictions.

    A part that it would make touch or cross itself stays as it is.
    """
    coarse = Part(part.outer.round(2), tuple(hole.round(2) for hole in part.holes))
    return coarse if are_valid([coarse.rings]) else part


def coarsest(
    instances: Sequence[Rings],
    *,
    is_near: Callable[[int, Rings], bool],
    hoped_iou: npt.ArrayLike,
    bounds_xyxy: tuple[float, float, float, float],
) -> list[Rings | None]:
    """The coarsest simplification of each instance that is near enough and valid.

    Args:
        instances: N of valid polygons, each of one part or more.
        is_near: whether a simplification is near enough to the instance of this index.
        hoped_iou: (N,) or one for all: from where on is_near is asked, from coarse to fine. Less
            takes longer and may find fewer vertices.
        bounds_xyxy: no vertex is moved out of these.

    Returns:
        N, None where there is none.
    """
    found: list[Rings | None] = [None] * len(instances)
    if not instances:
        return found
    outlines = Outlines(instances)
    steps = outlines.coarsest_steps(np.broadcast_to(np.asarray(hoped_iou), len(instances)))
    waiting, n_rounds = np.arange(len(instances)), 0
    while len(waiting):
        made = outlines.at_steps(waiting, steps[waiting])
        for i, rings in zip(waiting.tolist(), made, strict=True):
            inside = _clipped(rings, bounds_xyxy)
            if are_valid(inside) and is_near(i, inside):
                found[i] = inside
        n_rounds += 1
        # what is not near soon is seldom near at the next step, and may be so at none
        steps = steps + (n_rounds + 1) // 2
        is_left = np.array(
            [
                found[i] is None and (n_rounds != _N_HOPEFUL or is_near(i, instances[i]))
                for i in waiting.tolist()
            ]
        )
        waiting = waiting[is_left & (steps[waiting] < len(TOLERANCES))]
    return found


def at_tolerances(
    instances: Sequence[Rings],
    tolerances: Floats,
    *,
    bounds_xyxy: tuple[float, float, float, float],
) -> list[Rings]:
    """Each instance simplified at a tolerance of its own; it may cross itself.

    Args:
        instances: N of valid polygons, each of one part or more.
        tolerances: (N,) of Douglas-Peucker, in units of the rings.
        bounds_xyxy: no vertex is moved out of these.
    """
    if not instances:
        return []
    made = Outlines(instances).at(np.arange(len(instances)), tolerances)
    return [_clipped(rings, bounds_xyxy) for rings in made]


def are_valid(parts: Sequence[Sequence[Ring]]) -> bool:
    """Whether no ring crosses itself or another one."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    return bool((polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)).is_valid)


def _clipped(parts: Rings, bounds_xyxy: tuple[float, float, float, float]) -> Rings:
    low, high = bounds_xyxy[:2], bounds_xyxy[2:]
    return [[np.minimum(np.maximum(ring, low), high) for ring in rings] for rings in parts]
