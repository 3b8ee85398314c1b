"""Pictures that are nearly the same, one learnt from and one measured on."""

from pathlib import Path

import numpy as np
from PIL import Image

from core.project import Project
from core.readiness import Finding, look
from core.types import Split


def looked(project: Project) -> tuple[Finding, ...]:
    steps = look(project)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def blocks(seed: int) -> Image.Image:
    """A picture of 10 x 15 blocks, which stays itself when it is resized."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (10, 15, 3), dtype=np.uint8))
    return coarse.resize((60, 40), Image.Resampling.BICUBIC)


def ends_of(project: Project) -> tuple[str, str]:
    """An image to learn from, and one to measure on."""
    return project.keys_of(Split.TRAIN)[0], project.keys_of(Split.VAL)[0]


def test_a_picture_that_was_saved_anew_is_told_beside_the_one_it_is_like(
    project: Project, folder: Path
) -> None:
    train, val = ends_of(project)
    blocks(1).save(folder / train)
    blocks(1).resize((30, 20)).resize((60, 40)).save(folder / val)
    (only,) = looked(project)
    assert (
        f"1 image to measure on looks nearly the same as one to learn from: {val} like {train}"
        in (only.sentence)
    )
    assert only.keys == (val,)
    assert only.fix is None


def test_pictures_that_are_alike_on_one_side_are_no_finding(project: Project, folder: Path) -> None:
    one, other, *_ = project.keys_of(Split.TRAIN)
    blocks(1).save(folder / one)
    blocks(1).resize((30, 20)).resize((60, 40)).save(folder / other)
    assert looked(project) == ()


def test_a_copy_is_not_told_twice(project: Project, folder: Path) -> None:
    train, val = ends_of(project)
    (folder / val).write_bytes((folder / train).read_bytes())
    (only,) = looked(project)
    assert "both learnt from and measured on" in only.sentence


def test_of_flat_pictures_nothing_can_be_told(project: Project, folder: Path) -> None:
    for key, grey in zip(ends_of(project), (80, 90), strict=True):
        Image.new("RGB", (60, 40), (grey, grey, grey)).save(folder / key)
    assert looked(project) == ()
