"""Parts to masks by COCO's own rasteriser, and masks back to parts, exactly.

COCO's rasteriser is the truth here, because COCO's AP and detectron2's training targets are made
with it: a pixel belongs to a ring when its centre does, to a fifth of a pixel.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from contourpy import FillType, contour_generator
from pycocotools import mask as coco_mask

from core.geometry.coarsening import douglas_peucker
from core.geometry.regions import parts_of_region, region_of
from core.geometry.simplify import are_valid
from core.types import Json, Part, Ring

Mask: TypeAlias = npt.NDArray[np.bool_]
Masks: TypeAlias = npt.NDArray[np.bool_]
"""(N, H, W)."""
Rle: TypeAlias = dict[str, Any]
"""pycocotools' own: {"size": [h, w], "counts": bytes}."""

MAX_SIDE_PX = 30_000
"""No image is larger; a file that says so is wrong."""

_GOES_ON = 0x20  # of a digit of COCO's compressed counts: its number goes on

# of the first guess; what it gets wrong is refined
_TOLERANCE_PX = 0.5
_FAR_PX = 1000


def mask_of(parts: Sequence[Part], size_hw: tuple[int, int]) -> Mask:
    """The pixels of an image of this size that lie in the parts: (H, W) bool.

    Holes are taken out of their part, parts are united, what lies outside is cut off. A ring that
    crosses itself is filled where an odd number of its turns goes round.
    """
    mask = np.zeros(size_hw, dtype=np.bool_)
    bounded = _bounded_rings(parts, size_hw)
    if not bounded:
        return mask
    height, width = size_hw
    # holes count: left of the crop they would be rounded the other way (COCO's code truncates)
    points = np.concatenate([ring for rings in bounded for ring in rings])
    left, top = np.maximum(points.min(axis=0).astype(int) - 1, 0).tolist()
    right, bottom = np.minimum(points.max(axis=0).astype(int) + 2, (width, height)).tolist()
    if left >= right or top >= bottom:
        return mask
    # a shift by whole pixels leaves COCO's rounding as it is
    shift = np.array([left, top])
    rings = [[ring - shift for ring in rings] for rings in bounded]
    rle = rle_of_rings(rings, (bottom - top, right - left))
    mask[top:bottom, left:right] = _laid_out(_runs(rle["counts"]), bottom - top)
    return mask


def mask_from_rle(rle: Json) -> Mask:
    """The pixels of a COCO RLE: (H, W) bool.

    Args:
        rle: {"size": [h, w], "counts": compressed (str or bytes) or a list of run lengths}.

    Raises:
        ValueError: it is no RLE, or its runs do not fill its size.
    """
    runs, height = _checked_runs(rle)
    return np.ascontiguousarray(_laid_out(runs, height))


def masks_from_rles(counts: Sequence[bytes], size_hw: tuple[int, int]) -> Masks:
    """The pixels of many masks of one size, (N, H, W) bool, in one go.

    Args:
        counts: compressed run lengths of N masks, as pycocotools gives them.
        size_hw: of each mask.

    Raises:
        ValueError: they are not in COCO's form, or do not fill the size.
    """
    height, width = size_hw
    if not counts:
        return np.zeros((0, height, width), bool)
    if not all(counts):
        raise ValueError("an RLE has no runs")
    digits = _digits(b"".join(counts))
    ends = np.cumsum([len(one) for one in counts])
    n_before = np.concatenate([[0], np.cumsum((digits & _GOES_ON) == 0)])
    firsts = n_before[np.concatenate([[0], ends[:-1]]).astype(np.int64)]
    runs = _differences(digits)
    lengths = np.diff(firsts, append=len(runs))
    places = np.arange(len(runs)) - np.repeat(firsts, lengths)
    for first in (1, 2):
        chain = (places >= first) & (places % 2 == first % 2)
        sums = runs[chain].cumsum()
        # what the masks before have summed up is taken off again
        before = np.concatenate([[0], sums])[np.concatenate([[0], np.cumsum(chain)])[firsts]]
        n_of_each = np.add.reduceat(chain, firsts, dtype=np.int64)
        runs[chain] = sums - np.repeat(before, n_of_each)
    filled = np.add.reduceat(runs, firsts)
    if (runs < 0).any() or (filled != height * width).any():
        raise ValueError(f"the runs of an RLE do not fill its {width} x {height} pixels")
    pixels = np.repeat(places % 2 == 1, runs).reshape(-1, width, height)
    return np.ascontiguousarray(pixels.transpose(0, 2, 1))


def rle_of(parts: Sequence[Part], size_hw: tuple[int, int]) -> Json:
    """COCO's compressed RLE of `mask_of`, made without its pixels: {"size", "counts": str}."""
    rle = rle_of_rings(_bounded_rings(parts, size_hw), size_hw)
    return {"size": [int(side) for side in size_hw], "counts": rle["counts"].decode("ascii")}


def rle_of_rings(parts: Iterable[Sequence[Ring]], size_hw: tuple[int, int]) -> Rle:
    """pycocotools' RLE of parts, each given as its outer ring and its holes."""
    height, width = size_hw
    regions = []
    for outer, *holes in parts:
        flat = [outer.ravel(), *(_complement(hole, outer) for hole in holes)]
        pieces = coco_mask.frPyObjects(flat, height, width)
        regions.append(coco_mask.merge(pieces, intersect=True) if holes else pieces[0])
    if not regions:
        empty = {"size": [height, width], "counts": [height * width]}
        return _as_rle(coco_mask.frPyObjects(empty, height, width))
    return _as_rle(regions[0] if len(regions) == 1 else coco_mask.merge(regions))


def parts_from_mask(mask: Mask, *, offset_xy: tuple[int, int] = (0, 0)) -> tuple[Part, ...]:
    """Parts that `mask_of` turns into this very mask again, with few vertices.

    They run through the middles of the edges between pixels, so nothing shrinks or grows.

    Args:
        mask: (H, W) bool.
        offset_xy: added to all coordinates: where the mask lies in its image.
    """
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return ()
    rows = np.flatnonzero(mask.any(axis=1))
    left, top = int(columns[0]), int(rows[0])
    crop = mask[top : rows[-1] + 1, left : columns[-1] + 1]
    shift = np.array([left + offset_xy[0], top + offset_xy[1]], dtype=np.float64)
    return tuple(
        Part(rings[0] + shift, tuple(hole + shift for hole in rings[1:])) for rings in _traced(crop)
    )


def parts_from_rle(rle: Json) -> tuple[Part, ...]:
    """Parts that `mask_of` turns into the mask of this COCO RLE again.

    Args:
        rle: {"size": [h, w], "counts": compressed (str or bytes) or a list of run lengths}.

    Raises:
        ValueError: it is no RLE, or its runs do not fill its size.
    """
    runs, height = _checked_runs(rle)
    ends = runs.cumsum()
    filled = np.flatnonzero(runs[1::2]) * 2 + 1
    if not len(filled):
        return ()
    first = int(ends[filled[0]] - runs[filled[0]]) // height
    last = int(ends[filled[-1]] - 1) // height
    # only the columns that hold something are laid out
    edges = np.clip(ends - first * height, 0, (last + 1 - first) * height)
    columns = _laid_out(np.diff(edges, prepend=0), height)
    return parts_from_mask(columns, offset_xy=(first, 0))


def level_set(values: npt.NDArray[np.floating[Any]], level: float) -> Iterator[list[Ring]]:
    """Where a bilinear surface is at least at a level: per part the outer ring and the holes.

    Args:
        values: (H, W), at integer coordinates; the part of the surface between them counts.
        level: above every value of the border, so that all rings close.
    """
    contours = contour_generator(z=values, fill_type=FillType.OuterOffset)
    filled: Any = contours.filled(level, np.inf)  # what it is depends on the fill type
    for points, starts in zip(*filled, strict=True):
        # each ring repeats its first point at its end
        yield [points[a : b - 1] for a, b in itertools.pairwise(starts)]


def _traced(crop: Mask) -> list[list[Ring]]:
    padded = np.zeros((crop.shape[0] + 2, crop.shape[1] + 2), dtype=np.float64)
    padded[1:-1, 1:-1] = crop
    # pixel (0, 0), centred at (0.5, 0.5), lies at index (1, 1)
    exact = [[ring - 0.5 for ring in rings] for rings in level_set(padded, 0.5)]
    fewer = [[_simplified_exactly(ring) for ring in rings] for rings in exact]
    fewer = [some if are_valid([some]) else all_ for some, all_ in zip(fewer, exact, strict=True)]
    return fewer if are_valid(fewer) else exact


def _simplified_exactly(ring: Ring) -> Ring:
    """The ring with fewer vertices that encloses the same pixels.

    Douglas and Peucker's way, but an edge is good when no pixel lies between it and the arc that it
    stands for. COCO fills by parity, so what all those slivers hold is what the rings differ in.
    """
    low = np.floor(ring.min(axis=0))
    local = ring - low
    width, height = (int(side) for side in np.ceil(local.max(axis=0)) + 1)
    empty = coco_mask.frPyObjects([np.zeros(6)], height, width)[0]["counts"]
    kept = douglas_peucker(local, _TOLERANCE_PX)
    if len(kept) < 3:
        kept = np.linspace(0, len(ring), 3, endpoint=False).astype(np.intp)
    round_trip = np.concatenate([local, local])
    good = kept.tolist()
    waiting = list(itertools.pairwise([*good, good[0] + len(ring)]))
    while waiting := [(a, b) for a, b in waiting if b - a > 1]:
        arcs = [round_trip[a : b + 1] for a, b in waiting]
        slivers = coco_mask.frPyObjects([arc.ravel() for arc in arcs], height, width)
        halves = []
        for (a, b), arc, sliver in zip(waiting, arcs, slivers, strict=True):
            if sliver["counts"] != empty:
                middle = a + _farthest(arc)
                good.append(middle)
                halves += [(a, middle), (middle, b)]
        waiting = halves
    simpler: Ring = ring[np.sort(np.array(good) % len(ring))]
    return simpler


def _farthest(arc: Ring) -> int:
    """The index of the point that is farthest from the line between the ends."""
    (x0, y0), (x1, y1) = arc[0], arc[-1]
    away = np.abs((arc[1:-1, 0] - x0) * (y1 - y0) - (arc[1:-1, 1] - y0) * (x1 - x0))
    return 1 + int(away.argmax())


def _bounded_rings(parts: Sequence[Part], size_hw: tuple[int, int]) -> list[tuple[Ring, ...]]:
    """The rings, cut where they go so far outside that COCO's code would run out of memory."""
    far = max(size_hw) + _FAR_PX
    image = shapely.box(0, 0, size_hw[1], size_hw[0])
    near: list[Part] = []
    for part in parts:
        if all(np.abs(ring).max() < far for ring in part.rings):
            near.append(part)
        else:
            near.extend(parts_of_region(shapely.intersection(region_of((part,)), image)))
    return [part.rings for part in near]


def _complement(hole: Ring, outer: Ring) -> npt.NDArray[np.float64]:
    """A ring that encloses what a hole leaves of a box around both, as COCO's code wants it.

    COCO fills by parity: the box, a bridge to the hole, the hole, and the bridge back, which
    cancels itself. pycocotools has no subtraction, but it intersects.
    """
    low = np.floor(np.minimum(hole.min(axis=0), outer.min(axis=0))) - 1
    high = np.ceil(np.maximum(hole.max(axis=0), outer.max(axis=0))) + 1
    (x0, y0), (x1, y1) = low, high
    box = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]])
    return np.concatenate([box, hole, hole[:1]]).ravel()


def _as_rle(rle: Any) -> Rle:
    return {"size": rle["size"], "counts": rle["counts"]}


def _checked_runs(rle: Json) -> tuple[npt.NDArray[np.int64], int]:
    """The run lengths, which are off and on in turns, and the image's height."""
    try:
        height, width = map(int, rle["size"])
        counts = rle["counts"]
        if isinstance(counts, str):
            counts = counts.encode("ascii")
        runs = _runs(counts) if isinstance(counts, bytes) else np.asarray(counts, dtype=np.int64)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"not an RLE: {error}") from error
    # pycocotools does not check: a run too many would be written behind its memory
    if not (0 < height <= MAX_SIDE_PX and 0 < width <= MAX_SIDE_PX):
        raise ValueError(f"an RLE of {width} x {height} pixels")
    if runs.ndim != 1 or (runs < 0).any() or int(runs.sum()) != height * width:
        raise ValueError(f"the runs of an RLE do not fill its {width} x {height} pixels")
    return runs, height


def _laid_out(runs: npt.NDArray[np.int64], height: int) -> Mask:
    """The pixels of runs that fill whole columns: (height, W) bool, in Fortran's order."""
    # pycocotools' own decode gives a warning on numpy 2
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(-1, height).T


def _runs(counts: bytes) -> npt.NDArray[np.int64]:
    """The run lengths of COCO's compressed form (maskApi.c, rleToString).

    Each is six-bit digits, five of value, least first, one that says whether more follow; from the
    fourth on it is the difference to the one before the last.
    """
    values = _differences(_digits(counts))
    values[1::2] = values[1::2].cumsum()
    values[2::2] = values[2::2].cumsum()
    return values


def _digits(counts: bytes) -> npt.NDArray[np.int64]:
    digits: npt.NDArray[np.int64] = np.frombuffer(counts, dtype=np.uint8).astype(np.int64) - 48
    if (digits < 0).any() or (digits > 63).any():
        raise ValueError("the counts of an RLE are not COCO's compressed form")
    return digits


def _differences(digits: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The numbers that digits make, differences as they stand."""
    if not len(digits):
        return digits
    is_last = (digits & _GOES_ON) == 0
    if not is_last[-1]:
        raise ValueError("the counts of an RLE are not COCO's compressed form")
    starts = np.flatnonzero(np.concatenate([[True], is_last[:-1]]))
    lengths = np.diff(starts, append=len(digits))
    if lengths.max() > 7:
        raise ValueError("an RLE has a run that is longer than any image")
    place = np.arange(len(digits)) - np.repeat(starts, lengths)
    values: npt.NDArray[np.int64] = np.add.reduceat((digits & 0x1F) << (5 * place), starts)
    is_negative = (digits[is_last] & 0x10) != 0
    return values - np.where(is_negative, 1 << (5 * lengths), 0)
