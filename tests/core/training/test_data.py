import json
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.configs import TrainConfig
from core.errors import AppError
from core.geometry import mask_from_rle, mask_of, parts_from_rle
from core.maskrcnn.checkpoint import load_into, read_weights
from core.maskrcnn.config import settings_from_yaml, small_settings
from core.maskrcnn.model import InstanceMask, MaskRCNN, Target
from core.run_folder import Snapshot, SnapshotImage
from core.training.augment import Augmentation
from core.training.cropping import Crop
from core.training.data import Batch, Lessons, training_images
from core.training.learner import Learner
from core.training.lesson import TaughtInstance, TrainingImage, target_of
from core.types import ImageLabels, ImageState, Instance, InstanceState, LabelClass, Part, Split

torch.set_num_threads(1)

_GOLDEN = Path(__file__).parents[2] / "golden"
_AS_IT_IS = Augmentation((1.0, 1.0), flip=False)
_SETTINGS = replace(small_settings(2), min_size_test=96, max_size_test=192)
_SQUARE = ((10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0))

Draw = Callable[[int, int], Snapshot]


def _lessons(
    images: tuple[TrainingImage, ...], augmentation: Augmentation = _AS_IT_IS, batch_size: int = 2
) -> Lessons:
    return Lessons(
        images, settings=_SETTINGS, augmentation=augmentation, batch_size=batch_size, seed=1
    )


def _instance(
    parts: tuple[Part, ...] = (Part(_SQUARE),), class_id: int = 3, **more: object
) -> Instance:
    return Instance("a", class_id, parts, **more)  # type: ignore[arg-type]


def _lesson(*instances: Instance) -> TrainingImage:
    labels = ImageLabels((50, 100), instances)
    snapshot = Snapshot(
        (LabelClass(7, "other", "#ffffff"), LabelClass(3, "box", "#ffffff")),
        (SnapshotImage("a.png", "a.png", Split.TRAIN, labels),),
    )
    (image,) = training_images(snapshot, Split.TRAIN)
    return image


def _target(
    image: TrainingImage, size_hw: tuple[int, int], shown_hw: tuple[int, int], *, mirrored: bool
) -> Target:
    """What is to be learnt of the whole image in another size."""
    crop = Crop(size_hw, shown_hw, shown_hw, mirrored=mirrored)
    return target_of(crop.lesson(image), shown_hw)


def _golden_images(truth: list[dict[str, object]]) -> tuple[TrainingImage, ...]:
    def instance(polygons: list[list[float]], index: int) -> TaughtInstance:
        return TaughtInstance(index, tuple(Part(np.reshape(p, (-1, 2))) for p in polygons))

    return tuple(
        TrainingImage(
            _GOLDEN / "images" / str(one["file"]),
            tuple(map(instance, one["polygons"], one["classes"])),  # type: ignore[call-overload]
            ignored=(),
        )
        for one in truth
    )


@pytest.mark.parametrize("name", ["mask_rcnn_tiny", "faster_rcnn_tiny"])
def test_four_steps_have_the_losses_of_detectron2(name: str) -> None:
    golden = json.loads((_GOLDEN / f"{name}_training.json").read_text())
    told = golden["settings"]
    settings = replace(
        settings_from_yaml((_GOLDEN / f"{name}.yaml").read_text()),
        rpn_batch_size=told["rpn_batch_size_per_image"],
        roi_batch_size=told["roi_batch_size_per_image"],
    )
    model = MaskRCNN(settings)
    load_into(model, read_weights(_GOLDEN / f"{name}.pth"))
    config = TrainConfig(
        "", optimizer="sgd", learning_rate=told["lr"], momentum=told["momentum"],
        weight_decay=told["weight_decay"], schedule="step", warmup_iterations=0, clip_norm=0.0,
        iterations=4, ema_decay=0, precision="float32",
    )  # fmt: skip
    learner = Learner(model, config)
    images = _golden_images(golden["ground_truth"])
    lessons = Lessons(
        images, settings=settings, augmentation=_AS_IT_IS, batch_size=len(images), seed=0
    )
    for iteration, expected in enumerate(golden["steps"]):
        said = learner.step(lessons.batch(iteration))
        losses = {name: said[name] for name in expected["losses"]}
        assert losses == pytest.approx(expected["losses"], rel=1e-4)
        assert said["grad_norm"] == pytest.approx(expected["grad_norm_all"], rel=1e-3)


def test_a_batch_is_the_same_whenever_it_is_asked_for(drawn: Draw) -> None:
    images = training_images(drawn(5, 0), Split.TRAIN)
    augmentation = Augmentation((0.8, 1.25), flip=True)
    streamed = list(_lessons(images, augmentation).batches(3, 6))
    for iteration, batch in zip((5, 4, 3), reversed(streamed), strict=True):
        again = _lessons(images, augmentation).batch(iteration)
        assert all(map(torch.equal, batch.images, again.images))
        for one, other in zip(batch.targets, again.targets, strict=True):
            assert np.array_equal(one.boxes, other.boxes)


def test_every_image_comes_once_each_time_round(drawn: Draw) -> None:
    images = training_images(drawn(6, 0), Split.TRAIN)
    batches = _lessons(images).batches(0, 6)
    seen = [float(image.sum()) for batch in batches for image in batch.images]
    assert len(set(seen[:6])) == 6
    assert set(seen[:6]) == set(seen[6:])
    assert seen[:6] != seen[6:]


def test_instances_lie_where_they_are_shown(drawn: Draw) -> None:
    images = training_images(drawn(4, 0), Split.TRAIN)
    lessons = _lessons(images, Augmentation((0.7, 1.4), flip=True), batch_size=4)
    for iteration in range(4):
        batch = lessons.batch(iteration)
        for image, target in zip(batch.images, batch.targets, strict=True):
            shown_hw = (image.shape[1], image.shape[2])
            bright = image.max(dim=0).values.numpy() > 120
            polygons = [Part(np.reshape(mask, (-1, 2))) for masks in target.masks for mask in masks]
            drawn_mask = mask_of(polygons, shown_hw)
            assert (bright & drawn_mask).sum() / (bright | drawn_mask).sum() > 0.9


def test_images_are_mirrored_and_scaled_now_and_then(drawn: Draw) -> None:
    augmentation = Augmentation((0.8, 1.25), flip=True)
    looks = [augmentation.draw(np.random.default_rng(seed)) for seed in range(200)]
    assert 60 < sum(look.mirrored for look in looks) < 140
    assert min(look.scale for look in looks) < 0.85 < 1.2 < max(look.scale for look in looks)


def test_scales_are_of_the_model_s_own_size(drawn: Draw) -> None:
    images = training_images(drawn(1, 0), Split.TRAIN)
    batch = _lessons(images, Augmentation((0.5, 0.5), flip=False), batch_size=1).batch(0)
    assert batch.images[0].shape == (3, 48, 48)


def test_what_would_be_larger_than_usual_is_cropped(drawn: Draw) -> None:
    images = training_images(drawn(1, 0), Split.TRAIN)
    batch = _lessons(images, Augmentation((1.5, 1.5), flip=False), batch_size=1).batch(0)
    assert batch.images[0].shape == (3, 96, 96)


_AS_BEFORE = {
    # iteration: of each image its size, the CRC of its pixels, its first box
    0: [
        (45, 2212147842, [25.996, 26.555, 41.934, 42.492]),
        (57, 3259292390, [34.843, 4.969, 51.468, 21.594]),
    ],
    7: [
        (60, 2273313358, [4.132, 33.299, 26.632, 55.799]),
        (54, 193281536, [3.719, 29.969, 23.969, 50.219]),
    ],
}
"""Recorded before crops, colours and pasting were there, with seed 3 and images of 64 pixels."""


@pytest.mark.parametrize("iteration", _AS_BEFORE)
def test_what_is_not_asked_for_changes_no_bit(drawn: Draw, iteration: int) -> None:
    images = training_images(drawn(5, 0), Split.TRAIN)
    lessons = Lessons(
        images,
        settings=replace(_SETTINGS, min_size_test=64),
        augmentation=Augmentation((0.6, 1.0), flip=True),
        batch_size=2,
        seed=3,
    )
    batch = lessons.batch(iteration)
    for image, target, expected in zip(
        batch.images, batch.targets, _AS_BEFORE[iteration], strict=True
    ):
        side, crc, box = expected
        assert image.shape == (3, side, side)
        assert zlib.crc32(image.numpy().astype(np.uint8).tobytes()) == crc
        assert target.boxes[0].tolist() == pytest.approx(box, abs=1e-3)


def _all_on(images: tuple[TrainingImage, ...], seed: int = 1) -> Lessons:
    return Lessons(
        images,
        settings=_SETTINGS,
        augmentation=Augmentation((0.5, 2.0), flip=True, colour=0.4, paste_share=0.7),
        batch_size=3,
        seed=seed,
        repeat_threshold=2.0,
    )


@pytest.mark.parametrize("batch_size", [4, 5])
def test_processes_that_learn_together_share_each_batch(drawn: Draw, batch_size: int) -> None:
    images = training_images(drawn(5, 0), Split.TRAIN)
    first, second, alone = (
        Lessons(
            images, settings=_SETTINGS, augmentation=Augmentation((0.8, 1.2), flip=True), seed=1,
            batch_size=batch_size, part=part,
        ).batches(0, 3)
        for part in ((0, 2), (1, 2), (0, 1))
    )  # fmt: skip
    for one, other, whole in zip(first, second, alone, strict=True):
        assert len(one.images) == batch_size // 2
        assert _is_same(Batch(one.images + other.images, one.targets + other.targets), whole)


def _is_same(one: Batch, other: Batch) -> bool:
    return all(map(torch.equal, one.images, other.images)) and all(
        np.array_equal(a.boxes, b.boxes) and str(a.masks) == str(b.masks)
        for a, b in zip(one.targets, other.targets, strict=True)
    )


def test_a_batch_follows_from_the_seed_and_the_iteration_alone(drawn: Draw) -> None:
    images = training_images(drawn(6, 0), Split.TRAIN)
    streamed = list(_all_on(images).batches(2, 12))
    for iteration in (11, 2, 7):
        assert _is_same(_all_on(images).batch(iteration), streamed[iteration - 2])
    resumed = list(_all_on(images).batches(9, 12))
    assert all(map(_is_same, resumed, streamed[7:]))
    assert not _is_same(_all_on(images, seed=2).batch(2), streamed[0])


def test_memory_is_bounded_by_the_usual_size(drawn: Draw) -> None:
    images = training_images(drawn(4, 0), Split.TRAIN)
    sizes = {image.shape for batch in _all_on(images).batches(0, 10) for image in batch.images}
    assert max(size[1] for size in sizes) == max(size[2] for size in sizes) == 96


def test_all_that_varies_still_shows_instances_where_they_are(drawn: Draw) -> None:
    images = training_images(drawn(6, 0), Split.TRAIN)
    augmentation = Augmentation((0.8, 1.5), flip=True, paste_share=1.0)
    lessons = _lessons(images, augmentation, batch_size=3)
    for batch in lessons.batches(0, 8):
        for image, target in zip(batch.images, batch.targets, strict=True):
            bright = image.max(dim=0).values.numpy() > 120
            drawn_mask = np.zeros(bright.shape, bool)
            for mask in target.masks:
                drawn_mask |= _bitmap(mask, (image.shape[1], image.shape[2]))
            for x0, y0, x1, y1 in target.ignored.round().astype(int):
                bright[y0:y1, x0:x1] = drawn_mask[y0:y1, x0:x1]
            assert (bright & drawn_mask).sum() / (bright | drawn_mask).sum() > 0.88


def _bitmap(mask: InstanceMask, size_hw: tuple[int, int]) -> np.ndarray:
    if isinstance(mask, dict):
        return mask_from_rle(mask)
    return mask_of([Part(np.reshape(ring, (-1, 2))) for ring in mask], size_hw)


@pytest.mark.parametrize(("share", "n_pasted"), [(0.0, 0), (1.0, 40)])
def test_instances_of_another_image_are_pasted_on_a_share_of_the_images(
    drawn: Draw, share: float, n_pasted: int
) -> None:
    images = training_images(drawn(5, 0), Split.TRAIN)
    empty = tuple(replace(image, taught=()) for image in images[1:])
    lessons = _lessons(
        (images[0], *empty), Augmentation((1.0, 1.0), flip=False, paste_share=share), batch_size=5
    )
    targets = [target for batch in lessons.batches(0, 10) for target in batch.targets]
    # the one with instances has no other to take any from: it comes 10 times with its two
    assert sum(len(target.boxes) > 0 for target in targets) == 10 + n_pasted


def test_an_image_alone_gets_nothing_pasted(drawn: Draw) -> None:
    images = training_images(drawn(1, 0), Split.TRAIN)
    on = _lessons(images, Augmentation((1.0, 1.0), flip=False, paste_share=1.0), batch_size=1)
    assert _is_same(on.batch(0), _lessons(images, batch_size=1).batch(0))


def test_images_of_rare_classes_come_more_often(drawn: Draw) -> None:
    images = training_images(drawn(8, 0), Split.TRAIN)
    common = [replace(one, taught=(replace(one.taught[0], class_index=0),)) for one in images]
    rare = replace(common[0], taught=(replace(common[0].taught[0], class_index=1),))
    lessons = Lessons(
        (rare, *common[1:]),
        settings=_SETTINGS, augmentation=_AS_IT_IS, batch_size=9, seed=0, repeat_threshold=0.5,
    )  # fmt: skip
    # of 8 images 1 shows the rare class: sqrt(0.5 / 0.125) = 2; so 9 images make a pass
    assert lessons.epoch_length == 9
    for iteration in range(3):
        classes = [target.classes.tolist() for target in lessons.batch(iteration).targets]
        assert (classes.count([1]), classes.count([0])) == (2, 7)


def test_a_pass_shows_all_images(drawn: Draw) -> None:
    assert _lessons(training_images(drawn(6, 0), Split.TRAIN)).epoch_length == 6


def test_closing_leaves_no_thread(drawn: Draw) -> None:
    before = set(threading.enumerate())
    batches = _lessons(training_images(drawn(4, 0), Split.TRAIN)).batches(0, 1_000_000)
    next(batches)
    assert len(set(threading.enumerate()) - before) > 1
    batches.close()
    assert set(threading.enumerate()) == before


def test_only_some_batches_are_made_ahead(drawn: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    shown = Lessons._shown
    monkeypatch.setattr(
        Lessons, "_shown", lambda self, place: asked.append(place) or shown(self, place)
    )
    batches = _lessons(training_images(drawn(4, 0), Split.TRAIN)).batches(0, 1_000_000)
    next(batches)
    batches.close()
    assert max(asked) < 2 * (2 + 8)


def test_a_class_index_is_the_place_in_the_snapshot() -> None:
    target = _target(_lesson(_instance()), (50, 100), (50, 100), mirrored=False)
    assert target.classes.tolist() == [1]
    assert target.boxes.tolist() == [[10, 10, 30, 30]]


def test_a_mirrored_image_mirrors_its_instances() -> None:
    target = _target(_lesson(_instance()), (50, 100), (100, 200), mirrored=True)
    assert target.boxes.tolist() == [[140, 20, 180, 60]]


@pytest.mark.parametrize(
    "instance",
    [
        _instance(state=InstanceState.PREDICTED, score=0.9),
        _instance(crowd=True),
        _instance(class_id=99),
    ],
)
def test_what_nobody_vouches_for_is_neither_positive_nor_background(instance: Instance) -> None:
    target = _target(_lesson(instance), (50, 100), (50, 100), mirrored=False)
    assert len(target.boxes) == len(target.masks) == 0
    assert target.ignored.tolist() == [[10, 10, 30, 30]]


def _rejected(x: float, class_id: int = 3) -> Instance:
    part = Part([(x, 10), (x + 20, 10), (x + 20, 30), (x, 30)])
    return Instance("r", class_id, (part,), state=InstanceState.PREDICTED, score=0.8)


def _lesson_with_rejected(rejected: Instance, *instances: Instance) -> TrainingImage:
    labels = ImageLabels((50, 100), instances, ImageState.DONE, (rejected,))
    classes = (LabelClass(7, "other", "#ffffff"), LabelClass(3, "box", "#ffffff"))
    snapshot = Snapshot(classes, (SnapshotImage("a.png", "a.png", Split.TRAIN, labels),))
    return training_images(snapshot, Split.TRAIN)[0]


@pytest.mark.parametrize("there", [(), (_instance(),), (_instance(class_id=7),)])
def test_a_rejected_prediction_is_a_hard_negative(there: tuple[Instance, ...]) -> None:
    image = _lesson_with_rejected(_rejected(31), *there)
    target = _target(image, (50, 100), (100, 200), mirrored=True)
    assert target.hard_negatives.tolist() == [[98, 20, 138, 60]]
    assert target.ignored.tolist() == []


@pytest.mark.parametrize("state", list(InstanceState))
def test_a_rejected_prediction_on_an_instance_of_its_class_teaches_nothing(
    state: InstanceState,
) -> None:
    there = _instance(state=state)
    assert _lesson_with_rejected(_rejected(25), there).rejected == ()
    assert len(_lesson_with_rejected(_rejected(25, class_id=7), there).rejected) == 1


def test_instances_side_by_side_may_share_their_border() -> None:
    assert len(_lesson_with_rejected(_rejected(29.8), _instance()).rejected) == 1


def test_an_image_without_instances_is_a_negative() -> None:
    target = _target(_lesson(), (50, 100), (50, 100), mirrored=False)
    assert target.boxes.shape == target.ignored.shape == (0, 4)


def test_parts_of_an_instance_stay_one() -> None:
    other = Part([(60.0, 20.0), (70.0, 20.0), (70.0, 40.0)])
    target = _target(
        _lesson(_instance((Part(_SQUARE), other))), (50, 100), (50, 100), mirrored=False
    )
    assert target.boxes.tolist() == [[10, 10, 70, 40]]
    assert [len(polygon) for polygon in target.masks[0]] == [8, 6]


def test_holes_are_no_part_of_the_mask() -> None:
    part = Part(_SQUARE, (((15.0, 15.0), (25.0, 15.0), (25.0, 25.0), (15.0, 25.0)),))
    target = _target(_lesson(_instance((part,))), (50, 100), (100, 200), mirrored=False)
    (rle,) = target.masks
    assert isinstance(rle, dict)
    expected = np.zeros((100, 200), bool)
    expected[20:60, 20:60] = True
    expected[30:50, 30:50] = False
    assert np.array_equal(mask_of(parts_from_rle(rle), (100, 200)), expected)


@pytest.mark.parametrize(
    "ring",
    [
        ((200.0, 10.0), (220.0, 10.0), (220.0, 30.0)),
        ((-20.0, 10.0), (0.0, 10.0), (0.0, 30.0)),
        ((10.0, 10.0), (10.5, 10.0), (10.5, 30.0)),
    ],
)
def test_what_is_not_to_be_seen_is_left_out(ring: tuple[tuple[float, float], ...]) -> None:
    instances = (_instance((Part(ring),)), _instance())
    target = _target(_lesson(*instances), (50, 100), (50, 100), mirrored=False)
    assert target.boxes.tolist() == [[10, 10, 30, 30]]
    assert len(target.masks) == len(target.classes) == 1


def test_boxes_end_at_the_border_of_the_image() -> None:
    part = Part([(-10.0, 10.0), (120.0, 10.0), (120.0, 70.0)])
    target = _target(_lesson(_instance((part,))), (50, 100), (50, 100), mirrored=False)
    assert target.boxes.tolist() == [[0, 10, 100, 50]]


def test_an_image_that_went_away_is_named(tmp_path: Path) -> None:
    image = TrainingImage(tmp_path / "gone.jpg", (), ())
    with pytest.raises(AppError, match=r"gone\.jpg"):
        list(_lessons((image,)).batches(0, 2))
