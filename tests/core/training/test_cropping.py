from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from core.geometry import mask_of, parts_area
from core.maskrcnn.config import small_settings
from core.maskrcnn.preprocess import resized
from core.training.augment import Augmentation, Look
from core.training.cropping import Crop, crop_of
from core.training.lesson import TaughtInstance, TrainingImage, target_of
from core.types import Part

_SETTINGS = replace(small_settings(2), min_size_test=40, max_size_test=80)
_SIDES = st.integers(1, 60)


def _image(*parts: Part) -> TrainingImage:
    return TrainingImage(Path("a.png"), (TaughtInstance(0, parts),), ())


def _box(x0: float, y0: float, x1: float, y1: float) -> Part:
    return Part([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def _crop(x0: int, y0: int, x1: int, y1: int, *, mirrored: bool = False) -> Crop:
    """A crop on an image of 100 x 100 that keeps its size."""
    return Crop((100, 100), (100, 100), (y1 - y0, x1 - x0), (x0, y0), mirrored)


@pytest.mark.parametrize("scale", [0.3, 1.0])
def test_what_is_no_larger_than_usual_is_shown_whole(scale: float) -> None:
    crop = crop_of((100, 150), _SETTINGS, Look(scale, mirrored=False, crop_at=(0.7, 0.7)))
    assert crop.crop_hw == crop.scaled_hw == (40 * scale, 60 * scale)
    assert crop.corner_xy == (0, 0)


@pytest.mark.parametrize(
    ("crop_at", "corner_xy"), [((0.0, 0.0), (0, 0)), ((0.999999, 0.5), (60, 20))]
)
def test_what_is_larger_is_cropped_to_the_usual_size(
    crop_at: tuple[float, float], corner_xy: tuple[int, int]
) -> None:
    crop = crop_of((100, 150), _SETTINGS, Look(2.0, mirrored=False, crop_at=crop_at))
    assert crop.scaled_hw == (80, 120)
    assert crop.crop_hw == (40, 60)
    assert crop.corner_xy == corner_xy


@settings(deadline=None)
@given(image_hw=st.tuples(_SIDES, _SIDES), scaled_hw=st.tuples(_SIDES, _SIDES), data=st.data())
def test_a_crop_shows_what_scaling_all_of_the_image_would_show_there(
    image_hw: tuple[int, int], scaled_hw: tuple[int, int], data: st.DataObject
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*image_hw, 3), dtype=np.uint8)
    top, left = (data.draw(st.integers(0, side - 1)) for side in scaled_hw)
    height = data.draw(st.integers(1, scaled_hw[0] - top))
    width = data.draw(st.integers(1, scaled_hw[1] - left))
    whole = resized(image, scaled_hw)[top : top + height, left : left + width]
    shown = Crop(image_hw, scaled_hw, (height, width), (left, top)).pixels(image)
    # where the crop begins is a fraction of a pixel, which the floats of both say differently
    assert np.abs(shown.astype(int) - whole).max() <= 1
    mirrored = Crop(image_hw, scaled_hw, (height, width), (left, top), mirrored=True)
    assert np.array_equal(mirrored.pixels(image), shown[:, ::-1])


@pytest.mark.parametrize("mirrored", [False, True])
def test_instances_lie_where_the_crop_shows_them(mirrored: bool) -> None:
    outer = [(12.0, 8.0), (70.0, 20.0), (60.0, 80.0), (30.0, 44.0)]
    part = Part(outer, (((30.0, 25.0), (45.0, 28.0), (40.0, 40.0)),))
    pixels = np.repeat(mask_of([part], (100, 100))[..., None].astype(np.uint8) * 255, 3, axis=2)
    crop = _crop(20, 16, 64, 70, mirrored=mirrored)
    (instance,) = crop.lesson(_image(part)).taught
    shown = mask_of(instance.parts, crop.crop_hw)
    white = crop.pixels(pixels)[..., 0] > 127
    # a border that is cut, or mirrored, is rounded anew
    assert (shown & white).sum() / (shown | white).sum() > 0.99


def test_what_is_left_of_a_cut_instance_is_what_lies_in_the_crop() -> None:
    outer = [(10.0, 10.0), (90.0, 10.0), (90.0, 90.0), (50.0, 30.0), (10.0, 90.0)]
    crop = _crop(0, 40, 100, 100)
    (instance,) = crop.lesson(_image(Part(outer))).taught
    exact = shapely.intersection(shapely.Polygon(outer), shapely.box(0, 40, 100, 100))
    assert len(instance.parts) == 2
    assert parts_area(instance.parts) == pytest.approx(exact.area)
    assert instance.visible_share == pytest.approx(exact.area / shapely.Polygon(outer).area)


def test_instances_outside_of_the_crop_are_gone() -> None:
    image = replace(
        _image(_box(0, 0, 20, 20)),
        ignored=((_box(0, 0, 20, 20),),),
        rejected=((_box(0, 0, 20, 20),),),
    )
    lesson = _crop(30, 30, 90, 90).lesson(image)
    assert lesson.taught == lesson.ignored == lesson.rejected == ()


def test_those_wholly_inside_keep_their_vertices() -> None:
    (instance,) = _crop(30, 30, 90, 90).lesson(_image(_box(30, 40, 50, 60))).taught
    assert instance.parts == (_box(0, 10, 20, 30),)
    assert instance.visible_share == 1.0


@pytest.mark.parametrize(("x0", "n_taught"), [(89, 1), (91, 0)])
def test_a_sliver_of_a_cut_instance_is_neither_positive_nor_background(
    x0: int, n_taught: int
) -> None:
    # of 100 columns 11 are left, or 9
    crop = _crop(x0, 0, 100, 100)
    target = target_of(crop.lesson(_image(_box(0, 10, 100, 30))), crop.crop_hw)
    expected = [[0, 10, 100 - x0, 30]]
    assert len(target.boxes) == len(target.masks) == n_taught
    assert target.ignored.tolist() == ([] if n_taught else expected)


@pytest.mark.parametrize(("x0", "n_left"), [(89, 1), (91, 0)])
def test_a_sliver_of_what_is_none_is_no_hard_negative(x0: int, n_left: int) -> None:
    image = TrainingImage(Path("a.png"), (), (), rejected=((_box(0, 10, 100, 30),),))
    assert len(_crop(x0, 0, 100, 100).lesson(image).rejected) == n_left


def test_what_is_ignored_is_cut_at_the_crop() -> None:
    image = TrainingImage(Path("a.png"), (), ignored=((_box(10, 10, 60, 60),),))
    target = target_of(_crop(40, 40, 90, 90).lesson(image), (50, 50))
    assert target.ignored.tolist() == [[0, 0, 20, 20]]


def test_less_than_a_pixel_of_an_instance_teaches_nothing() -> None:
    crop = _crop(0, 0, 50, 50)
    target = target_of(crop.lesson(_image(_box(49.5, 0, 51, 20))), crop.crop_hw)
    assert len(target.boxes) == 0


def test_crops_lie_everywhere() -> None:
    augmentation = Augmentation((2.0, 2.0), flip=False)
    looks = [augmentation.draw(np.random.default_rng(seed)) for seed in range(300)]
    corners = np.array([crop_of((100, 100), _SETTINGS, look).corner_xy for look in looks])
    assert corners.min(axis=0).tolist() == [0, 0]
    assert corners.max(axis=0).tolist() == [40, 40]


def test_what_is_switched_on_changes_nothing_else() -> None:
    plain, all_on = (
        Augmentation((0.5, 2.0), flip=True, colour=share, paste_share=share) for share in (0, 1)
    )
    for seed in range(20):
        one, other = (way.draw(np.random.default_rng(seed)) for way in (plain, all_on))
        assert one.colour == (1.0, 1.0, 1.0)
        assert not one.is_pasted_on
        assert other.is_pasted_on
        assert replace(other, colour=one.colour, is_pasted_on=False) == one


def test_colours_change_by_the_share_at_most() -> None:
    augmentation = Augmentation((1.0, 1.0), flip=False, colour=0.3)
    looks = [augmentation.draw(np.random.default_rng(seed)) for seed in range(300)]
    factors = np.array([look.colour for look in looks])
    assert ((factors >= 0.7) & (factors <= 1.3)).all()
    assert (factors.min(axis=0) < 0.72).all()
    assert (factors.max(axis=0) > 1.28).all()
