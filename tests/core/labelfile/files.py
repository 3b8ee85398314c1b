"""Label files and labels that the tests of this folder are made of."""

import json
from typing import Any

import numpy as np

from core.labelfile import read_labelfile, write_labelfile
from core.labelfile.reading import LabelFileContent
from core.types import ImageLabels, Instance, Part

NAMES = {1: "coat", 2: "hat"}
IDS = {name: class_id for class_id, name in NAMES.items()}
SQUARE = [[10, 10], [30, 10], [30, 30], [10, 30]]
OTHER = [[40.5, 5.25], [60, 8], [50, 30]]


def polygon(points: Any = SQUARE, label: str = "coat", **more: Any) -> dict[str, Any]:
    return {
        "label": label,
        "points": points,
        "group_id": None,
        "description": "",
        "shape_type": "polygon",
        "flags": {},
        "mask": None,
        **more,
    }


def file_of(*shapes: Any, **more: Any) -> dict[str, Any]:
    return {
        "version": "5.5.0",
        "flags": {},
        "shapes": list(shapes),
        "imagePath": "a.jpg",
        "imageData": None,
        "imageHeight": 60,
        "imageWidth": 80,
        **more,
    }


def read(value: Any, size_hw: tuple[int, int] | None = (60, 80)) -> LabelFileContent:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_labelfile(data, size_hw=size_hw, class_id_of=lambda name: IDS.get(name, 9))


def written(labels: ImageLabels, **more: Any) -> Any:
    names = {**NAMES, 9: "other"}
    return json.loads(write_labelfile(labels, image_path="a.jpg", class_names=names, **more))


def square_part(left: float = 10, top: float = 10, side: float = 20) -> Part:
    right, bottom = left + side, top + side
    return Part([[left, top], [right, top], [right, bottom], [left, bottom]])


def ringed_part() -> Part:
    hole = [[15.3, 15.1], [25.2, 15.7], [24.9, 24.4]]
    return Part(square_part().outer, (np.array(hole),))


def labels_of(*instances: Instance, **more: Any) -> ImageLabels:
    return ImageLabels((60, 80), tuple(instances), **more)
