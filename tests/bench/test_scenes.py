"""The pictures that small_data.py draws: the same ones each time, with labels that are true."""

from itertools import combinations
from pathlib import Path

import pytest

from core.geometry import bounds_of, intersection, parts_area
from core.images import read_image
from core.run_folder import SnapshotImage
from core.types import ImageState, Split
from tests.bench._scenes import CLASSES, drawn_images


@pytest.fixture
def drawn(tmp_path: Path) -> list[SnapshotImage]:
    return drawn_images(tmp_path, 12, seed=1, split=Split.TRAIN)


def test_the_same_seed_draws_the_same_pictures(tmp_path: Path) -> None:
    a, b = (drawn_images(tmp_path / name, 2, seed=5, split=Split.VAL) for name in "ab")
    assert [Path(one.file).read_bytes() for one in a] == [Path(one.file).read_bytes() for one in b]


def test_what_is_visible_of_two_instances_is_apart(drawn: list[SnapshotImage]) -> None:
    for image in drawn:
        for one, other in combinations(image.labels.instances, 2):
            assert parts_area(intersection(one.parts, other.parts)) < 1e-6


def test_something_hides_something(drawn: list[SnapshotImage]) -> None:
    shapes = [len(one.parts) for image in drawn for one in image.labels.instances]
    corners = [
        len(one.parts[0].outer)
        for image in drawn
        for one in image.labels.instances
        if one.class_id == 1
    ]
    assert max(shapes) > 1 or any(count != 28 for count in corners)


def test_every_instance_lies_in_its_picture_and_is_of_a_class(drawn: list[SnapshotImage]) -> None:
    ids = {one.id for one in CLASSES}
    for image in drawn:
        assert image.labels.state is ImageState.DONE
        for one in image.labels.instances:
            x0, y0, x1, y1 = bounds_of(one.parts)
            assert one.class_id in ids
            assert 0 <= x0 < x1 <= 256
            assert 0 <= y0 < y1 <= 256


def test_pictures_are_of_the_size_that_is_asked_for(tmp_path: Path) -> None:
    (one,) = drawn_images(tmp_path, 1, seed=0, split=Split.TRAIN, size_hw=(120, 160))
    assert read_image(Path(one.file)).shape == (120, 160, 3)
    assert one.labels.size_hw == (120, 160)
