"""A COCO file, written as a stream."""

import json
import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import shapely

from core.atomic import make_folder, replacement_of
from core.formats import LabelledImage
from core.geometry import bounds_of, parts_area, rle_of
from core.types import ImageLabels, Instance, InstanceState, LabelClass, Problem

_INFO: Final = {"description": "Exported by Maskloop", "version": "1.0"}


@dataclass(frozen=True, slots=True)
class _Spooled:
    """Where the annotations of an image lie in the spool file."""

    key: str
    size_hw: tuple[int, int]
    offset: int
    n_annotations: int


def write(
    out: Path, images: Iterable[LabelledImage], classes: Sequence[LabelClass]
) -> list[Problem]:
    """One COCO file of these images, sorted by key; the same input gives the same bytes.

    Image and annotation ids count from 1, category ids are the classes' own. An instance is its
    polygons, with every digit; one with holes, and a crowd, is a compressed RLE of the whole image,
    because a list of polygons is a union. The area is that of the union of its polygons without its
    holes, in square pixels, not a count of mask pixels; the box is that of the outer rings. Both
    are rounded to a ten-thousandth. Neither is cut at the border of the image.

    Memory does not grow with the number of instances: an image's lines wait in a file beside `out`.

    Raises:
        AppError: the disk is full, read-only or gone; what was there is then still there.
    """
    make_folder(out.parent)
    problems: list[Problem] = []
    with replacement_of(out) as temporary, tempfile.TemporaryFile(dir=out.parent) as spool:
        spooled = sorted(_spool(images, spool, problems), key=lambda one: one.key)
        with temporary.open("wb") as whole:
            whole.writelines(_pieces(spooled, spool, classes))
    return problems


def _spool(
    images: Iterable[LabelledImage], spool: BinaryIO, problems: list[Problem]
) -> Iterator[_Spooled]:
    for image in images:
        labels = image.labels
        offset = spool.tell()
        for line in _annotations(labels):
            spool.write(_encoded(line) + b"\n")
        yield _Spooled(image.key, labels.size_hw, offset, len(labels.instances))
        if labels.foreign_shapes:
            sentence = (
                f"{len(labels.foreign_shapes)} shapes that are no instances (lines, points, broken"
                " ones) have no place in a COCO file."
            )
            problems.append(Problem(image.key, sentence))


def _annotations(labels: ImageLabels) -> Iterator[str]:
    """The annotations of an image as JSON without their ids and without the opening brace."""
    measured = _areas_and_boxes(labels.instances)
    for instance, (area, box) in zip(labels.instances, measured, strict=True):
        if instance.crowd or any(part.holes for part in instance.parts):
            segmentation = json.dumps(rle_of(instance.parts, labels.size_hw))
        else:
            polygons = [str(part.outer.ravel().tolist()) for part in instance.parts]
            segmentation = f"[{', '.join(polygons)}]"
        more = ""
        if instance.score is not None and instance.state is InstanceState.PREDICTED:
            more += f', "score": {json.dumps(instance.score)}'
        if instance.attributes:
            attributes = json.dumps(dict(instance.attributes), ensure_ascii=False)
            more += f', "attributes": {attributes}'
        yield (
            f'"category_id": {instance.class_id}, "segmentation": {segmentation},'
            f' "area": {area}, "bbox": {box}, "iscrowd": {int(instance.crowd)}{more}}}'
        )


def _areas_and_boxes(instances: Sequence[Instance]) -> Iterator[tuple[float, list[float]]]:
    """Area and x y width height of every instance.

    Most are one plain polygon, and those are measured together: one by one it takes five times as
    long.
    """
    plain = [i for i, one in enumerate(instances) if len(one.parts) == 1 and not one.parts[0].holes]
    measured: dict[int, tuple[float, list[float]]] = {}
    if plain:
        rings = [instances[i].parts[0].outer for i in plain]
        owners = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
        polygons = shapely.polygons(shapely.linearrings(np.concatenate(rings), indices=owners))
        # a ring that crosses itself has no area that shapely would give right
        of_valid = np.where(shapely.is_valid(polygons), shapely.area(polygons), np.nan).tolist()
        boxes = shapely.bounds(polygons).tolist()
        measured = dict(zip(plain, zip(of_valid, boxes, strict=True), strict=True))
    for i, instance in enumerate(instances):
        area, (x0, y0, x1, y1) = measured.get(i) or (math.nan, bounds_of(instance.parts))
        if math.isnan(area):
            area = parts_area(instance.parts)
        yield round(area, 4), [round(x0, 4), round(y0, 4), round(x1 - x0, 4), round(y1 - y0, 4)]


def _pieces(
    spooled: Sequence[_Spooled], spool: BinaryIO, classes: Sequence[LabelClass]
) -> Iterator[bytes]:
    yield _encoded(f'{{"info": {json.dumps(_INFO)},\n"licenses": [],\n"images": [')
    for image_id, image in enumerate(spooled, start=1):
        height, width = image.size_hw
        name = json.dumps(image.key, ensure_ascii=False)
        line = f'"file_name": {name}, "width": {width}, "height": {height}}}'
        yield _encoded(f'{_separator(image_id)}{{"id": {image_id}, {line}')
    yield b'\n],\n"annotations": ['
    annotation_id = 0
    for image_id, image in enumerate(spooled, start=1):
        spool.seek(image.offset)
        for _ in range(image.n_annotations):
            annotation_id += 1
            ids = f'{{"id": {annotation_id}, "image_id": {image_id}, '
            yield _encoded(_separator(annotation_id) + ids) + spool.readline().rstrip(b"\n")
    categories = [
        json.dumps({"id": one.id, "name": one.name, "supercategory": ""}, ensure_ascii=False)
        for one in sorted(classes, key=lambda one: one.id)
    ]
    lines = "".join(f"{_separator(n)}{one}" for n, one in enumerate(categories, start=1))
    yield _encoded(f'\n],\n"categories": [{lines}\n]}}\n')


def _separator(number: int) -> str:
    return "\n" if number == 1 else ",\n"


def _encoded(text: str) -> bytes:
    # half a character becomes its own JSON escape
    return text.encode("utf-8", "backslashreplace")
