"""Small projects of drawn photos."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.project import Project
from core.types import ImageLabels, ImageState, Instance, Part

SIZE_HW = (40, 60)
BOX = Part([(5, 5), (35, 5), (35, 30), (5, 30)])


def noise(seed: int, size_hw: tuple[int, int] = SIZE_HW) -> Image.Image:
    """A picture like no other."""
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 255, (*size_hw, 3), dtype=np.uint8))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for photos."""
    made = tmp_path / "photos"
    made.mkdir()
    return made


@pytest.fixture
def opened(folder: Path) -> Iterator[Callable[[], Project]]:
    """Opens the folder as a project; it is closed at the end."""
    projects: list[Project] = []

    def open_it() -> Project:
        project = Project.open(folder)
        projects.append(project)
        for _ in project.scan():
            pass
        return project

    yield open_it
    for project in projects:
        project.close()


@pytest.fixture
def project(folder: Path, opened: Callable[[], Project]) -> Project:
    """Ten done images, a fig in each; four of five to learn from."""
    for number in range(10):
        noise(number).save(folder / f"{number}.png")
    made = opened()
    fig = made.add_class("fig")
    for key in made.keys:
        labels = ImageLabels(SIZE_HW, (Instance("a", fig.id, (BOX,)),), ImageState.DONE)
        made.write(key, labels, stamp="")
    made.assign_splits()
    return made


@pytest.fixture
def label(folder: Path) -> Callable[..., Path]:
    """Writes a label file as another tool would: a fig for each polygon."""

    def label_it(image: str, *polygons: list[list[float]], size_hw: tuple[int, int]) -> Path:
        shapes = [
            {"label": "fig", "points": points, "shape_type": "polygon"} for points in polygons
        ]
        file = (folder / image).with_suffix(".json")
        value = {
            "shapes": shapes,
            "imagePath": image,
            "imageHeight": size_hw[0],
            "imageWidth": size_hw[1],
        }
        file.write_text(json.dumps(value))
        return file

    return label_it
