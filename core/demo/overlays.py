"""Pictures with the instances drawn over them."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.images import write_png
from core.types import ImageLabels, LabelClass

_SHIFT = 4
_FONT_PX = 15
_SCALE = 2  # small pictures are enlarged, so that names can be read


def write_overlay(
    path: Path,
    pixels: npt.NDArray[np.uint8],
    labels: ImageLabels,
    classes: Mapping[int, LabelClass],
) -> None:
    """Writes pixels ((H, W, 3) RGB) with every instance filled, outlined and named, as PNG.

    Raises:
        AppError: the file cannot be written.
    """
    canvas = cv2.resize(pixels, None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_LINEAR)
    filled = canvas.copy()
    for instance in labels.instances:
        label_class = classes[instance.class_id]
        colour = tuple(int(label_class.colour[i : i + 2], 16) for i in (1, 3, 5))
        for part in instance.parts:
            rings = [
                np.round((ring * _SCALE - 0.5) * (1 << _SHIFT)).astype(np.int32)
                for ring in part.rings
            ]
            cv2.fillPoly(filled, rings, colour, lineType=cv2.LINE_AA, shift=_SHIFT)
            cv2.polylines(canvas, rings, True, colour, 2, cv2.LINE_AA, _SHIFT)
    blended = np.asarray(cv2.addWeighted(filled, 0.35, canvas, 0.65, 0), np.uint8)
    write_png(path, _with_names(blended, labels, classes))


def _with_names(
    canvas: npt.NDArray[np.uint8], labels: ImageLabels, classes: Mapping[int, LabelClass]
) -> npt.NDArray[np.uint8]:
    picture = Image.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(_FONT_PX)
    for instance in labels.instances:
        name, score = classes[instance.class_id].name, instance.score
        x, y = (instance.parts[0].outer.min(axis=0) * _SCALE).tolist()
        at = (max(x, 2.0), max(y - _FONT_PX - 4, 2.0))
        text = name if score is None else f"{name} {score:.2f}"
        pen.text(at, text, font=font, fill="white", stroke_width=2, stroke_fill="black")
    return np.asarray(picture)
