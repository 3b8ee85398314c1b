"""Soft mask crops, as Mask R-CNN gives them, to polygons: all of an image in one go."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from core.geometry.coarsening import Rings, ring_areas
from core.geometry.grids import Grid
from core.geometry.pasting import LEVEL, Crop
from core.geometry.raster import level_set
from core.geometry.regions import clip, parts_of_region, region_of
from core.geometry.simplify import are_valid, at_tolerances, coarsest
from core.types import Part

Crops: TypeAlias = npt.NDArray[np.float32]
"""(N, h, w)."""
Boxes: TypeAlias = npt.NDArray[np.float32]
"""(N, 4)."""

NEAR_IOU = 0.98
"""Of an outline to its mask: on the lobed objects of tests/bench/polygons.py, 15 vertices."""
FEWER_POINTS_IOU = 0.966
"""Where few vertices count more: on the same objects 11 vertices, at an IoU of .972 on average."""

# how many times as many places, and how many along a side at most, are looked at for thin objects
_FINER, _FINEST = 8, 512
_TRUSTED_IOU = 0.9
# more take more memory and no less time
_AT_ONCE = 32
_NO_AREA_PX2 = 1e-6
_SPECK_PX2 = 2.0
_TOLERANCE_VALUES = 0.3  # of the distance between two values of a crop
# of what an outline's IoU is known beforehand, for an object one pixel across; measured at 20 to
# 300 px
_UNSURE_IOU_PX = 0.03


def parts_from_crop(
    mask_crop: Crop,
    box_xyxy: npt.ArrayLike,
    size_hw: tuple[int, int],
    *,
    min_iou: float = NEAR_IOU,
    speck_px2: float = _SPECK_PX2,
) -> tuple[Part, ...]:
    """Polygons of one soft mask, (h, w) float32: see `parts_from_crops`."""
    crops, boxes = mask_crop[None], np.asarray(box_xyxy)[None]
    return parts_from_crops(crops, boxes, size_hw, min_iou=min_iou, speck_px2=speck_px2)[0]


def parts_from_crops(
    mask_crops: Crops,
    boxes_xyxy: npt.ArrayLike,
    size_hw: tuple[int, int],
    *,
    min_iou: float = NEAR_IOU,
    speck_px2: float = _SPECK_PX2,
) -> list[tuple[Part, ...]]:
    """Polygons of soft masks, with as few vertices as an IoU to their pasted masks allows.

    They follow a mask's level of 0.5 between pixels, keep its holes and parts, do not cross
    themselves and lie inside the image.

    Args:
        mask_crops: (N, h, w) float32, 0 to 1.
        boxes_xyxy: (N, 4) the boxes that they are stretched over, pixels of the image.
        size_hw: of the image.
        min_iou: the least IoU to `paste`'s mask.
        speck_px2: parts and holes of less area are left out, unless there is nothing else.

    Returns:
        The parts of each mask; none where the pasted mask is empty.

    Raises:
        ValueError: a box is not finite.
    """
    crops, boxes = _checked(mask_crops, boxes_xyxy)
    return [
        parts
        for some in _some_of(len(crops))
        for parts in _nearest(
            crops[some], boxes[some], size_hw, min_iou=min_iou, speck_px2=speck_px2
        )
    ]


def outline_of_crop(
    mask_crop: Crop, box_xyxy: npt.ArrayLike, size_hw: tuple[int, int]
) -> tuple[Part, ...]:
    """Polygons of one soft mask, (h, w) float32: see `outlines_of_crops`."""
    return outlines_of_crops(mask_crop[None], np.asarray(box_xyxy)[None], size_hw)[0]


def outlines_of_crops(
    mask_crops: Crops, boxes_xyxy: npt.ArrayLike, size_hw: tuple[int, int]
) -> list[tuple[Part, ...]]:
    """Polygons of soft masks at one fixed tolerance: for pictures that pass quickly.

    Nothing is searched for, and no IoU is promised: on the lobed objects of
    tests/bench/polygons.py it is .99 on average and .976 at the least, with 20 vertices. Parts,
    holes and borders are as in `parts_from_crops`.

    Args:
        mask_crops: (N, h, w) float32, 0 to 1.
        boxes_xyxy: (N, 4) the boxes that they are stretched over, pixels of the image.
        size_hw: of the image.

    Returns:
        The parts of each mask; none where nothing of it reaches the level, or the image.

    Raises:
        ValueError: a box is not finite.
    """
    crops, boxes = _checked(mask_crops, boxes_xyxy)
    return [
        parts
        for some in _some_of(len(crops))
        for parts in _at_fixed_tolerance(crops[some], boxes[some], size_hw)
    ]


@dataclass(frozen=True, slots=True)
class _Outline:
    """The level 0.5 of a soft mask, in pixels of the image."""

    rings: Rings
    areas_px2: list[list[float]]
    """Of each of the rings."""

    @property
    def side_px(self) -> float:
        """Of a square of the same area."""
        return math.sqrt(sum(areas[0] for areas in self.areas_px2))

    def without_specks(self, speck_px2: float) -> "_Outline":
        """What is of this area, parts and holes; of the parts at least the largest."""
        sizes = [areas[0] for areas in self.areas_px2]
        least_px2 = min(speck_px2, max(sizes, default=0.0))
        if all(min(areas) >= speck_px2 for areas in self.areas_px2):
            return self
        kept = [
            [i for i, area in enumerate(areas) if i == 0 or area >= speck_px2]
            if areas[0] >= least_px2
            else []
            for areas in self.areas_px2
        ]
        return _Outline(
            [[rings[i] for i in of] for rings, of in zip(self.rings, kept, strict=True) if of],
            [[area[i] for i in of] for area, of in zip(self.areas_px2, kept, strict=True) if of],
        )


def _at_fixed_tolerance(
    crops: Crops, boxes: Boxes, size_hw: tuple[int, int]
) -> list[tuple[Part, ...]]:
    exact = [
        outline.without_specks(_SPECK_PX2).rings
        for outline in _outlines(crops, boxes, [True] * len(crops), size_hw)
    ]
    seen = [i for i, parts in enumerate(exact) if parts]
    values_px = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) / max(crops.shape[1:])
    fewer = at_tolerances(
        [exact[i] for i in seen],
        _TOLERANCE_VALUES * values_px[seen].astype(np.float64),
        bounds_xyxy=_bounds(size_hw),
    )
    made: list[tuple[Part, ...]] = [()] * len(crops)
    for i, rings in zip(seen, fewer, strict=True):
        made[i] = _parts(rings) if are_valid(rings) else _mended(_parts(exact[i]), size_hw)
    return made


def _nearest(
    crops: Crops, boxes: Boxes, size_hw: tuple[int, int], *, min_iou: float, speck_px2: float
) -> list[tuple[Part, ...]]:
    grids = [Grid(crop, box, size_hw) for crop, box in zip(crops, boxes, strict=True)]
    outlines = dict(
        enumerate(_outlines(crops, boxes, [grid.has_pixels for grid in grids], size_hw))
    )
    made = _near(outlines, grids, size_hw, min_iou=min_iou, speck_px2=speck_px2)
    # where an object is as thin as a value, straight lines from value to value are not near enough
    finer = {
        i: _finer_outline(crops[i], boxes[i], size_hw)
        for i, grid in enumerate(grids)
        if grid.has_pixels and not grid.has_all_pixels and i not in made
    }
    made |= _near(finer, grids, size_hw, min_iou=min_iou, speck_px2=speck_px2)
    return [
        _parts(made[i]) if i in made else _as_near_as_can_be(grid, finer.get(i), size_hw)
        for i, grid in enumerate(grids)
    ]


def _near(
    outlines: Mapping[int, _Outline],
    grids: Sequence[Grid],
    size_hw: tuple[int, int],
    *,
    min_iou: float,
    speck_px2: float,
) -> dict[int, Rings]:
    """Of each mask whose outline this is, the coarsest simplification that is near to its grid."""
    outlines = {i: outline.without_specks(speck_px2) for i, outline in outlines.items()}
    which = [i for i, outline in outlines.items() if outline.rings]
    # fewer samples than pixels see the IoU to about a thousandth
    sampled_iou = min_iou + 0.05 * (1 - min_iou)
    ious = [min_iou if grids[i].has_all_pixels else sampled_iou for i in which]
    found = coarsest(
        [outlines[i].rings for i in which],
        is_near=lambda i, rings: grids[which[i]].iou(rings) >= ious[i],
        hoped_iou=[
            iou - _UNSURE_IOU_PX / max(outlines[i].side_px, 1.0)
            for i, iou in zip(which, ious, strict=True)
        ],
        bounds_xyxy=_bounds(size_hw),
    )
    return {i: rings for i, rings in zip(which, found, strict=True) if rings is not None}


def _as_near_as_can_be(
    grid: Grid, finer: _Outline | None, size_hw: tuple[int, int]
) -> tuple[Part, ...]:
    """Parts of a mask that no simplification is near to, however many vertices they have."""
    own = grid.parts()
    # of few pixels, where COCO's rounding to a fifth of a pixel decides, or of none
    if finer is None:
        return own
    # a surface that lies at its level is on and off as its roundings are
    parts = _parts(finer.rings) if grid.iou(finer.rings) >= _TRUSTED_IOU else own
    return _mended(parts, size_hw)


def _mended(parts: tuple[Part, ...], size_hw: tuple[int, int]) -> tuple[Part, ...]:
    """Valid parts inside the image: where a value is the level, its ring may touch itself."""
    return clip(parts_of_region(region_of(parts)), size_hw)


def _some_of(n: int) -> list[slice]:
    return [slice(i, i + _AT_ONCE) for i in range(0, n, _AT_ONCE)]


def _checked(mask_crops: Crops, boxes_xyxy: npt.ArrayLike) -> tuple[Crops, Boxes]:
    boxes = np.asarray(boxes_xyxy, dtype=np.float32).reshape(-1, 4)
    if not np.isfinite(boxes).all():
        raise ValueError("a box has a corner that is no finite number")
    return np.ascontiguousarray(mask_crops, dtype=np.float32), boxes


def _outlines(
    crops: Crops, boxes: Boxes, is_wanted: Sequence[bool], size_hw: tuple[int, int]
) -> list[_Outline]:
    """The level 0.5 of each surface inside the image; nothing of those that are not wanted."""
    n, height, width = crops.shape
    spans = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64)
    scales = spans / (width, height)
    lows = boxes[:, :2] - 0.5 * scales
    which = np.flatnonzero(np.asarray(is_wanted, np.bool_) & (spans > 0).all(axis=1))
    # one above the other, as a single surface: rings close at the zeros between them
    padded = np.zeros((len(which), height + 2, width + 2))
    padded[:, 1:-1, 1:-1] = crops[which]
    made: list[Rings] = [[] for _ in range(n)]
    for rings in level_set(padded.reshape(-1, width + 2), LEVEL) if len(which) else ():
        place = int(rings[0][0, 1] // (height + 2))
        i = which[place]
        low = lows[i] - (0, place * (height + 2)) * scales[i]
        made[i].append([ring * scales[i] + low for ring in rings])
    is_outside = (boxes[:, :2] < 0).any(axis=1) | (boxes[:, 2:] > size_hw[::-1]).any(axis=1)
    for i in np.flatnonzero(is_outside).tolist():
        made[i] = _inside(made[i], size_hw)
    return _measured(made)


def _finer_outline(crop: Crop, box: Boxes, size_hw: tuple[int, int]) -> _Outline:
    """The level 0.5 of one surface, seen at more places than its values."""
    height, width = crop.shape
    finer = max(1, min(_FINER, _FINEST // max(height, width)))
    padded = np.pad(crop, 1)
    surface = cv2.resize(padded, None, fx=finer, fy=finer).astype(np.float64)
    scale = (box[2:] - box[:2]).astype(np.float64) / (width, height)
    low = box[:2] - scale + 0.5 * scale / finer
    return _measured(
        [
            _inside(
                [
                    [ring * scale / finer + low for ring in rings]
                    for rings in level_set(surface, LEVEL)
                ],
                size_hw,
            )
        ]
    )[0]


def _measured(outlines: Sequence[Rings]) -> list[_Outline]:
    every = [ring for parts in outlines for rings in parts for ring in rings]
    areas = iter(np.abs(ring_areas(every)).tolist())
    sizes = [[[next(areas) for _ in rings] for rings in parts] for parts in outlines]
    return [
        # where the surface just touches its level a ring may have no area
        _Outline(
            [rings for rings, of in zip(parts, found, strict=True) if of[0] > _NO_AREA_PX2],
            [of for of in found if of[0] > _NO_AREA_PX2],
        )
        for parts, found in zip(outlines, sizes, strict=True)
    ]


def _inside(parts: Rings, size_hw: tuple[int, int]) -> Rings:
    """The rings, cut at the image's border."""
    inside = clip([Part(outer, tuple(holes)) for outer, *holes in parts], size_hw)
    return [list(part.rings) for part in inside]


def _parts(parts: Rings) -> tuple[Part, ...]:
    return tuple(Part(outer, tuple(holes)) for outer, *holes in parts)


def _bounds(size_hw: tuple[int, int]) -> tuple[float, float, float, float]:
    return 0, 0, size_hw[1], size_hw[0]
