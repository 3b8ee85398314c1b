"""Ellipses as rings of few vertices."""

import numpy as np

from core.types import Ring

_FEWEST, _MOST = 8, 64
_FINE = 2048


def ellipse_ring(box_xyxy: tuple[float, float, float, float], *, min_iou: float = 0.99) -> Ring:
    """The ring of fewest vertices, 64 at most, that covers the ellipse in a box with this IoU.

    Its area is that of the ellipse, so it lies a little outside of it at its vertices.

    Args:
        box_xyxy: with an area.
        min_iou: of the ring and the ellipse.
    """
    x0, y0, x1, y1 = box_xyxy
    count = next((n for n in range(_FEWEST, _MOST) if _iou_with_circle(n) >= min_iou), _MOST)
    # an edge, not a vertex, touches each side of the box
    angles = (np.arange(count) + 0.5) * (2 * np.pi / count)
    radius = _radius(count)
    ring: Ring = np.stack(
        [
            (x0 + x1) / 2 + (x1 - x0) / 2 * radius * np.cos(angles),
            (y0 + y1) / 2 + (y1 - y0) / 2 * radius * np.sin(angles),
        ],
        axis=1,
    )
    return ring


def _radius(count: int) -> float:
    """Of a regular polygon with the area of the unit circle, from its middle to a vertex."""
    return float(np.sqrt(2 * np.pi / (count * np.sin(2 * np.pi / count))))


def _iou_with_circle(count: int) -> float:
    """Of the unit circle and a regular polygon of its area."""
    # from the middle of an edge to a vertex the polygon's border is at apothem / cos(angle)
    angles = (np.arange(_FINE) + 0.5) * (np.pi / count / _FINE)
    border = _radius(count) * np.cos(np.pi / count) / np.cos(angles)
    shared = float((np.minimum(border, 1.0) ** 2).mean())
    return shared / (2.0 - shared)
