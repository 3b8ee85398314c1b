"""COCO files and labels that the tests of this folder are made of."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.formats import LabelledImage
from core.formats.coco import FORMAT
from core.types import (
    ImageLabels,
    ImageState,
    Instance,
    LabelClass,
    Part,
)

FIXTURES = Path(__file__).parent.parent / "fixtures" / "coco"
CLASSES = (LabelClass(7, "hat", "#e69f00"), LabelClass(1, "coat", "#0072b2"))


class Classes:
    """Gives every name an id: the wished one where it is free."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}

    def __call__(self, name: str, wish: int | None) -> int:
        if name not in self.ids:
            free = wish is not None and wish not in self.ids.values()
            self.ids[name] = wish if free and wish is not None else 100 + len(self.ids)
        return self.ids[name]


def picture(file: Path, size: tuple[int, int] = (8, 6)) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(file)
    return file


def read(source: Path, images: Path | None = None) -> list[LabelledImage]:
    assert FORMAT.read is not None
    return list(FORMAT.read(source, images, Classes()))


def read_value(folder: Path, value: Any) -> list[LabelledImage]:
    source = folder / "instances.json"
    source.write_text(json.dumps(value))
    return read(source)


def read_fixture(name: str, folder: Path) -> LabelledImage:
    """The first image of a fixture, with a picture of it beside."""
    source = folder / name
    shutil.copyfile(FIXTURES / name, source)
    picture(folder / "street.jpg")
    return read(source)[0]


def sentences(images: Iterable[LabelledImage]) -> str:
    return "\n".join(f"{one.where}: {one.sentence}" for image in images for one in image.problems)


def data_set(*annotations: Any, **more: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "file_name": "street.jpg", "width": 8, "height": 6}],
        "categories": [{"id": 1, "name": "coat"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, **one} for one in annotations],
        **more,
    }


def written(out: Path, *images: LabelledImage) -> Any:
    assert FORMAT.write is not None
    FORMAT.write(out, images, CLASSES)
    return json.loads(out.read_text(encoding="utf-8"))


def image_of(key: str, *instances: Instance, **more: Any) -> LabelledImage:
    return LabelledImage(key, ImageLabels((60, 80), instances, ImageState.DONE, **more))


SQUARE = Part(np.array([[10.25, 10], [30, 10], [30, 30], [10.25, 30]]))
RINGED = Part(SQUARE.outer, (np.array([[15.0, 15.0], [25.0, 15.0], [25.0, 25.0]]),))
FAR = Part(np.array([[50.0, 40.0], [70.0, 40.0], [60.0, 55.0]]))
