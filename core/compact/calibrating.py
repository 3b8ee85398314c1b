"""Ranges of a network's activations on images, from which its 8 bits are chosen."""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.compact.onnx_model import write_observed
from core.compact.precision import Ranges
from core.engines.onnx import new_session
from core.errors import AppError
from core.events import Progress
from core.images import read_image
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.resizing import input_hw, resized
from core.onnx_file import About

MOST_IMAGES = 32
"""More hardly move the ranges."""


def calibrated(
    folder: Path, model: MaskRCNN, about: About, images: Sequence[Path]
) -> Generator[Progress, None, Ranges]:
    """The range of each activation: the mean over images of its lowest and its highest.

    A mean, as one image with a stray value would cost all others their steps.

    Args:
        folder: for a file that is gone again afterwards.
        model: the one to be written.
        about: it.
        images: files, of which those that cannot be read are passed over.

    Raises:
        AppError: none of the images can be read.
    """
    file = folder / "observed.onnx"
    names = write_observed(file, model, about)
    try:
        session = new_session(str(file))
        seen: list[Any] = []
        for done, image in enumerate(images, start=1):
            if (ends := _ends(session, image, about, names)) is not None:
                seen.append(ends)
            yield Progress(done, len(images), "images to calibrate on")
    finally:
        file.unlink(missing_ok=True)
    if not seen:
        raise AppError("None of the images to calibrate on can be read. Choose other images.")
    means = np.mean(seen, axis=0)
    return {name: (float(low), float(high)) for name, (low, high) in zip(names, means, strict=True)}


def _ends(session: Any, image: Path, about: About, names: Sequence[str]) -> Any:
    """(activations, 2) the lowest and the highest of each; None where the image cannot be read."""
    try:
        pixels = read_image(image)
    except AppError:
        return None
    size_hw = (pixels.shape[0], pixels.shape[1])
    taken_hw = input_hw(size_hw, min_size=about.min_size, max_size=about.max_size)
    wished = [f"{end}:{name}" for name in names for end in ("low", "high")]
    score = np.array(about.score_threshold, dtype=np.float32)
    fed = {"image": np.ascontiguousarray(resized(pixels, taken_hw)), "score_threshold": score}
    return np.array(session.run(wished, fed), dtype=np.float64).reshape(len(names), 2)
