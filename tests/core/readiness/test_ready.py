"""What is said before a fine-tune, finding by finding."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.project import Project
from core.readiness import DoneImage, Finding, Severity, findings, readiness_of
from core.types import (
    ImageLabels,
    ImageState,
    Instance,
    InstanceState,
    LabelClass,
    Part,
    Split,
)

FIG, DATE = LabelClass(1, "fig", "#111111"), LabelClass(2, "date", "#222222")
CLASSES = (FIG, DATE)
PLENTY = {1: 3, 2: 3}


def images(n: int, split: Split = Split.TRAIN, counts: dict[int, int] = PLENTY) -> list[DoneImage]:
    return [DoneImage(f"{split}_{number}.jpg", split, counts) for number in range(n)]


def said(found: Sequence[Finding]) -> str:
    return "\n".join(one.sentence for one in found)


def test_a_project_that_has_all_is_told_nothing() -> None:
    assert findings([*images(20), *images(10, Split.VAL)], CLASSES) == ()


def test_no_done_image_stops() -> None:
    (only,) = findings([], CLASSES)
    assert only.severity is Severity.STOP
    assert only.sentence == "No image is done, so there is nothing to learn from."
    assert "Label 10 to 20 images" in only.help


def test_done_images_that_are_all_kept_to_measure_with_stop() -> None:
    (only,) = findings(images(10, Split.VAL), CLASSES)
    assert only.severity is Severity.STOP
    assert only.sentence.startswith("All 10 done images are kept to measure with")


def test_images_without_instances_stop() -> None:
    (only,) = findings([*images(12, counts={}), *images(10, Split.VAL)], CLASSES)
    assert only.severity is Severity.STOP
    assert only.sentence.startswith("The 12 done images to learn from have no instance")
    assert len(only.keys) == 12


def test_instances_of_classes_that_are_gone_do_not_count() -> None:
    (only,) = findings([*images(12, counts={7: 3}), *images(10, Split.VAL)], CLASSES)
    assert only.severity is Severity.STOP


def test_few_images_are_told() -> None:
    found = findings([*images(9), *images(10, Split.VAL)], CLASSES)
    assert said(found).startswith("There are only 9 images to learn from")
    assert found[0].severity is Severity.WARN
    assert findings([*images(10), *images(10, Split.VAL)], CLASSES) == ()


def test_a_class_without_examples_is_named() -> None:
    found = findings([*images(12, counts={1: 2}), *images(10, Split.VAL)], CLASSES)
    assert "No image to learn from shows date, so the model will never find it." in said(found)


def test_a_class_with_few_instances_is_named_with_their_number() -> None:
    train = [*images(11, counts={1: 2}), DoneImage("x.jpg", Split.TRAIN, {2: 4})]
    found = findings([*train, *images(10, Split.VAL)], CLASSES)
    assert said(found) == "Fewer than 5 instances to learn from: date (4)."


def test_no_image_to_measure_on_is_told() -> None:
    (only,) = findings(images(12), CLASSES)
    assert "No done image is kept to measure on" in only.sentence
    assert only.severity is Severity.WARN


def test_a_class_that_cannot_be_measured_is_named() -> None:
    (only,) = findings([*images(12), *images(10, Split.VAL, {1: 2})], CLASSES)
    assert only.sentence == "No image to measure on shows date, so there will be no AP of it."


def test_predictions_that_nobody_looked_at_are_counted_and_found() -> None:
    unseen = [DoneImage(name, Split.TRAIN, PLENTY, n_predicted=2) for name in ("a.jpg", "b.jpg")]
    (only,) = findings([*images(12), *unseen, *images(10, Split.VAL)], CLASSES)
    assert only.sentence.startswith("4 predictions in 2 images that are done were looked at by")
    assert only.keys == ("a.jpg", "b.jpg")


def test_missing_images_are_named() -> None:
    full = [*images(12), *images(10, Split.VAL)]
    (only,) = findings(full, CLASSES, missing=["c.jpg"])
    assert only.sentence == "1 image with labels is not in the folder any more: c.jpg."


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Twelve done images, in each a fig that a person drew and a date that nobody looked at."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(12):
        pixels = rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    project = Project.open(folder)
    fig, date = project.add_class("fig"), project.add_class("date")
    part = Part([(2, 2), (9, 2), (9, 9)])
    for number in range(12):
        instances = (
            Instance("a", fig.id, (part,)),
            Instance("b", date.id, (part,), state=InstanceState.PREDICTED, score=0.9),
        )
        labels = ImageLabels((20, 30), instances, ImageState.DONE)
        project.write(f"{number:02}.png", labels, stamp="")
    return project


def test_predictions_are_no_examples_of_their_class(project: Project) -> None:
    ready = readiness_of(project)
    assert (ready.n_train, ready.n_val) == (10, 2)
    assert ready.why_not is None
    assert "No image to learn from shows date" in said(ready.findings)
    assert "12 predictions in 12 images" in said(ready.findings)
    project.close()


def test_an_image_that_was_taken_away_is_missed_and_one_with_its_labels_is_not(
    project: Project,
) -> None:
    readiness_of(project)
    (project.folder / "03.png").unlink()
    (project.folder / "04.png").unlink()
    (project.folder / "04.json").unlink()
    for _ in project.scan():
        pass
    found = readiness_of(project).findings
    assert found[-1].sentence == "1 image with labels is not in the folder any more: 03.png."
    project.close()


def test_the_first_thing_that_stops_is_why_it_cannot_begin(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    project = Project.open(tmp_path / "photos")
    ready = readiness_of(project)
    assert ready.why_not is not None
    assert ready.why_not.sentence.startswith("No image is done")
    project.close()
