"""What is wrong with the classes themselves."""

from dataclasses import replace

from core.readiness import DoneImage, Finding, LabelFix, findings
from core.types import ImageLabels, ImageState, Instance, InstanceState, LabelClass, Part, Split

FIG, TWIN = LabelClass(1, "fig", "#111111"), LabelClass(4, "Fig ", "#222222")
PART = Part([(2, 2), (9, 2), (9, 9)])


def lessons(classes: tuple[LabelClass, ...]) -> list[DoneImage]:
    counts = {one.id: 3 for one in classes}
    train = [DoneImage(f"t{number}.jpg", Split.TRAIN, counts) for number in range(12)]
    return [*train, *(DoneImage(f"v{number}.jpg", Split.VAL, counts) for number in range(10))]


def found_of(classes: tuple[LabelClass, ...], **asked: object) -> tuple[Finding, ...]:
    return findings(lessons(classes), classes, **asked)  # type: ignore[arg-type]


def test_names_that_differ_by_case_and_blanks_are_twins() -> None:
    (only,) = found_of((FIG, TWIN), keys_of_class={4: ["a.jpg"], 1: ["b.jpg"]})
    assert only.sentence.startswith("“fig” and “Fig ” are two classes")
    assert only.keys == ("a.jpg",)


def test_names_that_differ_in_a_letter_are_none() -> None:
    assert found_of((FIG, replace(TWIN, name="figs"))) == ()


def test_gaps_between_the_ids_of_classes_are_no_finding() -> None:
    assert found_of((FIG, replace(TWIN, id=90, name="date"))) == ()


def test_the_fix_of_a_twin_gives_its_instances_the_class_of_the_first() -> None:
    (only,) = found_of((FIG, TWIN), keys_of_class={4: ["a.jpg"]})
    assert isinstance(only.fix, LabelFix)
    drawn = Instance("a", TWIN.id, (PART,))
    seen = Instance("b", TWIN.id, (PART,), state=InstanceState.PREDICTED, score=0.5)
    labels = ImageLabels(
        (20, 20), (drawn, seen), ImageState.DONE, rejected=(replace(seen, id="c"),)
    )
    after = only.fix.changed("a.jpg", labels)
    assert {one.class_id for one in (*after.instances, *after.rejected)} == {FIG.id}
    assert [one.state for one in after.instances] == [InstanceState.DRAWN, InstanceState.PREDICTED]
    assert only.fix.changed("a.jpg", after) is after


def test_a_background_that_somebody_drew_is_told_with_its_images() -> None:
    background = LabelClass(2, "_Background_", "#222222")
    (only,) = found_of((FIG, background))
    assert only.sentence.startswith("_Background_ is labelled like an object")
    assert len(only.keys) == 22


def test_a_background_that_nobody_drew_is_only_a_class_without_examples() -> None:
    classes = (FIG, LabelClass(2, "background", "#222222"))
    (only,) = findings(lessons((FIG,)), classes)
    assert only.sentence.startswith("No image to learn from shows background")
