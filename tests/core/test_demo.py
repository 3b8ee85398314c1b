"""What the demo draws, and what it never empties."""

from pathlib import Path

import numpy as np
import pytest

from core.configs import DemoConfig
from core.demo import JOBS
from core.demo.drawing import SIDE, drawn_images
from core.engines import EngineShelf
from core.errors import AppError
from core.geometry import mask_of
from core.project import Project

DRAW = {spec.name: spec for spec in JOBS}["demo_project"]


def _draw(out: Path) -> None:
    list(DRAW.run(DemoConfig(str(out)), EngineShelf()))


def test_the_drawn_labels_are_what_was_painted() -> None:
    for image in drawn_images(5, seed=1):
        for part in image.parts:
            inside = mask_of((part,), (SIDE, SIDE))
            colours = image.pixels[inside].astype(int)
            saturation = colours.max(axis=1) - colours.min(axis=1)
            assert np.median(saturation) > 60  # the ground is grey


def test_drawing_the_demo_twice_gives_the_same_project(tmp_path: Path) -> None:
    _draw(tmp_path / "demo")
    first = (tmp_path / "demo" / "project" / "drawn_00.png").read_bytes()
    _draw(tmp_path / "demo")
    assert (tmp_path / "demo" / "project" / "drawn_00.png").read_bytes() == first


def test_the_demo_project_has_done_images_and_images_to_do(tmp_path: Path) -> None:
    _draw(tmp_path / "demo")
    project = Project.open(tmp_path / "demo" / "project", wants_to_write=False)
    assert (len(project.done_keys()), len(project.keys)) == (30, 50)
    assert [one.name for one in project.classes] == ["disc", "ring", "box"]


def test_a_folder_that_no_demo_made_is_left_as_it_is(tmp_path: Path) -> None:
    photo = tmp_path / "mine" / "project" / "photo.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"a photo")
    with pytest.raises(AppError, match="not of a demo"):
        _draw(tmp_path / "mine")
    assert photo.read_bytes() == b"a photo"
