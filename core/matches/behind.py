"""The images behind a number: which instances and detections a cell or a point counts."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.matches import IGNORED, NONE, Indices, Matches
from core.matches.confusion import is_missed
from core.types import Json


@dataclass(frozen=True, slots=True)
class Pair:
    """An instance of the ground truth and what found it, or one of them without the other."""

    image: str
    """The key, or the file name."""
    truth: int | None
    """Index into the truths; None: a detection on no instance."""
    detection: int | None
    """Index into the found; None: an instance that nothing found."""
    truth_name: Json
    """The instance's id, or the annotation's; None without one."""
    number: int | None
    """Which of the image's detections it is, from 0."""
    truth_class: int | None
    predicted_class: int | None
    score: float | None
    iou: float
    """Of the two; of a detection alone, its highest with any instance."""
    area: float
    """Of the instance; of a detection alone, its own. Pixels."""
    box_xywh: tuple[float, ...]
    """Where to look, in image pixels: the instance's, or the detection's alone."""


def behind_cell(matches: Matches, row: int, column: int, *, threshold: float) -> tuple[Pair, ...]:
    """What a cell of the confusion matrix counts; the index of the classes' number is background.

    The best score is first, of missed instances the largest.
    """
    k, found = len(matches.classes), matches.found
    if column == k:
        missed = is_missed(matches, threshold) & (matches.truths.class_index == row)
        return _missed(matches, np.flatnonzero(missed))
    counts = (found.score >= threshold) & (found.of_any > IGNORED) & (found.class_index == column)
    # where of_any is below 0 the class is not looked at: another number in its place is harmless
    truth_class = _classes_of(matches, found.of_any)
    counts &= np.where(found.of_any > NONE, truth_class, k) == row
    return _pairs(matches, np.flatnonzero(counts), found.of_any)


def right(matches: Matches, class_index: int | None, *, threshold: float) -> tuple[Pair, ...]:
    """The true positives of a point of the curves of a class, or of all; the best score first."""
    is_right = matches.found.of_class > NONE
    return _pairs(
        matches, _shown(matches, is_right, class_index, threshold), matches.found.of_class
    )


def wrong(matches: Matches, class_index: int | None, *, threshold: float) -> tuple[Pair, ...]:
    """The false positives of a point of the curves of a class, or of all; the best score first."""
    is_wrong = matches.found.of_class == NONE
    return _pairs(
        matches, _shown(matches, is_wrong, class_index, threshold), matches.found.of_class
    )


def missing(matches: Matches, class_index: int | None, *, threshold: float) -> tuple[Pair, ...]:
    """The instances that a point of the curves did not find; the largest first."""
    found, truths = matches.found, matches.truths
    partner = found.of_class[found.score >= threshold]
    is_missing = np.ones(len(truths), np.bool_)
    is_missing[partner[partner > NONE]] = False
    if class_index is not None:
        is_missing &= truths.class_index == class_index
    return _missed(matches, np.flatnonzero(is_missing))


def counted(matches: Matches, class_index: int | None) -> tuple[Pair, ...]:
    """The instances of a class, or of all: what a count of the ground truth counts."""
    truths = matches.truths
    is_one = np.ones(len(truths), np.bool_)
    if class_index is not None:
        is_one = truths.class_index == class_index
    return _missed(matches, np.flatnonzero(is_one))


def by_image(pairs: Iterable[Pair]) -> dict[str, tuple[Pair, ...]]:
    """Image by image, in the order in which the images first come."""
    images: dict[str, list[Pair]] = {}
    for one in pairs:
        images.setdefault(one.image, []).append(one)
    return {key: tuple(several) for key, several in images.items()}


def unmatched_by_image(matches: Matches, threshold: float) -> Indices:
    """(images,) missed instances and wrong detections of each image, by the matching of its class.

    An instance that was found as another class counts twice: it is missed, and something is wrong.
    """
    found, n = matches.found, len(matches.images)
    is_wrong = (found.of_class == NONE) & (found.score >= threshold)
    partner = found.of_class[found.score >= threshold]
    is_missing = np.ones(len(matches.truths), np.bool_)
    is_missing[partner[partner > NONE]] = False
    return np.asarray(
        np.bincount(found.image[is_wrong], minlength=n)
        + np.bincount(matches.truths.image[is_missing], minlength=n),
        np.int64,
    )


def _classes_of(matches: Matches, partner: Indices) -> Indices:
    classes = np.append(matches.truths.class_index, NONE)  # for indices below 0
    return np.asarray(classes[np.maximum(partner, NONE)])


def _shown(
    matches: Matches,
    which: np.ndarray[tuple[int], np.dtype[np.bool_]],
    class_index: int | None,
    threshold: float,
) -> Indices:
    found = matches.found
    shown = which & (found.score >= threshold)
    if class_index is not None:
        shown &= found.class_index == class_index
    return np.flatnonzero(shown)


def _pairs(matches: Matches, detections: Indices, partner: Indices) -> tuple[Pair, ...]:
    best_first = detections[np.argsort(-matches.found.score[detections], kind="stable")]
    return tuple(_pair(matches, int(one), int(partner[one])) for one in best_first)


def _pair(matches: Matches, detection: int, truth: int) -> Pair:
    found, truths = matches.found, matches.truths
    is_alone = truth <= NONE
    area = found.area[detection] if is_alone else truths.area[truth]
    box = found.box_xywh[detection] if is_alone else truths.box_xywh[truth]
    return Pair(
        image=matches.images[found.image[detection]],
        truth=None if is_alone else truth,
        detection=detection,
        truth_name=None if is_alone else truths.name[truth],
        number=int(found.number[detection]),
        truth_class=None if is_alone else int(truths.class_index[truth]),
        predicted_class=int(found.class_index[detection]),
        score=float(found.score[detection]),
        iou=float(found.iou[detection]),
        area=float(area),
        box_xywh=tuple(map(float, box)),
    )


def _missed(matches: Matches, instances: Indices) -> tuple[Pair, ...]:
    truths = matches.truths
    largest_first = instances[np.argsort(-truths.area[instances], kind="stable")]
    return tuple(
        Pair(
            image=matches.images[truths.image[one]],
            truth=int(one),
            detection=None,
            truth_name=truths.name[one],
            number=None,
            truth_class=int(truths.class_index[one]),
            predicted_class=None,
            score=None,
            iou=0.0,
            area=float(truths.area[one]),
            box_xywh=tuple(map(float, truths.box_xywh[one])),
        )
        for one in largest_first
    )
