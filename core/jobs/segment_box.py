"""Segment in a box: what the weights of the project see in a box that a person drew."""

from collections.abc import Generator
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from core.configs import SegmentBoxConfig
from core.engines import BoxEngine, EngineShelf, spec_named, without_threshold
from core.errors import AppError
from core.events import Assisted, Event, Finished, Noted
from core.geometry import parts_from_crop, rounded
from core.images import read_image
from core.jobs import JobSpec
from core.types import Detections, Part


def run(config: SegmentBoxConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """Yields one Assisted, with the class of what was found.

    Raises:
        AppError: the engine or its weights have no masks for boxes, or the image cannot be read.
    """
    spec = spec_named(config.engine.engine)
    if not spec.segments_boxes:
        raise AppError(f"{spec.title} cannot segment in a box. Choose another engine for that.")
    engine = yield from engines.engine(without_threshold(config.engine))
    yield from map(Noted, engine.notes)
    image = engines.beside(_LastImage).pixels_of(Path(config.image))
    boxes = np.array([config.box], dtype=np.float32)
    among = [place for place, name in enumerate(engine.class_names) if name in config.class_names]
    found = cast(BoxEngine, engine).in_boxes(image, boxes, among)
    if found.masks is None:
        raise AppError(
            "These weights find boxes and no outlines, so they cannot segment in a box. Choose"
            " weights of a Mask R-CNN, or let the assist model segment."
        )
    parts = _parts(found)
    if parts:
        name = engine.class_names[int(found.class_ids[0])]
        yield Assisted(config.image, (parts,), (float(found.scores[0]),), (name,))
    else:
        yield Assisted(config.image, (), ())
    yield Finished()


JOBS = (JobSpec("segment_box", SegmentBoxConfig, run),)


class _LastImage:
    """The pixels that a box was drawn on last: to decode them again takes longer than to answer."""

    def __init__(self) -> None:
        self._stamp: object = None
        self._pixels: npt.NDArray[np.uint8] = np.empty((0, 0, 3), np.uint8)

    def pixels_of(self, path: Path) -> npt.NDArray[np.uint8]:
        """As read_image gives them, read-only."""
        try:
            stat = path.stat()
        except OSError:
            return read_image(path)  # which says what is wrong
        stamp = path, stat.st_mtime_ns, stat.st_size, stat.st_ino
        if stamp != self._stamp:
            pixels = read_image(path)
            pixels.flags.writeable = False
            self._stamp, self._pixels = stamp, pixels
        return self._pixels


def _parts(found: Detections) -> tuple[Part, ...]:
    """Of the only detection, to a hundredth of a pixel; empty where nothing was found."""
    if not len(found) or found.masks is None:
        return ()
    return tuple(map(rounded, parts_from_crop(found.masks[0], found.boxes[0], found.size_hw)))
