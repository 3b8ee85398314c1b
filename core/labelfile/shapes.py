"""One labelme shape as parts, parts as labelme shapes, and the print of a shape."""

import base64
import binascii
import hashlib
import io
import math
import struct
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.geometry import bounds_of, mask_of, parts_from_mask
from core.types import Json, Part

Points = npt.NDArray[np.float64]

_NO_REGION: Final = frozenset({"line", "linestrip", "point", "points"})
_QUADS: Final = frozenset({"oriented_rectangle", "rotation", "quadrilateral"})
_CIRCLE_POINTS: Final = 64
_FARTHEST_PX: Final = 1e7
_MOST_MASK_PX: Final = 80_000_000
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


class BrokenShape(ValueError):
    """A shape that should be a region and cannot be read; the message says why, for the user."""


def shape_type_of(shape: Json) -> str:
    """The kind of a shape; labelme 3 left it out of polygons."""
    kind = shape.get("shape_type")
    return kind if isinstance(kind, str) and kind else "polygon"


def parts_of_shape(shape: Json, size_hw: tuple[int, int] | None) -> tuple[Part, ...]:
    """The region of a labelme shape; nothing where it is none (a line, a point).

    Args:
        shape: the JSON object.
        size_hw: where a mask is cut off; None: only at the left and the top.

    Raises:
        BrokenShape: it should be a region and cannot be read.
    """
    kind = shape_type_of(shape)
    if kind in _NO_REGION:
        return ()
    points = _points(shape.get("points"))
    if kind == "mask":
        return _parts_of_mask(shape, points, size_hw)
    return (Part(_ring(kind, points)),)


def _points(value: Json) -> Points:
    if not isinstance(value, list) or not value:
        raise BrokenShape("it has no points")
    if not all(isinstance(point, list) and len(point) == 2 for point in value):
        raise BrokenShape("its points are not pairs of numbers")
    if not {type(number) for point in value for number in point} <= {int, float}:
        raise BrokenShape("its points are not numbers")
    try:
        points = np.array(value, dtype=np.float64)
    except OverflowError:
        points = np.full((1, 2), np.inf)
    if not (np.abs(points) < _FARTHEST_PX).all():
        raise BrokenShape("it has points that lie nowhere (NaN, or endlessly far away)")
    return points


def _ring(kind: str, points: Points) -> Points:
    count = len(points)
    if kind == "circle":
        return _circle(points)
    if kind == "rectangle" and count == 2:
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    if kind == "rectangle" or kind in _QUADS:
        if count != 4:
            raise BrokenShape(f"a {kind} does not have {count} points")
        return points
    if kind != "polygon":
        raise BrokenShape(f"shapes of the type {kind!r} are not known here")
    # some tools close the ring by repeating its first point
    ring = points[:-1] if count > 3 and (points[0] == points[-1]).all() else points
    if len(ring) < 3:
        raise BrokenShape(f"a polygon has at least 3 points, not {count}")
    return ring


def _circle(points: Points) -> Points:
    if len(points) != 2:
        raise BrokenShape(f"a circle has 2 points, not {len(points)}")
    centre, rim = points
    radius = math.dist(centre, rim)
    if not radius:
        raise BrokenShape("a circle has a radius, not twice the same point")
    start = math.atan2(rim[1] - centre[1], rim[0] - centre[0])
    angles = start + np.arange(_CIRCLE_POINTS) * (2 * math.pi / _CIRCLE_POINTS)
    return np.asarray(centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def _parts_of_mask(
    shape: Json, points: Points, size_hw: tuple[int, int] | None
) -> tuple[Part, ...]:
    # Where the corner is fractional, because somebody moved the mask, the box no longer says how
    # large the picture is: the picture's own size does, always.
    left, top = (math.floor(side + 0.5) for side in points.min(axis=0))
    mask = _mask_pixels(shape.get("mask"))
    height, width = size_hw or (top + mask.shape[0], left + mask.shape[1])
    inside = mask[
        max(-top, 0) : max(height - top, 0),
        max(-left, 0) : max(width - left, 0),
    ]
    parts = parts_from_mask(inside, offset_xy=(max(left, 0), max(top, 0)))
    if not parts:
        raise BrokenShape("its mask has no pixels inside the image")
    return parts


def _mask_pixels(value: Json) -> npt.NDArray[np.bool_]:
    if not isinstance(value, str):
        raise BrokenShape("its mask is missing")
    try:
        data = base64.b64decode(value)
        # the size is looked at before a hostile picture is unpacked
        width, height = struct.unpack(">II", data[16:24])
        if not data.startswith(_PNG_SIGNATURE) or width * height > _MOST_MASK_PX:
            raise BrokenShape("its mask is not a PNG picture of a sane size")
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            pixels = np.asarray(picture)
    except (binascii.Error, struct.error, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, BrokenShape):
            raise
        raise BrokenShape("its mask is not a PNG picture") from error
    filled = pixels[..., :3].any(axis=2) if pixels.ndim == 3 else pixels != 0
    return np.asarray(filled, dtype=np.bool_)


def digest_of_shape(shape: Json) -> str:
    """A hash of label, kind and geometry, the same for the same pixels in another PNG.

    Coordinates count to a thousandth of a pixel. The shape is one that parts_of_shape can read.
    """
    points = np.round(_points(shape["points"]), 3) + 0.0  # -0.0 becomes 0.0
    kind = shape_type_of(shape)
    pieces = [str(shape["label"]).encode("utf-8", "surrogatepass"), kind.encode(), points.tobytes()]
    if kind == "mask":
        pixels = _mask_pixels(shape.get("mask"))
        pieces += [repr(pixels.shape).encode(), np.packbits(pixels).tobytes()]
    return short_hash(pieces)


def print_of(digest: str, part: int, *, n_parts: int) -> str:
    """What the key of a shape says of it: another print on reading means that somebody changed it.

    It counts the parts of the instance too, so that a part that was deleted elsewhere is noticed.
    """
    return short_hash([f"{digest} {part} {n_parts}".encode()])


def digest_of_rings(parts: Iterable[Part]) -> str:
    """A hash of the exact coordinates."""
    return short_hash(
        piece for part in parts for ring in (*part.rings, None) for piece in _ring_bytes(ring)
    )


def _ring_bytes(ring: Points | None) -> tuple[bytes, bytes]:
    return (b"|", b"") if ring is None else (b"o", ring.tobytes())


def short_hash(pieces: Iterable[bytes]) -> str:
    """16 hexadecimal digits."""
    sums = hashlib.blake2b(digest_size=8)
    for piece in pieces:
        sums.update(len(piece).to_bytes(8, "little"))
        sums.update(piece)
    return sums.hexdigest()


def geometry_fields(part: Part, size_hw: tuple[int, int]) -> dict[str, Json]:
    """points, shape_type and mask of the labelme shape for a part.

    A part with holes is a mask, cut to its inclusive box; holes that have no pixel inside the image
    cannot be one, and leave a polygon.
    """
    if part.holes and (mask_fields := _mask_fields(part, size_hw)):
        return mask_fields
    return {"points": part.outer.tolist(), "shape_type": "polygon", "mask": None}


def _mask_fields(part: Part, size_hw: tuple[int, int]) -> dict[str, Json]:
    x0, y0, x1, y1 = bounds_of((part,))
    left, top = max(math.floor(x0) - 1, 0), max(math.floor(y0) - 1, 0)
    right, bottom = min(math.ceil(x1) + 1, size_hw[1]), min(math.ceil(y1) + 1, size_hw[0])
    if left >= right or top >= bottom:
        return {}
    shift = np.array([left, top], dtype=np.float64)
    near = Part(part.outer - shift, tuple(hole - shift for hole in part.holes))
    mask = mask_of((near,), (bottom - top, right - left))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return {}
    crop = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    corners = [[columns[0] + left, rows[0] + top], [columns[-1] + left, rows[-1] + top]]
    return {
        "points": [[float(x), float(y)] for x, y in corners],
        "shape_type": "mask",
        "mask": _png_base64(crop),
    }


def _png_base64(mask: npt.NDArray[np.bool_]) -> str:
    data = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8)).save(data, format="PNG")
    return base64.b64encode(data.getvalue()).decode("ascii")


def part_of_rings(rings: Json) -> Part | None:
    """The part whose rings the key of a shape holds; None where they are not rings."""
    if not isinstance(rings, list) or not rings:
        return None
    try:
        outer, *holes = (_points(ring) for ring in rings)
        return Part(outer, tuple(holes))
    except ValueError:
        return None


def rings_of(part: Part) -> Sequence[Json]:
    """The rings of a part as JSON."""
    return [ring.tolist() for ring in part.rings]
