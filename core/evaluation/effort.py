"""How many edits are left for a person, counted without a person.

A person who turns predictions into the ground truth accepts, moves vertices, changes classes,
deletes and draws. Each of these is one edit; a drawn object costs one edit a vertex.

- Predictions are matched to objects greedily by mask IoU, those of the object's class first, at an
  IoU of at least FIXABLE.
- At an IoU of GOOD and more an object is accepted as predicted, for nothing.
- Between the two, vertices are moved one by one until the IoU is GOOD, the worst error first:
  either a predicted vertex is far from the outline, then it goes to the nearest point of it; or a
  point of the outline is far from the prediction, then the nearest vertex goes there. Each vertex
  is moved once.
- An object without a prediction is drawn, and so is one that drawing brings there sooner. It costs
  the vertices of its outline, simplified as far as an IoU of DRAWN to itself allows, since ground
  truth may be traced pixel by pixel and nobody clicks that often.
- A wrong class costs one edit more, and so does each prediction that matches nothing and lies in no
  crowd: it is deleted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pycocotools.mask
import shapely

from core.effort.left import Left
from core.evaluation.sides import CocoDataset, CocoResults, box_ring, rle_of_coco, size_hw_of
from core.geometry import iou, parts_from_rle, simplify
from core.types import Json, Part

GOOD = 0.90
FIXABLE = 0.50
DRAWN = 0.95
_PREDICTED = 0.98  # what polygons of predictions keep of their masks, as in a pre-label
_SAMPLES = 100  # points along an outline at which it is compared


@dataclass(slots=True)
class _Tally:
    instances: int = 0
    accepted: int = 0
    fixed: int = 0
    drawn: int = 0
    false_positives: int = 0
    wrong_class: int = 0
    edits: int = 0
    edits_drawing_all: int = 0
    left: list[Left] = field(default_factory=list)

    def add_instance(
        self, image: str, one: Mapping[str, Any], *, moves: int, drawing: int, is_wrong_class: bool
    ) -> None:
        edits = moves + is_wrong_class
        self.instances += 1
        self.wrong_class += is_wrong_class
        self.edits += edits
        self.edits_drawing_all += drawing
        is_drawn, is_accepted = moves >= drawing, edits == 0
        self.drawn += is_drawn
        self.fixed += not is_drawn and not is_accepted
        self.accepted += is_accepted
        kind = "drawn" if is_drawn else "accepted" if is_accepted else "fixed"
        name = one.get("instance_id", one.get("id"))
        self.left.append(Left(kind, image, name, is_wrong_class, edits, tuple(one["bbox"])))

    def add_false_positive(self, image: str, one: Mapping[str, Any]) -> None:
        self.false_positives += 1
        self.edits += 1
        self.left.append(Left("false_positives", image, None, False, 1, tuple(one["bbox"])))

    def result(self) -> dict[str, Json]:
        return {
            "instances": self.instances,
            "accepted": self.accepted,
            "fixed": self.fixed,
            "drawn": self.drawn,
            "false_positives": self.false_positives,
            "wrong_class": self.wrong_class,
            "edits_per_instance": self.edits / self.instances if self.instances else None,
            "edits_drawing_all": self.edits_drawing_all,
        }


@dataclass(slots=True)
class _Image:
    name: str
    size_hw: tuple[int, int]
    objects: list[Mapping[str, Any]] = field(default_factory=list)
    crowds: list[Mapping[str, Any]] = field(default_factory=list)
    predictions: list[Mapping[str, Any]] = field(default_factory=list)


def effort(
    ground_truth: CocoDataset, detections: CocoResults, *, min_score: float = 0.5
) -> dict[str, Json]:
    """The counts of counted_effort."""
    counts, _ = counted_effort(ground_truth, detections, min_score=min_score)
    return counts


def counted_effort(
    ground_truth: CocoDataset, detections: CocoResults, *, min_score: float = 0.5
) -> tuple[dict[str, Json], tuple[Left, ...]]:
    """Counts of objects and edits, and what is left of each; accepted, fixed and drawn add up.

    edits_per_instance has everything in it, deletions too; None where there is no object.
    edits_drawing_all is the edits of a person without a model, for all objects together.

    Args:
        ground_truth: a COCO data set; objects without a mask are left out.
        detections: results with the data set's image and category ids. One without a mask is the
            polygon of its box.
        min_score: what scores less is not shown to the person.
    """
    images = {
        one["id"]: _Image(str(one.get("file_name", one["id"])), size_hw_of(one))
        for one in ground_truth["images"]
    }
    for one in ground_truth["annotations"]:
        if one.get("segmentation"):
            image = images[one["image_id"]]
            (image.crowds if one.get("iscrowd") else image.objects).append(one)
    for one in sorted(detections, key=lambda one: -one["score"]):
        if one["score"] >= min_score:
            images[one["image_id"]].predictions.append(one)
    tally = _Tally()
    for image in images.values():
        _count(image, tally)
    return tally.result(), tuple(tally.left)


def _count(image: _Image, tally: _Tally) -> None:
    predicted = [_rle(one, image.size_hw) for one in image.predictions]
    truth = [_rle(one, image.size_hw) for one in image.objects]
    overlaps = _ious(predicted, truth, is_crowd=False)
    partners = _matched(image, overlaps)
    for index, one in enumerate(image.objects):
        outline = _parts_of(one, truth[index])
        drawing = sum(len(ring) for part in outline for ring in simplify(part, min_iou=DRAWN).rings)
        partner = partners.get(index)
        one = _with_box(one, truth[index])
        if partner is None:
            tally.add_instance(
                image.name, one, moves=drawing, drawing=drawing, is_wrong_class=False
            )
            continue
        prediction = image.predictions[partner]
        is_good = overlaps[partner, index] >= GOOD
        tally.add_instance(
            image.name,
            one,
            moves=0 if is_good else _moves(prediction, predicted[partner], outline, limit=drawing),
            drawing=drawing,
            is_wrong_class=prediction["category_id"] != one["category_id"],
        )
    crowds = [_rle(one, image.size_hw) for one in image.crowds]
    in_crowd = np.any(_ious(predicted, crowds, is_crowd=True) >= FIXABLE, axis=1).tolist()
    unmatched = set(range(len(predicted))) - set(partners.values())
    for index in sorted(unmatched):
        if not in_crowd[index]:
            one = _with_box(image.predictions[index], predicted[index])
            tally.add_false_positive(image.name, one)


def _with_box(one: Mapping[str, Any], rle: dict[str, Any]) -> Mapping[str, Any]:
    """With the box of its mask where it has none."""
    return one if one.get("bbox") else {**one, "bbox": pycocotools.mask.toBbox(rle).tolist()}


def _matched(image: _Image, overlaps: npt.NDArray[np.float64]) -> dict[int, int]:
    """Object's index to the index of its prediction."""
    pairs = sorted(
        (
            (
                image.predictions[p]["category_id"] != image.objects[o]["category_id"],
                -overlaps[p, o],
                int(p),
                int(o),
            )
            for p, o in np.argwhere(overlaps >= FIXABLE)
        ),
    )
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, prediction, instance in pairs:
        if instance not in partners and prediction not in taken:
            partners[instance] = prediction
            taken.add(prediction)
    return partners


def _ious(
    predicted: Sequence[Any], truth: Sequence[Any], *, is_crowd: bool
) -> npt.NDArray[np.float64]:
    """(P, N) overlaps; with a crowd, the part of the prediction that lies in it."""
    if not predicted or not truth:
        return np.zeros((len(predicted), len(truth)))
    return np.asarray(pycocotools.mask.iou(predicted, truth, [is_crowd] * len(truth)))


def _rle(one: Mapping[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
    return rle_of_coco(one.get("segmentation") or [box_ring(one["bbox"])], size_hw)


def _parts_of(one: Mapping[str, Any], rle: dict[str, Any]) -> tuple[Part, ...]:
    outline = one.get("segmentation") or [box_ring(one["bbox"])]
    if isinstance(outline, list):
        return tuple(Part(np.reshape(ring, (-1, 2))) for ring in outline if len(ring) >= 6)
    return parts_from_rle(rle)


def _moves(
    prediction: Mapping[str, Any], rle: dict[str, Any], outline: Sequence[Part], *, limit: int
) -> int:
    """Vertex moves until the IoU is GOOD; `limit` where they would be as many or never enough."""
    parts = [simplify(part, min_iou=_PREDICTED) for part in _parts_of(prediction, rle)]
    rings = [np.array(ring) for part in parts for ring in part.rings]
    counts = [len(part.rings) for part in parts]
    border = _lines([ring for part in outline for ring in part.rings])
    samples = shapely.points(
        shapely.get_coordinates(shapely.segmentize(border, max(border.length / _SAMPLES, 0.5)))
    )
    vertices = [(r, v) for r, ring in enumerate(rings) for v in range(len(ring))]
    for moves in range(limit):
        if iou(_grouped(rings, counts), tuple(outline)) >= GOOD:
            return moves
        if not vertices:
            break
        vertices.remove(_move_the_worst(rings, vertices, border, samples))
    return limit


def _move_the_worst(
    rings: list[npt.NDArray[np.float64]],
    vertices: Sequence[tuple[int, int]],
    border: shapely.Geometry,
    samples: npt.NDArray[Any],
) -> tuple[int, int]:
    """Moves one of the vertices, in place, and says which."""
    points = shapely.points(np.array([rings[r][v] for r, v in vertices]))
    astray = shapely.distance(points, border)
    missed = shapely.distance(samples, _lines(rings))
    if astray.max() >= missed.max():
        mover = int(astray.argmax())
        goal = shapely.get_coordinates(shapely.shortest_line(border, points[mover]))[0]
    else:
        goal_point = samples[int(missed.argmax())]
        mover = int(shapely.distance(points, goal_point).argmin())
        goal = shapely.get_coordinates(goal_point)[0]
    ring, vertex = vertices[mover]
    rings[ring][vertex] = goal
    return vertices[mover]


def _lines(rings: Sequence[npt.NDArray[np.float64]]) -> shapely.Geometry:
    return shapely.multilinestrings([shapely.linestrings([*ring, ring[0]]) for ring in rings])


def _grouped(rings: Sequence[npt.NDArray[np.float64]], counts: Sequence[int]) -> tuple[Part, ...]:
    parts, at = [], 0
    for count in counts:
        parts.append(Part(rings[at], tuple(rings[at + 1 : at + count])))
        at += count
    return tuple(parts)
