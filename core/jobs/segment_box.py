"""Segment in a box: what the weights of the project see in a box that a person drew."""

from collections.abc import Generator
from pathlib import Path
from typing import cast

import numpy as np

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
    image = read_image(Path(config.image))
    boxes = np.array([config.box], dtype=np.float32)
    found = cast(BoxEngine, engine).in_boxes(image, boxes)
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


def _parts(found: Detections) -> tuple[Part, ...]:
    """Of the only detection, to a hundredth of a pixel; empty where nothing was found."""
    if not len(found) or found.masks is None:
        return ()
    return tuple(map(rounded, parts_from_crop(found.masks[0], found.boxes[0], found.size_hw)))
