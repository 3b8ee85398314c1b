"""A prompt put to a loaded model: what it finds, as parts in pixels of the image."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.assist.library import Embedding, LoadedModel, Sighting
from core.assist.models import AssistModel
from core.assist.outlines import parts_of_sighting
from core.configs import AssistConfig
from core.events import Progress
from core.geometry import box_iou
from core.images import Pixels
from core.types import Part

Points = npt.NDArray[np.float64]
_BESIDE, _ON, _FIRST_CORNER, _SECOND_CORNER = 0, 1, 2, 3
_NO_POINTS = np.zeros((0, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """An image as models are shown it, no larger than they look at."""

    pixels: Pixels
    """(h, w, 3) uint8 RGB."""
    size_hw: tuple[int, int]
    """Of the image itself."""

    @property
    def scale(self) -> Points:
        """(2,) pixels of the picture, x and y, for one of the image."""
        height, width = self.pixels.shape[:2]
        return np.array([width / self.size_hw[1], height / self.size_hw[0]])


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found."""

    parts: tuple[Part, ...]
    score: float


def refusal_of(model: AssistModel, config: AssistConfig) -> str:
    """Why the model cannot be asked that, and which one can; an empty string where it can."""
    if config.text and not model.takes_text:
        return f"{model.title} does not read texts. Choose SAM 3 or YOLO-World, or click instead."
    if config.points and not model.takes_points:
        return f"{model.title} takes no points. Choose SAM 2.1 or EfficientSAM for that."
    if config.box and not model.takes_box:
        return f"{model.title} takes no box. Choose SAM 2.1 or EfficientSAM for that."
    return ""


def found_by_hand(
    model: LoadedModel, seen: Seen, embedding: Embedding, config: AssistConfig
) -> list[Found]:
    """What lies where points and a box say: one thing, or nothing."""
    corners, on, beside = _placed(seen, config)
    points = np.concatenate([corners, on, beside])
    labels = [_FIRST_CORNER, _SECOND_CORNER][: len(corners)] + [_ON] * len(on)
    labels += [_BESIDE] * len(beside)
    sightings = model.ask(
        seen.pixels, embedding, points=points, point_labels=np.array(labels, dtype=np.int64)
    )
    if len(sightings) > 1:  # SAM 3 tells all that looks like what is in the box
        sightings = [_nearest(sightings, corners)]
    return _found(sightings, seen, on=on, beside=beside)


def found_by_text(
    model: LoadedModel, seen: Seen, embedding: Embedding, config: AssistConfig
) -> list[Sighting]:
    """Everything that the text names, best first."""
    sightings = model.ask(seen.pixels, embedding, text=config.text, score=config.score)
    return sorted(sightings, key=lambda one: -(one.score or 0.0))


def outlined(
    sightings: list[Sighting], model: LoadedModel | None, seen: Seen, embedding: Embedding
) -> Generator[Progress, None, list[Found]]:
    """What was seen as parts; where only boxes were, another model finds what stands in them.

    Args:
        sightings: of one picture.
        model: the other model, or None where there are masks.
        seen: the picture.
        embedding: the other model's.
    """
    found: list[Found] = []
    for done, sighting in enumerate(sightings, start=1):
        if model is None:
            found += _found([sighting], seen)
            continue
        corners = np.array(sighting.box_xyxy, dtype=np.float64).reshape(2, 2)
        labels = np.array([_FIRST_CORNER, _SECOND_CORNER])
        masks = model.ask(seen.pixels, embedding, points=corners, point_labels=labels)
        found += _found(masks, seen, score=sighting.score)
        yield Progress(done, len(sightings), "outlined")
    return found


def _placed(seen: Seen, config: AssistConfig) -> tuple[Points, Points, Points]:
    """The box's corners, points on the instance and beside it, in pixels of the picture."""
    high = np.array(seen.pixels.shape[1::-1], dtype=np.float64)

    def placed(points: list[tuple[float, float]]) -> Points:
        return np.clip(np.array(points).reshape(-1, 2) * seen.scale, 0, high)

    x0, y0, x1, y1 = config.box or (0.0,) * 4
    corners = [(min(x0, x1), min(y0, y1)), (max(x0, x1), max(y0, y1))] if config.box else []
    return (
        placed(corners),
        placed([(x, y) for x, y, is_there in config.points if is_there]),
        placed([(x, y) for x, y, is_there in config.points if not is_there]),
    )


def _found(
    sightings: list[Sighting],
    seen: Seen,
    *,
    on: Points = _NO_POINTS,
    beside: Points = _NO_POINTS,
    score: float | None = None,
) -> list[Found]:
    picture_hw = (seen.pixels.shape[0], seen.pixels.shape[1])
    found = []
    for one in sightings:
        parts = parts_of_sighting(one, picture_hw, seen.size_hw, on=on, beside=beside)
        said = one.score if score is None else score
        if parts:
            found.append(Found(parts, 1.0 if said is None else said))
    return found


def _nearest(sightings: list[Sighting], corners: Points) -> Sighting:
    """The one that fills the box best."""
    boxes = np.array([one.box_xyxy for one in sightings], dtype=np.float64)
    return sightings[int(box_iou(boxes, corners.reshape(1, 4)).argmax())]
