"""What a model does not see."""

from core.maskrcnn.settings import small_settings, standard_settings
from core.readiness import SMALL_LIMITS, DoneImage, Finding, ModelLimits, findings
from core.types import LabelClass, Split

CLASSES = (LabelClass(1, "seed", "#111111"), LabelClass(2, "pod", "#222222"))


def found_of(
    seed_px2: float, size_hw: tuple[int, int] | None, *, limits: ModelLimits | None = None
) -> tuple[Finding, ...]:
    """With seeds of this area, and pods of ten times their side, in images of this size."""

    def image(name: str, split: Split) -> DoneImage:
        largest = {1: seed_px2, 2: 100 * seed_px2}
        return DoneImage(name, split, {1: 3, 2: 3}, largest_px2=largest, size_hw=size_hw)

    train = [image(f"t{number}", Split.TRAIN) for number in range(12)]
    val = [image(f"v{number}", Split.VAL) for number in range(10)]
    return findings([*train, *val], CLASSES, limits=limits)


def test_a_class_all_of_which_is_tiny_on_the_models_input_is_named() -> None:
    # 2400 x 3200 is shown as 800 x 1067, a third: 45 x 45 pixels become 15 x 15
    (only,) = found_of(45.0**2, (2400, 3200))
    assert only.sentence.startswith("Every instance of seed is smaller than 16 pixels")
    assert len(only.keys) == 12


def test_what_is_sixteen_pixels_there_is_seen() -> None:
    assert found_of(48.0**2, (2400, 3200)) == ()


def test_the_longer_side_limits_the_input_of_a_panorama() -> None:
    # 1000 x 13330 is shown as 100 x 1333, a tenth, not as 800 x 10664
    (only,) = found_of(159.0**2, (1000, 13330))
    assert "seed" in only.sentence


def test_a_model_with_a_larger_input_sees_more() -> None:
    assert found_of(45.0**2, (2400, 3200), limits=ModelLimits(1200, 2000)) == ()


def test_an_input_of_zero_leaves_images_as_they_are() -> None:
    assert found_of(16.0**2, (2400, 3200), limits=ModelLimits(0, 0)) == ()


def test_nothing_is_said_of_classes_in_images_whose_size_nobody_knows() -> None:
    assert found_of(1.0, None) == ()


def crowded(n: int) -> list[DoneImage]:
    train = [DoneImage(f"t{number}", Split.TRAIN, {1: 3, 2: 3}) for number in range(12)]
    val = [DoneImage(f"v{number}", Split.VAL, {1: 3, 2: 3}) for number in range(10)]
    return [DoneImage("full", Split.VAL, {1: n - 1, 2: 1}), *train, *val]


def test_an_image_with_more_instances_than_a_model_gives_is_told() -> None:
    (only,) = findings(crowded(101), CLASSES)
    assert only.sentence.startswith("1 image has more than 100 instances")
    assert only.keys == ("full",)


def test_as_many_as_a_model_gives_are_no_finding() -> None:
    assert findings(crowded(100), CLASSES) == ()


def test_a_model_without_a_limit_gives_all() -> None:
    limits = ModelLimits(detections_per_image=-1)
    assert findings(crowded(1000), CLASSES, limits=limits) == ()


def test_the_limits_of_the_small_model_are_its_own() -> None:
    settings = small_settings(2)
    assert (
        ModelLimits(settings.min_size_test, settings.max_size_test, settings.detections_per_image)
        == SMALL_LIMITS
    )


def test_the_usual_limits_are_those_of_the_published_models() -> None:
    settings = standard_settings()
    assert ModelLimits() == ModelLimits(
        settings.min_size_test, settings.max_size_test, settings.detections_per_image
    )
