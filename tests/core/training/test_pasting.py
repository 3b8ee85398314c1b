"""Pasted instances, compared with masks drawn by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.geometry import mask_of, parts_area
from core.training.cropping import Crop
from core.training.lesson import TaughtInstance, TrainingImage, target_of
from core.training.pasting import Patch, Scene, chosen, groups_of, pasted, patch_of
from core.types import Part

_SIZE_HW = (60, 80)
_WHITE, _BLACK = 255, 0


def _box(x0: float, y0: float, x1: float, y1: float) -> Part:
    return Part([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def _image(*boxes: Part, ignored: tuple[Part, ...] = ()) -> TrainingImage:
    taught = tuple(TaughtInstance(index, (box,)) for index, box in enumerate(boxes))
    return TrainingImage(Path("a.png"), taught, tuple((part,) for part in ignored))


def _filled(value: int, size_hw: tuple[int, int] = _SIZE_HW) -> npt.NDArray[np.uint8]:
    return np.full((*size_hw, 3), value, np.uint8)


def _crop(scale: float = 1.0, *, mirrored: bool = False) -> Crop:
    scaled_hw = (round(_SIZE_HW[0] * scale), round(_SIZE_HW[1] * scale))
    return Crop(_SIZE_HW, scaled_hw, scaled_hw, mirrored=mirrored)


def _patch(*boxes: Part, scale: float = 1.0, mirrored: bool = False) -> Patch:
    instances = tuple(one for group in groups_of(_image(*boxes), _SIZE_HW) for one in group)
    patch = patch_of(instances, _filled(_WHITE), _crop(scale, mirrored=mirrored))
    assert patch is not None
    return patch


def _pasted(scene: Scene, patch: Patch, seed: int = 0) -> Scene:
    return pasted(scene, patch, np.random.default_rng(seed))


def _is_white(scene: Scene) -> npt.NDArray[np.bool_]:
    return np.asarray(scene.pixels[..., 0] == _WHITE)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mirrored", [False, True])
def test_what_is_pasted_shows_where_its_mask_says(seed: int, mirrored: bool) -> None:
    triangle = Part([(20.0, 10.0), (50.0, 15.0), (30.0, 45.0)], (_box(28, 18, 36, 26).outer,))
    scene = _pasted(
        Scene(_filled(_BLACK), _image()), _patch(triangle, mirrored=mirrored), seed=seed
    )
    (instance,) = scene.lesson.taught
    assert np.array_equal(mask_of(instance.parts, _SIZE_HW), _is_white(scene))
    assert parts_area(instance.parts) == pytest.approx(parts_area([triangle]))


def test_patches_are_pasted_in_many_places() -> None:
    patch = _patch(_box(30, 20, 40, 30))
    scenes = [_pasted(Scene(_filled(_BLACK), _image()), patch, seed) for seed in range(100)]
    corners = {tuple(scene.lesson.taught[0].parts[0].outer[0].tolist()) for scene in scenes}
    assert len(corners) > 80
    assert all(_is_white(scene).sum() == 100 for scene in scenes)


@pytest.mark.parametrize(
    ("box", "expected", "axis"),
    [
        (_box(0, 20, 10, 30), 0, 0),
        (_box(70, 20, 80, 30), 70, 0),
        (_box(30, 0, 40, 10), 0, 1),
        (_box(30, 50, 40, 60), 50, 1),
    ],
)
def test_what_ended_at_an_edge_of_its_photo_ends_there_again(
    box: Part, expected: int, axis: int
) -> None:
    for mirrored in (False, True):
        for seed in range(5):
            patch = _patch(box, mirrored=mirrored)
            scene = _pasted(Scene(_filled(_BLACK), _image()), patch, seed)
            low = scene.lesson.taught[0].parts[0].outer.min(axis=0)[axis]
            assert low == (70 - expected if mirrored and axis == 0 else expected)


def test_patches_keep_their_place_to_each_other() -> None:
    patch = _patch(_box(10, 10, 20, 20), _box(40, 30, 50, 40))
    scene = _pasted(Scene(_filled(_BLACK), _image()), patch)
    first, second = (one.parts[0].outer[0] for one in scene.lesson.taught)
    assert (second - first).tolist() == [30, 20]
    assert _is_white(scene).sum() == 200


def test_patches_come_in_the_size_that_their_image_is_shown_in() -> None:
    scene = _pasted(Scene(_filled(_BLACK), _image()), _patch(_box(10, 10, 20, 20), scale=0.5))
    assert _is_white(scene).sum() == 25


def test_a_patch_larger_than_the_scene_is_cut() -> None:
    small = Scene(_filled(_BLACK, (20, 20)), _image())
    scene = _pasted(small, _patch(_box(5, 5, 45, 55)))
    (instance,) = scene.lesson.taught
    assert _is_white(scene).all()
    assert target_of(scene.lesson, (20, 20)).boxes.tolist() == [[0, 0, 20, 20]]
    assert instance.visible_share == pytest.approx(400 / 2000)


def _over(*originals: Part, size: int = 20) -> Scene:
    """A scene of 40 x 40 pixels with a square pasted on its upper left corner."""
    lesson = _image(*originals)
    patch = replace(
        _patch(_box(30, 20, 30 + size, 20 + size)), is_on_edge=(True, True, False, False)
    )
    return _pasted(Scene(_filled(_BLACK, (40, 40)), lesson), patch)


def test_what_lies_under_it_keeps_what_is_left() -> None:
    scene = _over(_box(10, 10, 30, 30))
    original, added = scene.lesson.taught
    expected = np.zeros((40, 40), bool)
    expected[10:30, 10:30] = True
    expected[:20, :20] = False
    assert np.array_equal(mask_of(original.parts, (40, 40)), expected)
    assert original.visible_share == pytest.approx(0.75)
    assert (original.class_index, added.class_index) == (0, 0)


def test_a_hole_is_made_where_the_cover_lies_inside() -> None:
    scene = _over(_box(-5, -5, 38, 38))
    target = target_of(scene.lesson, (40, 40))
    assert target.boxes.tolist() == [[0, 0, 38, 38], [0, 0, 20, 20]]
    assert isinstance(target.masks[0], dict)
    assert np.array_equal(
        mask_of(scene.lesson.taught[0].parts, (40, 40)),
        mask_of([_box(0, 0, 38, 38)], (40, 40)) & ~_is_white(scene),
    )


def test_parts_that_the_cover_separates_stay_one_instance() -> None:
    scene = _over(
        Part([(5.0, 30.0), (5.0, 5.0), (30.0, 5.0), (30.0, 8.0), (8.0, 8.0), (8.0, 30.0)])
    )
    target = target_of(scene.lesson, (40, 40))
    assert target.boxes.tolist() == [[5, 5, 30, 30], [0, 0, 20, 20]]
    assert [len(mask) for mask in target.masks] == [2, 1]


@pytest.mark.parametrize(("x1", "n_taught"), [(21.5, 1), (23, 2)])
def test_what_is_covered_to_more_than_nine_tenths_is_dropped(x1: float, n_taught: int) -> None:
    # 1.5 of 21.5 columns are 7 %, 3 of 23 are 13 %
    scene = _over(_box(0, 0, x1, 10))
    target = target_of(scene.lesson, (40, 40))
    assert len(target.boxes) == n_taught
    assert target.ignored.tolist() == ([] if n_taught == 2 else [[20, 0, 21.5, 10]])


def test_what_is_covered_wholly_is_gone() -> None:
    scene = _over(_box(2, 2, 18, 18))
    target = target_of(scene.lesson, (40, 40))
    assert target.boxes.tolist() == [[0, 0, 20, 20]]
    assert target.ignored.tolist() == []


def test_what_is_not_reached_is_the_same_as_before() -> None:
    box = _box(25, 25, 38, 38)
    scene = _over(box)
    assert scene.lesson.taught[0].parts[0] is box


def test_what_is_ignored_or_rejected_goes_where_it_is_covered() -> None:
    lesson = replace(
        _image(ignored=(_box(0, 0, 10, 10), _box(10, 10, 30, 30))),
        rejected=((_box(0, 0, 21, 10),), (_box(30, 30, 38, 38),)),
    )
    patch = replace(_patch(_box(30, 20, 50, 40)), is_on_edge=(True, True, False, False))
    scene = _pasted(Scene(_filled(_BLACK, (40, 40)), lesson), patch)
    target = target_of(scene.lesson, (40, 40))
    assert target.ignored.tolist() == [[10, 10, 30, 30]]
    assert target.hard_negatives.tolist() == [[30, 30, 38, 38]]


def test_the_scene_before_stays_as_it_was() -> None:
    scene = Scene(_filled(_BLACK), _image(_box(10, 10, 70, 50)))
    before = scene.lesson
    _pasted(scene, _patch(_box(30, 20, 50, 40)))
    assert not scene.pixels.any()
    assert scene.lesson is before


def test_instances_that_overlap_go_together() -> None:
    bag, strap, other = _box(10, 10, 40, 40), _box(30, 5, 50, 20), _box(60, 10, 70, 20)
    groups = groups_of(_image(bag, strap, other), _SIZE_HW)
    assert [[one.class_index for one in group] for group in groups] == [[0, 1], [2]]


def test_instances_that_only_share_their_border_go_alone() -> None:
    groups = groups_of(_image(_box(10, 10, 40, 40), _box(39, 10, 60, 40)), _SIZE_HW)
    assert [len(group) for group in groups] == [1, 1]


def test_groups_grow_together_over_several_instances() -> None:
    boxes = _box(10, 10, 20, 20), _box(40, 10, 50, 20), _box(5, 5, 55, 25)
    (group,) = groups_of(_image(*boxes), _SIZE_HW)
    assert [one.class_index for one in group] == [0, 1, 2]


def test_what_lies_on_something_that_teaches_nothing_is_not_pasted() -> None:
    image = _image(_box(10, 10, 30, 30), _box(50, 10, 60, 20), ignored=(_box(20, 20, 40, 40),))
    ((instance,),) = groups_of(image, _SIZE_HW)
    assert instance.class_index == 1


def test_what_lies_outside_of_its_photo_is_not_pasted() -> None:
    image = _image(_box(-30, 10, -5, 30), _box(60, 10, 120, 30))
    ((instance,),) = groups_of(image, _SIZE_HW)
    assert instance.parts[0].outer.max(axis=0).tolist() == [80, 30]


def test_any_number_of_groups_is_chosen_but_none() -> None:
    groups = groups_of(_image(*(_box(10 * n, 0, 10 * n + 5, 5) for n in range(4))), _SIZE_HW)
    counts = {len(chosen(groups, np.random.default_rng(seed))) for seed in range(60)}
    assert counts == {1, 2, 3, 4}
    assert chosen((), np.random.default_rng(0)) == ()


def test_what_is_too_small_to_show_is_no_patch() -> None:
    (group,) = groups_of(_image(_box(10, 10, 10.4, 10.4)), _SIZE_HW)
    assert patch_of(group, _filled(_WHITE), _crop(0.2)) is None
