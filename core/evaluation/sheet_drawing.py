"""One row of a sheet: an image with its labels on the left, with its predictions on the right."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.types import Part

Pixels = npt.NDArray[np.uint8]
"""(H, W, 3) RGB."""

SIDE_PX = 520
"""Each of the two pictures of a row fits into a square of this side."""
_MOST_ENLARGED = 4.0
_MARGIN_PX, _HEAD_PX, _FONT_PX = 12, 44, 15
_MOST_CHARACTERS = 200
_SHIFT = 4
_FONTS = ("NotoSansCJK-Regular.ttc", "msyh.ttc", "Arial Unicode.ttf", "DejaVuSans.ttf", "arial.ttf")
"""Those of many scripts first; without one of these Pillow's own font, which is Latin."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn of an instance or of a detection."""

    parts: tuple[Part, ...]
    words: str
    colour: str
    """#rrggbb."""
    is_matched: bool = True
    """Whether the other side has it too; else its outline is doubled."""
    is_crowd: bool = False
    """It counts neither way: its outline is thin and nothing fills it."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """An image and what is drawn over it."""

    name: str
    about: str
    pixels: Pixels
    labels: Sequence[Shape]
    predictions: Sequence[Shape]


@dataclass(slots=True)
class _Names:
    """Where names lie already, so that the next one finds a free place."""

    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def place(
        self, x: float, y: float, size_wh: tuple[float, float], side_wh: tuple[int, int]
    ) -> tuple[float, float]:
        w, h = size_wh
        x = min(max(x, 0), max(side_wh[0] - w, 0))
        y = min(max(y, 0), max(side_wh[1] - h, 0))
        # downwards, and where the picture ends upwards: among many the last place has to do
        for at in [*np.arange(y, side_wh[1] - h, h), *np.arange(y, 0, -h)]:
            if not any(_overlap((x, float(at), x + w, float(at) + h), one) for one in self.taken):
                y = float(at)
                break
        self.taken.append((x, y, x + w, y + h))
        return x, y


def row_picture(row: Row) -> Pixels:
    """The row on white, with its name above, as wide for every image."""
    scale = _scale(row.pixels.shape)
    pictures = [_picture(row.pixels, side, scale) for side in (row.labels, row.predictions)]
    width = 3 * _MARGIN_PX + 2 * SIDE_PX
    canvas = np.full((_HEAD_PX + pictures[0].shape[0] + _MARGIN_PX, width, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        x = _MARGIN_PX + index * (SIDE_PX + _MARGIN_PX)
        canvas[_HEAD_PX : _HEAD_PX + picture.shape[0], x : x + picture.shape[1]] = picture
    page = Image.fromarray(canvas)
    pen = ImageDraw.Draw(page)
    font = _font(_FONT_PX)
    pen.text((_MARGIN_PX, 3), _fitted(row.name, font, width), font=font, fill="#1b1f24")
    pen.text((_MARGIN_PX, 23), _fitted(row.about, font, width), font=font, fill="#5f6873")
    return np.asarray(page)


def heading_picture(title: str) -> Pixels:
    """What stands above the rows of a sheet."""
    width = 3 * _MARGIN_PX + 2 * SIDE_PX
    page = Image.new("RGB", (width, 64), "white")
    pen = ImageDraw.Draw(page)
    pen.text((_MARGIN_PX, 8), _fitted(title, _font(20), width), font=_font(20), fill="#1b1f24")
    for index, name in enumerate(("labels", "predictions")):
        x = _MARGIN_PX + index * (SIDE_PX + _MARGIN_PX)
        pen.text((x, 40), name, font=_font(_FONT_PX), fill="#5f6873")
    return np.asarray(page)


def _scale(shape: tuple[int, ...]) -> float:
    return min(SIDE_PX / max(shape[0], shape[1]), _MOST_ENLARGED)


def _picture(pixels: Pixels, shapes: Sequence[Shape], scale: float) -> Pixels:
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas = np.asarray(cv2.resize(pixels, (width, height), interpolation=how), np.uint8)
    filled = canvas.copy()
    for shape in shapes:
        if not shape.is_crowd:
            cv2.fillPoly(filled, _rings(shape, scale), _rgb(shape.colour), cv2.LINE_AA, _SHIFT)
    canvas = np.asarray(cv2.addWeighted(filled, 0.3, canvas, 0.7, 0), np.uint8)
    for shape in shapes:
        _outline(canvas, shape, scale)
    return _with_names(canvas, shapes, scale)


def _outline(canvas: Pixels, shape: Shape, scale: float) -> None:
    rings = _rings(shape, scale)
    if not shape.is_matched:
        cv2.polylines(canvas, rings, True, (255, 255, 255), 7, cv2.LINE_AA, _SHIFT)
        cv2.polylines(canvas, rings, True, (0, 0, 0), 5, cv2.LINE_AA, _SHIFT)
    thickness = 1 if shape.is_crowd else 2
    cv2.polylines(canvas, rings, True, _rgb(shape.colour), thickness, cv2.LINE_AA, _SHIFT)


def _rings(shape: Shape, scale: float) -> list[npt.NDArray[np.int32]]:
    return [
        np.round((ring * scale - 0.5) * (1 << _SHIFT)).astype(np.int32)
        for part in shape.parts
        for ring in part.rings
    ]


def _with_names(canvas: Pixels, shapes: Sequence[Shape], scale: float) -> Pixels:
    picture = Image.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    font, names = _font(_FONT_PX), _Names()
    for shape in shapes:
        corners = [part.outer.min(axis=0) for part in shape.parts]
        if not corners or not shape.words:
            continue
        x, y = (min(corners, key=lambda corner: float(corner[1])) * scale).tolist()
        text = _fitted(shape.words, font, picture.width)
        w, h = font.getlength(text) + 6, _FONT_PX + 4
        x, y = names.place(x, y - h, (w, h), picture.size)
        pen.rectangle((x, y, x + w, y + h), fill="#1b1f24" if shape.is_matched else "white")
        pen.rectangle((x, y, x + 3, y + h), fill=shape.colour)
        fill = "white" if shape.is_matched else "black"
        pen.text((x + 5, y + h / 2), text, font=font, fill=fill, anchor="lm")
    return np.asarray(picture)


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """The text without line breaks, cut where it would be wider."""
    # a lone surrogate, which JSON may hold, is no character that a font could have
    text = " ".join(text.split()).encode("utf-8", "replace").decode("utf-8")[:_MOST_CHARACTERS]
    for length in range(len(text), 0, -1):
        shown = text if length == len(text) else text[:length] + "…"
        if font.getlength(shown) <= width - 2 * _MARGIN_PX:
            return shown
    return ""


def _font(size_px: int) -> ImageFont.FreeTypeFont:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size_px)
        except OSError:
            continue
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
