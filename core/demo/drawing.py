"""Draws a small data set: discs, rings (with a hole) and boxes on noisy grounds."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.types import Part, Ring

CLASS_NAMES = ("disc", "ring", "box")
_HUES = (25, 100, 160)  # of 180: colours help a tiny model, as they help in real sets
SIDE = 256


@dataclass(frozen=True, slots=True, eq=False)
class DrawnImage:
    """One picture and what is truly in it."""

    pixels: npt.NDArray[np.uint8]
    """(SIDE, SIDE, 3) RGB."""
    parts: tuple[Part, ...]
    class_names: tuple[str, ...]


def drawn_images(count: int, *, seed: int) -> Iterator[DrawnImage]:
    """Pictures with one to five things that do not overlap; the same ones for the same seed."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        yield _drawn(random)


def _drawn(random: np.random.Generator) -> DrawnImage:
    pixels = _ground(random)
    taken = np.zeros((SIDE, SIDE), np.uint8)
    parts: list[Part] = []
    names: list[str] = []
    for _ in range(int(random.integers(2, 6))):
        name_index = int(random.integers(len(CLASS_NAMES)))
        part = _outline(random, CLASS_NAMES[name_index])
        footprint = _filled(part.outer)
        if (taken & footprint).any():
            continue
        taken |= np.asarray(cv2.dilate(footprint, np.ones((5, 5), np.uint8)), np.uint8)
        _paint(pixels, part, _colour(random, _HUES[name_index]))
        parts.append(part)
        names.append(CLASS_NAMES[name_index])
    noise = random.normal(0, 6, pixels.shape)
    noisy = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    return DrawnImage(noisy, tuple(parts), tuple(names))


def _ground(random: np.random.Generator) -> npt.NDArray[np.uint8]:
    coarse = random.integers(90, 190, (4, 4, 1)).astype(np.uint8).repeat(3, axis=2)
    return np.asarray(cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)


def _outline(random: np.random.Generator, name: str) -> Part:
    radius = float(random.uniform(16, 44))
    centre = random.uniform(radius, SIDE - radius, 2)
    if name == "box":
        half = np.array([radius, radius * random.uniform(0.5, 1.0)])
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
        turn = random.uniform(0, np.pi)
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        return Part(np.clip(corners @ rotation.T + centre, 0, SIDE))
    if name == "ring":
        return Part(_circle(centre, radius), (_circle(centre, radius * 0.5),))
    return Part(_circle(centre, radius))


def _circle(centre: npt.NDArray[np.float64], radius: float) -> Ring:
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _colour(random: np.random.Generator, hue: int) -> tuple[int, int, int]:
    hsv = np.array(
        [[[hue + random.integers(-8, 9), random.integers(150, 230), random.integers(140, 240)]]]
    )
    red, green, blue = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)[0, 0]
    return int(red), int(green), int(blue)


_SHIFT = 4  # cv2 draws at 1/16 pixel


def _fixed_point(ring: Ring) -> npt.NDArray[np.int32]:
    # cv2 counts from pixel centres, rings from pixel corners.
    return np.round((ring - 0.5) * (1 << _SHIFT)).astype(np.int32)


def _filled(ring: Ring) -> npt.NDArray[np.uint8]:
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(canvas, [_fixed_point(ring)], 1, shift=_SHIFT)
    return canvas


def _paint(pixels: npt.NDArray[np.uint8], part: Part, colour: tuple[int, int, int]) -> None:
    rings = [_fixed_point(ring) for ring in part.rings]
    cv2.fillPoly(pixels, rings, colour, lineType=cv2.LINE_AA, shift=_SHIFT)
