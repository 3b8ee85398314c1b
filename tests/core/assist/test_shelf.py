"""Prompts to a real pair of ONNX files, through osam: what comes back as parts."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from PIL import Image

from core.assist import AssistShelf, Found
from core.configs import AssistConfig
from core.errors import AppError
from core.geometry import mask_of, parts_area
from core.types import Part
from tests.core.assist.made import Offered


def picture(path: Path, size_wh: tuple[int, int], grey: int = 51, **saved: Any) -> Path:
    """An image of one grey: the made model draws discs of a hundred times its brightness."""
    Image.new("RGB", size_wh, (grey, grey, grey)).save(path, **saved)
    return path


def result_of(events: Generator[object, None, list[Found]]) -> list[Found]:
    """What the generator returns."""
    while True:
        try:
            next(events)
        except StopIteration as end:
            return list(end.value)


def answer(shelf: AssistShelf, image: Path, **asked: Any) -> list[Found]:
    return result_of(shelf.answer(AssistConfig(str(image), **asked)))


def polygon(part: Part) -> shapely.Polygon:
    return shapely.Polygon(part.outer, part.holes)


def iou(found: Found, expected: shapely.Geometry) -> float:
    region = shapely.union_all([polygon(part) for part in found.parts])
    return float(region.intersection(expected).area / region.union(expected).area)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return picture(tmp_path / "a.png", (200, 120))


def test_a_point_gives_the_disc_around_it_in_few_vertices(discs: Offered, image: Path) -> None:
    (found,) = answer(AssistShelf(), image, points=((60.0, 50.0, True),))
    assert iou(found, shapely.Point(60, 50).buffer(20)) > 0.97
    assert sum(len(part.outer) for part in found.parts) <= 20


def test_what_reaches_out_of_the_image_is_cut_at_its_border(discs: Offered, image: Path) -> None:
    (found,) = answer(AssistShelf(), image, points=((195.0, 5.0, True),))
    outer = found.parts[0].outer
    assert outer.min() >= 0
    assert (outer.max(axis=0) <= (200, 120)).all()
    assert iou(found, shapely.Point(195, 5).buffer(20) & shapely.box(0, 0, 200, 120)) > 0.97


def test_a_point_beside_the_instance_leaves_something_out(discs: Offered, image: Path) -> None:
    (found,) = answer(AssistShelf(), image, points=((60.0, 50.0, True), (80.0, 50.0, False)))
    expected = shapely.Point(60, 50).buffer(20) - shapely.Point(80, 50).buffer(20)
    assert iou(found, expected) > 0.95


def test_two_points_on_the_instance_give_two_parts(discs: Offered, image: Path) -> None:
    (found,) = answer(AssistShelf(), image, points=((40.0, 50.0, True), (120.0, 50.0, True)))
    assert len(found.parts) == 2


@pytest.mark.parametrize("box", [(30.0, 20.0, 90.0, 70.0), (90.0, 70.0, 30.0, 20.0)])
def test_a_box_gives_what_stands_in_it_whichever_corner_comes_first(
    discs: Offered, image: Path, box: tuple[float, float, float, float]
) -> None:
    (found,) = answer(AssistShelf(), image, box=box)
    assert iou(found, shapely.box(30, 20, 90, 70)) > 0.97


def test_a_point_beyond_the_image_counts_at_its_border(discs: Offered, image: Path) -> None:
    (found,) = answer(AssistShelf(), image, points=((60.0, -500.0, True),))
    assert iou(found, shapely.Point(60, 0).buffer(20) & shapely.box(0, 0, 200, 120)) > 0.95


def test_a_box_beyond_the_image_holds_nothing(discs: Offered, image: Path) -> None:
    assert answer(AssistShelf(), image, box=(300.0, 10.0, 400.0, 60.0)) == []


def test_where_the_model_sees_nothing_nothing_is_found(discs: Offered, tmp_path: Path) -> None:
    black = picture(tmp_path / "black.png", (64, 64), grey=0)
    assert answer(AssistShelf(), black, points=((10.0, 10.0, True),)) == []


def test_an_image_of_a_few_pixels_can_be_asked(discs: Offered, tmp_path: Path) -> None:
    small = picture(tmp_path / "small.png", (5, 3), grey=255)
    (found,) = answer(AssistShelf(), small, points=((2.0, 1.0, True),))
    assert mask_of(found.parts, (3, 5)).all()


def test_a_large_image_is_shown_smaller_and_answered_in_its_own_pixels(
    discs: Offered, tmp_path: Path
) -> None:
    large = picture(tmp_path / "large.png", (4000, 2000))
    (found,) = answer(AssistShelf(), large, points=((1000.0, 800.0, True),))
    assert discs.encoded_hw == [(512, 1024)]
    assert iou(found, shapely.Point(1000, 800).buffer(20 * 4000 / 1024)) > 0.97


def test_an_image_is_asked_as_it_is_displayed(discs: Offered, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    turned = picture(tmp_path / "turned.jpg", (200, 120), exif=exif)
    (found,) = answer(AssistShelf(), turned, points=((60.0, 170.0, True),))
    assert discs.encoded_hw == [(200, 120)]
    assert iou(found, shapely.Point(60, 170).buffer(20)) > 0.95


def test_an_image_of_16_bits_can_be_asked(discs: Offered, tmp_path: Path) -> None:
    deep = tmp_path / "deep.png"
    Image.fromarray(np.full((120, 200), 51 * 257, dtype=np.uint16)).save(deep)
    (found,) = answer(AssistShelf(), deep, points=((60.0, 50.0, True),))
    assert iou(found, shapely.Point(60, 50).buffer(20)) > 0.97


def test_an_image_is_encoded_once_for_all_its_prompts(discs: Offered, image: Path) -> None:
    shelf = AssistShelf()
    assert shelf.embed_ahead(AssistConfig(str(image)))
    for x in (30.0, 60.0, 90.0):
        answer(shelf, image, points=((x, 50.0, True),))
    assert len(discs.encoded_hw) == 1


def test_an_image_that_changed_on_disk_is_encoded_again(discs: Offered, image: Path) -> None:
    shelf = AssistShelf()
    (before,) = answer(shelf, image, points=((60.0, 50.0, True),))
    picture(image, (200, 120), grey=102)
    os.utime(image, ns=(1, 1))
    (after,) = answer(shelf, image, points=((60.0, 50.0, True),))
    assert parts_area(after.parts) > 3 * parts_area(before.parts)


def test_embeddings_that_take_too_much_memory_go_oldest_first(
    discs: Offered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.assist.shelf._MOST_BYTES", 150_000)
    a, b, c = (picture(tmp_path / f"{name}.png", (200, 120)) for name in "abc")
    shelf = AssistShelf()
    for one in (a, b, a, c, a):
        shelf.embed_ahead(AssistConfig(str(one)))
    assert len(discs.encoded_hw) == 3
    shelf.embed_ahead(AssistConfig(str(b)))
    assert len(discs.encoded_hw) == 4


def test_an_image_that_is_no_image_is_said_so(discs: Offered, tmp_path: Path) -> None:
    (tmp_path / "no.jpg").write_bytes(b"no image")
    with pytest.raises(AppError, match=r"no\.jpg"):
        answer(AssistShelf(), tmp_path / "no.jpg", points=((1.0, 1.0, True),))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"text": "jeans"}, "does not read texts"),
        ({"model": "sam3:latest", "points": ((1.0, 1.0, True),)}, "takes no points"),
        ({"model": "yoloworld:latest", "box": (1.0, 1.0, 5.0, 5.0)}, "takes no box"),
        ({"model": "nobody"}, "No assistant is named nobody"),
        ({"model": "sam2:tiny"}, "does not offer SAM 2.1 tiny"),
    ],
)
def test_what_a_model_cannot_be_asked_is_refused_with_another_way(
    discs: Offered, image: Path, asked: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AppError, match=sentence):
        answer(AssistShelf(), image, **asked)


def test_a_damaged_file_is_deleted_and_named(discs: Offered, image: Path) -> None:
    path = Path(discs.made.blobs["encoder"].path)
    path.write_bytes(b"cut off")
    with pytest.raises(AppError, match="damaged on the disk"):
        answer(AssistShelf(), image, points=((1.0, 1.0, True),))
    assert not path.exists()
