"""Splits that a person moves, and the hashes that they are given by."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import AppError
from core.project import Project
from core.types import ImageLabels, ImageState, Split


@pytest.fixture
def photos(folder: Path) -> Path:
    """Six done images of noise, with their splits."""
    rng = np.random.default_rng(0)
    for number in range(6):
        pixels = rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    project = Project.open(folder)
    for number in range(6):
        labels = ImageLabels((20, 30), state=ImageState.DONE)
        project.write(f"{number}.png", labels, stamp="")
    project.assign_splits()
    project.close()
    return folder


def test_a_move_is_stored_and_gives_what_takes_it_back(photos: Path) -> None:
    project = Project.open(photos)
    before = dict(project.splits)
    (val, *_) = project.keys_of(Split.VAL)
    had = project.move_to_splits({val: Split.TRAIN, "not there.png": Split.VAL})
    assert had == {val: Split.VAL}
    project.close()
    again = Project.open(photos)
    assert again.splits == {**before, val: Split.TRAIN}
    again.move_to_splits(had)
    assert again.splits == before
    again.close()


def test_what_stays_where_it_is_has_not_moved(photos: Path) -> None:
    project = Project.open(photos)
    assert project.move_to_splits(project.splits) == {}
    project.close()


def test_a_reader_moves_nothing(photos: Path) -> None:
    project = Project.open(photos, wants_to_write=False)
    with pytest.raises(AppError):
        project.move_to_splits(dict.fromkeys(project.splits, Split.TEST))
    project.close()


def test_an_image_that_breaks_off_has_no_picture_hash(photos: Path) -> None:
    whole = (photos / "1.png").read_bytes()
    (photos / "1.png").write_bytes(whole[: len(whole) // 2])
    project = Project.open(photos)
    assert project.picture_hash("0.png")
    assert project.picture_hash("1.png") == ""
    project.close()
