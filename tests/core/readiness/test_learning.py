"""What makes little of what is there to learn, or to measure on."""

from core.readiness import DoneImage, Finding, findings
from core.types import LabelClass, Split

CLASSES = (LabelClass(1, "fig", "#111111"), LabelClass(2, "date", "#222222"))
PLENTY = {1: 3, 2: 3}


def images(n: int, split: Split, counts: dict[int, int] = PLENTY) -> list[DoneImage]:
    return [DoneImage(f"{split}_{number}.jpg", split, counts) for number in range(n)]


def only_one(found: tuple[Finding, ...]) -> Finding:
    (only,) = found
    return only


def test_a_class_of_crowds_alone_is_said_to_be_one_and_not_to_be_without() -> None:
    crowded = DoneImage("c.jpg", Split.TRAIN, {1: 3}, crowd_counts={2: 4})
    train, val = images(12, Split.TRAIN, {1: 3}), images(10, Split.VAL, {1: 3})
    only = only_one(findings([crowded, *train, *val], CLASSES))
    assert only.sentence.startswith("All that is labelled as date is marked as a crowd")
    assert only.keys == ("c.jpg",)


def test_crowds_beside_single_instances_are_no_finding() -> None:
    crowded = DoneImage("c.jpg", Split.TRAIN, PLENTY, crowd_counts={2: 4})
    found = findings([crowded, *images(12, Split.TRAIN), *images(10, Split.VAL)], CLASSES)
    assert found == ()


def test_nine_val_images_are_few() -> None:
    only = only_one(findings([*images(12, Split.TRAIN), *images(9, Split.VAL)], CLASSES))
    assert only.sentence == (
        "There are 9 images with 54 instances to measure on: AP of so few is a coarse number."
    )


def test_nineteen_val_instances_are_few_in_however_many_images() -> None:
    val = [*images(17, Split.VAL, {1: 1}), DoneImage("v.jpg", Split.VAL, {2: 2})]
    only = only_one(findings([*images(12, Split.TRAIN), *val], CLASSES))
    assert only.sentence.startswith("There are 18 images with 19 instances to measure on")


def test_instances_of_classes_that_are_gone_do_not_count_to_measure_on() -> None:
    val = images(10, Split.VAL, {1: 1, 2: 0, 7: 5})
    found = findings([*images(12, Split.TRAIN, {1: 5}), *val], CLASSES[:1])
    assert only_one(found).sentence.startswith("There are 10 images with 10 instances")


def test_a_prediction_that_nobody_looked_at_leaves_its_area_out() -> None:
    unseen = DoneImage("u.jpg", Split.VAL, PLENTY, n_predicted=1)
    found = findings([*images(12, Split.TRAIN), *images(9, Split.VAL), unseen], CLASSES)
    assert "its area will teach nothing" in only_one(found).sentence


def test_labelled_images_that_are_not_done_are_counted() -> None:
    full = [*images(12, Split.TRAIN), *images(10, Split.VAL)]
    only = only_one(findings(full, CLASSES, left_out=["a.jpg", "b.jpg"]))
    assert only.sentence == "2 images with labels of yours are not done and are left out."
    assert only.keys == ("a.jpg", "b.jpg")


def test_labelled_images_are_told_of_too_where_none_is_done() -> None:
    stop, left_out = findings([], CLASSES, left_out=["a.jpg"])
    assert stop.sentence.startswith("No image is done")
    assert left_out.sentence == "1 image with labels of yours is not done and is left out."
