"""Moves of images to other splits, which are batches that change no label file."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.batches import batches, move_to_splits, moved_in, take_back
from core.errors import AppError
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, Part, Split

DONE = ImageLabels((60, 80), (), ImageState.DONE)
SQUARE = Instance("more", 1, (Part([[5, 2], [15, 2], [15, 12], [5, 12]]),))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """b and d are done, and images to learn from; e is none of it."""
    monkeypatch.setattr("core.project.project.user_cache_folder", lambda: tmp_path / "cache")
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in "bde":
        picture = np.full((60, 80, 3), ord(name), np.uint8)
        (folder / f"{name}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    opened = Project.open(folder)
    opened.add_class("jeans")
    for key in ("b.png", "d.png"):
        opened.write(key, DONE, stamp="")
    opened.assign_splits()
    opened.move_to_splits(dict.fromkeys(("b.png", "d.png"), Split.TRAIN))
    yield opened
    opened.close()


def test_a_move_to_another_split_is_taken_back_after_a_restart(project: Project) -> None:
    moved = move_to_splits(project, "1", {"b.png": Split.VAL, "d.png": Split.TRAIN})
    assert moved == ("b.png",)
    assert project.splits["b.png"] is Split.VAL
    project.close()
    again = Project.open(project.folder)
    assert batches(again) == ("1",)
    assert moved_in(again, "1") == ("b.png",)
    assert take_back(again, "1") == (("b.png",), ())
    assert again.splits["b.png"] is Split.TRAIN
    assert batches(again) == ()
    again.close()


def test_a_move_is_taken_back_though_the_labels_changed_since(project: Project) -> None:
    move_to_splits(project, "1", {"b.png": Split.VAL})
    loaded = project.read("b.png")
    project.write("b.png", replace(DONE, instances=(SQUARE,)), stamp=loaded.stamp)
    assert take_back(project, "1").restored == ("b.png",)
    assert len(project.read("b.png").labels.instances) == 1


def test_an_image_that_was_moved_again_stays_in_its_split(project: Project) -> None:
    move_to_splits(project, "1", dict.fromkeys(("b.png", "d.png"), Split.VAL))
    project.move_to_splits({"d.png": Split.TEST})
    assert take_back(project, "1") == (("b.png",), ("d.png",))
    assert project.splits["b.png"] is Split.TRAIN
    assert project.splits["d.png"] is Split.TEST


def test_a_move_that_cannot_be_stored_is_no_batch(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise AppError("The disk is full.")

    monkeypatch.setattr(project, "move_to_splits", full)
    with pytest.raises(AppError, match="disk is full"):
        move_to_splits(project, "1", {"b.png": Split.VAL})
    assert batches(project) == ()


def test_a_move_to_where_all_are_is_no_batch(project: Project) -> None:
    assert move_to_splits(project, "1", {"b.png": Split.TRAIN, "e.png": Split.VAL}) == ()
    assert batches(project) == ()
