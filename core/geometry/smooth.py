"""Rings with softer corners that cover as much as before."""

from dataclasses import replace

import numpy as np
import shapely

from core.geometry.regions import parts_of_region, region_of
from core.types import Part, Ring

_POINTS = 256
"""So many points stand for a ring while it is smoothed, or as many as it has vertices."""
_WIDEST = 0.04
"""The widest window, of the length of the ring: a square is a disk with bumps then (by eye)."""


def smooth(part: Part, *, strength: float) -> Part:
    """The part with its rings smoothed; it covers as much as before, with many more vertices.

    A Gaussian along each ring, after which the ring is grown about its middle to its old area.
    Where that tears the part apart, it stays as it is.

    Args:
        part: crossing nothing.
        strength: 0 leaves it as it is, 1 is the softest.
    """
    if strength <= 0:
        return part
    softer = replace(
        part,
        outer=_smoothed(part.outer, strength),
        holes=tuple(_smoothed(hole, strength) for hole in part.holes),
    )
    if not shapely.Polygon(softer.outer, softer.holes).is_valid:
        pieces = parts_of_region(region_of((softer,)))
        return replace(pieces[0], origin=part.origin) if len(pieces) == 1 else part
    return softer


def _smoothed(ring: Ring, strength: float) -> Ring:
    closed = np.concatenate([ring, ring[:1]])
    places = np.concatenate([[0.0], np.hypot(*np.diff(closed, axis=0).T).cumsum()])
    whole = float(places[-1])
    if whole == 0:
        return ring
    n = max(_POINTS, len(ring))
    even = np.linspace(0, whole, n, endpoint=False)
    points = np.stack([np.interp(even, places, closed[:, axis]) for axis in (0, 1)], axis=1)
    # a Gaussian over a closed ring is a product of its frequencies
    sigma = strength * _WIDEST
    damping = np.exp(-2 * (np.pi * sigma * np.fft.rfftfreq(n, d=1 / n)) ** 2)
    softer = np.fft.irfft(np.fft.rfft(points, axis=0) * damping[:, None], n=n, axis=0)
    middle = softer.mean(axis=0)
    was, now = abs(_area(points)), abs(_area(softer))
    grown: Ring = middle + (softer - middle) * (np.sqrt(was / now) if now > 0 else 1.0)
    return grown


def _area(ring: Ring) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
