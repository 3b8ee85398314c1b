"""Objects cut out of a box, against drawn ones."""

import numpy as np
import pytest

from core.geometry import mask_of
from core.pixels import Stroke, cut_out, parts_of_cut, recut
from tests.core.pixels.drawn import LIGHT, SIZE_HW, disc, iou, n_vertices, picture

MASK = disc()
PICTURE = picture(MASK)
BOX = (95.0, 45.0, 305.0, 255.0)


def test_the_object_in_a_box_is_found() -> None:
    parts = parts_of_cut(cut_out(PICTURE, BOX, iterations=3), SIZE_HW)

    assert len(parts) == 1
    assert iou(parts, MASK) > 0.96
    assert n_vertices(parts) < 30


def test_a_hole_in_it_stays_a_hole() -> None:
    mask = disc(hole=40)

    (part,) = parts_of_cut(cut_out(picture(mask), BOX, iterations=3), SIZE_HW)

    assert len(part.holes) == 1
    assert iou((part,), mask) > 0.95


def test_the_same_box_gives_the_same_object() -> None:
    first, second = (parts_of_cut(cut_out(PICTURE, BOX, iterations=2), SIZE_HW) for _ in range(2))

    assert first == second


def test_a_large_picture_is_looked_at_more_coarsely() -> None:
    size_hw = (1500, 2000)
    mask = disc(size_hw, (1000, 750), 500)
    cut = cut_out(picture(mask), (450, 200, 1550, 1300), iterations=2)

    assert max(cut.window.size_hw) <= 448
    assert iou(parts_of_cut(cut, size_hw), mask) > 0.96


def two_discs() -> tuple[np.ndarray, np.ndarray]:
    return disc(centre=(150, 150), radius=50), disc(centre=(270, 150), radius=40)


def test_a_stroke_takes_away_what_does_not_belong() -> None:
    left, right = two_discs()
    cut = cut_out(picture(left | right), (80, 80, 330, 220), iterations=3)
    across = Stroke(np.array([[240.0, 150.0], [300.0, 150.0]]), 8, is_object=False)
    down = Stroke(np.array([[270.0, 118.0], [270.0, 182.0]]), 8, is_object=False)

    after = recut(cut, (across, down), iterations=2)

    of_right = iou(parts_of_cut(after, SIZE_HW), right)
    assert iou(parts_of_cut(cut, SIZE_HW), left | right) > 0.95
    assert of_right < iou(parts_of_cut(cut, SIZE_HW), right)


def test_a_stroke_adds_what_was_left_out() -> None:
    left, _ = two_discs()
    pixels = picture(left)
    pixels[130:170, 205:235] = pixels[10:50, 10:40] = (30, 40, 160)  # outside there is such a thing
    pixels[75:225, 232:290] = (30, 40, 160)
    cut = cut_out(pixels, (80, 80, 236, 220), iterations=3)
    stroke = Stroke(np.array([[208.0, 150.0], [230.0, 150.0]]), 6, is_object=True)

    before, after = (
        mask_of(parts_of_cut(one, SIZE_HW), SIZE_HW)
        for one in (cut, recut(cut, [stroke], iterations=2))
    )

    assert before[147:153, 210:228].mean() < 0.1
    assert after[147:153, 210:228].mean() > 0.9
    assert after[left].mean() > 0.95


def test_a_dot_is_a_stroke() -> None:
    cut = cut_out(PICTURE, BOX, iterations=1)
    dot = Stroke(np.array([[200.0, 150.0]]), 10, is_object=False)

    (part,) = parts_of_cut(recut(cut, [dot], iterations=1), SIZE_HW)

    assert iou((part,), MASK) < 1
    assert part.holes


def test_where_all_is_alike_nothing_breaks() -> None:
    flat = np.full((*SIZE_HW, 3), LIGHT, dtype=np.uint8)

    for part in parts_of_cut(cut_out(flat, BOX, iterations=2), SIZE_HW):
        assert np.isfinite(part.outer).all()


@pytest.mark.parametrize("box", [(0, 0, 400, 300), (-50, -50, 900, 900)])
def test_a_box_round_the_whole_picture_takes_its_rim_for_the_ground(
    box: tuple[float, float, float, float],
) -> None:
    assert iou(parts_of_cut(cut_out(PICTURE, box, iterations=4), SIZE_HW), MASK) > 0.9


@pytest.mark.parametrize("size_hw", [(1, 1), (2, 2), (3, 3), (1, 7)])
@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0, 0, 7, 7), (-9, -9, -5, -5), (50, 50, 60, 60)])
def test_tiny_pictures_and_boxes_off_the_picture_break_nothing(
    size_hw: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (*size_hw, 3), dtype=np.uint8)
    cut = cut_out(pixels, box, iterations=2)
    dot = Stroke(np.array([[0.5, 0.5]]), 1, is_object=True)

    for part in parts_of_cut(recut(cut, [dot], iterations=1), size_hw):
        assert (part.outer >= 0).all()
        assert (part.outer <= size_hw[::-1]).all()
