"""Drawn photographs with labels that are not easy: what lies in front hides what lies behind,
classes differ by shape more than by colour, one of them is rare, and much that is drawn is no
instance.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from core.geometry import clip, difference, parts_area
from core.run_folder import SnapshotImage
from core.types import ImageLabels, ImageState, Instance, LabelClass, Part, Ring, Split

CLASSES = (
    LabelClass(1, "disc", "#0072b2"),
    LabelClass(2, "ring", "#e69f00"),
    LabelClass(3, "box", "#009e73"),
    LabelClass(4, "star", "#cc79a7"),
    LabelClass(5, "cross", "#56b4e9"),
)
_CHANCES = (0.26, 0.24, 0.24, 0.20, 0.06)
_USUAL_SIDE = 256
_MOST_HIDDEN = 0.5
"""Of what lies behind: what would hide more of it is put elsewhere."""

Pixels = npt.NDArray[np.uint8]
Random = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class _Thing:
    class_id: int
    whole: tuple[Part, ...]
    visible: tuple[Part, ...]


def drawn_images(
    folder: Path, count: int, *, seed: int, split: Split, size_hw: tuple[int, int] = (256, 256)
) -> list[SnapshotImage]:
    """Draws images into the folder, the same ones for the same seed; their labels are done.

    Args:
        folder: made when missing.
        count: of images.
        seed: of what they show.
        split: what they are for.
        size_hw: of each; what is drawn grows with it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _written(folder / f"{split}_{seed}_{number:04}.jpg", scene, split, size_hw)
        for number, scene in enumerate(_scenes(count, seed=seed, size_hw=size_hw))
    ]


def _written(
    file: Path, scene: tuple[Pixels, list[_Thing]], split: Split, size_hw: tuple[int, int]
) -> SnapshotImage:
    pixels, things = scene
    cv2.imwrite(str(file), pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    instances = tuple(
        Instance(f"{number}", one.class_id, one.visible) for number, one in enumerate(things)
    )
    labels = ImageLabels(size_hw, instances, ImageState.DONE)
    return SnapshotImage(file.name, str(file), split, labels)


def _scenes(
    count: int, *, seed: int, size_hw: tuple[int, int]
) -> Iterator[tuple[Pixels, list[_Thing]]]:
    random = np.random.default_rng(seed)
    for _ in range(count):
        yield _scene(random, size_hw)


def _scene(random: Random, size_hw: tuple[int, int]) -> tuple[Pixels, list[_Thing]]:
    unit = min(size_hw) / _USUAL_SIDE
    pixels = _ground(random, size_hw)
    for _ in range(int(random.integers(4, 10))):
        _draw_clutter(pixels, random, unit)
    things: list[_Thing] = []
    for _ in range(int(random.integers(3, 9))):
        class_index = int(random.choice(len(CLASSES), p=_CHANCES))
        whole = clip((_outline(random, class_index, size_hw),), size_hw)
        kept = _behind(things, whole)
        if kept is None or not whole:
            continue
        things = [*kept, _Thing(CLASSES[class_index].id, whole, whole)]
        _paint(pixels, whole, random, _colour(random, class_index))
    for _ in range(int(random.integers(0, 3))):
        _draw_line(pixels, random, unit)
    return _as_taken(pixels, random), things


def _behind(things: list[_Thing], front: tuple[Part, ...]) -> list[_Thing] | None:
    """What is to be seen of each thing once the front is there; None where it hides too much."""
    left: list[_Thing] = []
    for one in things:
        visible = difference(one.visible, front)
        if parts_area(visible) < (1 - _MOST_HIDDEN) * parts_area(one.whole):
            return None
        left.append(_Thing(one.class_id, one.whole, visible))
    return left


def _ground(random: Random, size_hw: tuple[int, int]) -> Pixels:
    """Blotches of two sizes and of dull colours."""
    height, width = size_hw
    ground = np.zeros((height, width, 3), np.float32)
    for cells, low, high in ((3, 60, 180), (24, -35, 35)):
        coarse = random.uniform(low, high, (cells, cells, 3)).astype(np.float32)
        coarse = 0.7 * coarse.mean(axis=2, keepdims=True) + 0.3 * coarse
        ground += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(ground, 0, 255).astype(np.uint8)


def _draw_clutter(pixels: Pixels, random: Random, unit: float) -> None:
    """A triangle or a half-moon in any colour: no class has this shape."""
    height, width = pixels.shape[:2]
    centre = random.uniform((0, 0), (width, height))
    radius = random.uniform(6, 30) * unit
    turn = random.uniform(0, 2 * np.pi)
    if random.random() < 0.5:
        angles = turn + 2 * np.pi * np.arange(3) / 3 + random.uniform(-0.4, 0.4, 3)
    else:
        angles = turn + np.linspace(0, np.pi, 16)
    ring = centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    _fill(pixels, [ring], random.uniform(30, 230, 3))


def _draw_line(pixels: Pixels, random: Random, unit: float) -> None:
    """A thread across the picture, in front of everything; it hides next to nothing."""
    height, width = pixels.shape[:2]
    ends = random.uniform((0, 0), (width, height), (2, 2)).round().astype(int).tolist()
    colour = random.uniform(20, 235, 3).tolist()
    cv2.line(pixels, ends[0], ends[1], colour, max(1, round(unit)), cv2.LINE_AA)


def _outline(random: Random, class_index: int, size_hw: tuple[int, int]) -> Part:
    height, width = size_hw
    radius = float(random.uniform(12, 42)) * min(size_hw) / _USUAL_SIDE
    centre = random.uniform((0.5 * radius,) * 2, (width - 0.5 * radius, height - 0.5 * radius))
    turn = random.uniform(0, 2 * np.pi)
    squeeze = np.array([1.0, random.uniform(0.65, 1.0)])
    shape = _SHAPES[CLASSES[class_index].name](random)
    cos, sin = np.cos(turn), np.sin(turn)
    rotation = np.array([[cos, sin], [-sin, cos]])
    outer, *holes = (centre + radius * (ring * squeeze) @ rotation for ring in shape)
    return Part(outer, tuple(holes))


def _disc(random: Random) -> list[Ring]:
    return [_polar(np.ones(28))]


def _ring(random: Random) -> list[Ring]:
    return [_polar(np.ones(28)), random.uniform(0.4, 0.6) * _polar(np.ones(20))]


def _box(random: Random) -> list[Ring]:
    side = random.uniform(0.6, 1.0)
    return [np.array([[-1, -side], [1, -side], [1, side], [-1, side]]) * 0.85]


def _star(random: Random) -> list[Ring]:
    radii = np.ones(10)
    radii[1::2] = random.uniform(0.42, 0.55)
    return [_polar(radii)]


def _cross(random: Random) -> list[Ring]:
    arm = random.uniform(0.28, 0.4)
    corner = np.array([[arm, arm], [arm, 1], [-arm, 1]])
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    turns = [np.linalg.matrix_power(quarter, times) for times in range(4)]
    return [np.concatenate([corner[:2] @ turn.T for turn in turns]) * 0.95]


_SHAPES: dict[str, Callable[[Random], list[Ring]]] = {
    "disc": _disc, "ring": _ring, "box": _box, "star": _star, "cross": _cross,
}  # fmt: skip


def _polar(radii: npt.NDArray[np.float64]) -> Ring:
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _colour(random: Random, class_index: int) -> npt.NDArray[np.float64]:
    """Any hue; four of ten times one that leans to the class."""
    leans = random.random() < 0.4
    hue = 36 * class_index + random.uniform(-14, 14) if leans else random.uniform(0, 180)
    hsv = np.array([[[hue % 180, random.uniform(60, 200), random.uniform(70, 230)]]])
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)[0, 0].astype(np.float64)


def _paint(
    pixels: Pixels, parts: tuple[Part, ...], random: Random, colour: npt.NDArray[np.float64]
) -> None:
    """One colour that goes over into another along the thing, with stripes on some."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width]
    turn = random.uniform(0, 2 * np.pi)
    along = (np.cos(turn) * x + np.sin(turn) * y) * _USUAL_SIDE / min(height, width)
    shade = 30 * np.sin(along / random.uniform(20, 60))
    if random.random() < 0.4:
        shade = shade + 35 * np.sign(np.sin(along / random.uniform(1.5, 4)))
    inside = np.zeros((height, width), np.uint8)
    for part in parts:
        _fill(inside, list(part.rings), 255)
    painted = np.clip(colour + shade[..., None], 0, 255)
    share = inside[..., None] / 255
    pixels[:] = np.clip(pixels * (1 - share) + painted * share, 0, 255)


_SHIFT = 4  # cv2 draws at 1/16 pixel


def _fill(pixels: Pixels, rings: list[Ring], colour: npt.NDArray[np.float64] | int) -> None:
    # cv2 counts from pixel centres, rings from pixel corners
    points = [np.round((ring - 0.5) * (1 << _SHIFT)).astype(np.int32) for ring in rings]
    cv2.fillPoly(pixels, points, np.atleast_1d(colour).tolist(), cv2.LINE_AA, _SHIFT)


def _as_taken(pixels: Pixels, random: Random) -> Pixels:
    """As a camera has it: a light from one side, a little out of focus, with noise."""
    height, width = pixels.shape[:2]
    light = random.uniform(0.75, 1.2, (2, 2)).astype(np.float32)
    lit = pixels * cv2.resize(light, (width, height))[..., None]
    blurred = cv2.GaussianBlur(lit, (0, 0), float(random.uniform(0.4, 1.2)))
    noise = random.normal(0, random.uniform(4, 14), (height, width, 3))
    return np.clip(blurred + noise, 0, 255).astype(np.uint8)
