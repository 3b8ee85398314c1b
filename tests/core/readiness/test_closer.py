"""What a closer look at files and labels finds, and that its fixes mend it for good."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.batches import apply_verdict, new_batch_id, take_back
from core.doubts import Dismissals, doubts_of
from core.events import Progress
from core.geometry import bounds_of
from core.images import read_image
from core.project import Project
from core.readiness import Finding, LabelFix, look
from core.types import Instance, Part

FIG = [[5.0, 5.0], [35.0, 5.0], [35.0, 30.0], [5.0, 30.0]]
BOW = [[5.0, 5.0], [35.0, 30.0], [35.0, 5.0], [5.0, 30.0]]
ORIENTATION = 0x0112


def looked(project: Project) -> tuple[Finding, ...]:
    steps = look(project)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def carried_out(project: Project, finding: Finding) -> str:
    """Does what the fix of a finding says, as one batch, and gives its id."""
    assert isinstance(finding.fix, LabelFix)
    batch_id, fix = new_batch_id(), finding.fix
    for key in fix.keys:
        apply_verdict(
            project, batch_id, key, lambda labels, key=key: fix.changed(key, labels),
            verdict=fix.text, with_done=True,
        )  # fmt: skip
    return batch_id


def photo(file: Path, size_hw: tuple[int, int] = (40, 60), *, orientation: int = 1) -> None:
    """A photo with a white box in its stored rows where FIG is."""
    pixels = np.random.default_rng(len(file.name)).integers(0, 99, (*size_hw, 3), dtype=np.uint8)
    pixels[5:30, 5:35] = 255
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(pixels).save(file, exif=exif, quality=95)


def test_a_sound_project_is_told_nothing(project: Project) -> None:
    assert looked(project) == ()


def test_a_look_tells_how_far_it_is(project: Project) -> None:
    first = next(look(project))
    assert first == Progress(0, 10, "images looked at")


def test_a_photo_that_breaks_off_is_left_out_with_its_reason(
    project: Project, folder: Path
) -> None:
    whole = (folder / "3.png").read_bytes()
    (folder / "3.png").write_bytes(whole[: len(whole) // 2])
    (only,) = looked(project)
    assert only.sentence == "1 image that is done cannot be read and is left out: 3.png."
    assert "is damaged or breaks off" in only.help
    assert only.keys == ("3.png",)


def test_files_that_are_no_pictures_are_told(project: Project, folder: Path) -> None:
    (folder / "3.png").write_bytes(b"")
    (folder / "4.png").write_text("no picture")
    (only,) = looked(project)
    assert only.keys == ("3.png", "4.png")
    assert "an empty file of 0 bytes" in only.help


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_labels_in_the_stored_rows_of_a_turned_photo_are_turned(
    folder: Path, opened: Callable[[], Project], label: Callable[..., Path], orientation: int
) -> None:
    photo(folder / "a.jpg", (40, 90), orientation=orientation)
    beyond = [[x + 50, y] for x, y in FIG]
    label("a.jpg", FIG, beyond, size_hw=(40, 90))
    project = opened()
    (only,) = looked(project)
    assert "is turned against its labels" in only.sentence
    carried_out(project, only)
    assert looked(project) == ()
    first, _ = project.read("a.jpg").labels.instances
    x0, y0, x1, y1 = (round(side) for side in bounds_of(first.parts))
    pixels = read_image(folder / "a.jpg")
    assert pixels.shape[:2] == (90, 40)
    assert pixels[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].min() > 200


def test_labels_that_may_be_right_are_not_turned_by_a_click(
    folder: Path, opened: Callable[[], Project], label: Callable[..., Path]
) -> None:
    photo(folder / "a.jpg", (40, 60), orientation=6)
    label("a.jpg", FIG, size_hw=(40, 60))
    (only,) = looked(opened())
    assert "the orientation in a photo's EXIF" in only.sentence
    assert only.keys == ("a.jpg",)
    assert only.fix is None


def test_labels_of_a_larger_size_are_rescaled_by_a_click_that_can_be_taken_back(
    folder: Path, opened: Callable[[], Project], label: Callable[..., Path]
) -> None:
    photo(folder / "a.jpg", (40, 60))
    file = label("a.jpg", [[2 * x, 2 * y] for x, y in FIG], size_hw=(80, 120))
    before = file.read_bytes()
    project = opened()
    (only,) = looked(project)
    assert only.sentence.startswith("1 image is of another size than when labelled")
    batch_id = carried_out(project, only)
    (one,) = project.read("a.jpg").labels.instances
    assert one.parts == (Part(FIG),)
    assert looked(project) == ()
    take_back(project, batch_id)
    assert file.read_bytes() == before


def test_a_photo_of_another_shape_is_told_without_a_fix(
    folder: Path, opened: Callable[[], Project], label: Callable[..., Path]
) -> None:
    photo(folder / "a.jpg", (40, 60))
    label("a.jpg", FIG, size_hw=(90, 91))
    (only,) = looked(opened())
    assert only.sentence.startswith("1 image is of another size and shape than its labels say")
    assert only.fix is None


def test_shapes_that_are_no_regions_are_counted_and_lines_are_not(
    folder: Path, opened: Callable[[], Project], label: Callable[..., Path]
) -> None:
    photo(folder / "a.jpg")
    file = label("a.jpg", FIG, [[1.0, 1.0], [2.0, 2.0]], [], size_hw=(40, 60))
    line = '{"label": "fig", "points": [[1, 1], [2, 2]], "shape_type": "line"}'
    file.write_text(file.read_text().replace('"shapes": [', f'"shapes": [{line}, '))
    (only,) = looked(opened())
    assert only.sentence.startswith("2 shapes in 1 label file are no regions and teach nothing")


def test_outlines_of_other_tools_are_mended_by_a_click_that_can_be_taken_back(
    folder: Path, opened: Callable[[], Project], label: Callable[..., Path]
) -> None:
    photo(folder / "a.jpg")
    file = label("a.jpg", BOW, [[x + 40, y + 5] for x, y in FIG], size_hw=(40, 60))
    before = file.read_bytes()
    project = opened()
    crossing, over = looked(project)
    assert crossing.sentence.startswith("1 instance in 1 image has an outline that crosses itself")
    assert over.sentence == "1 instance in 1 image reaches over the edge of its image."
    batches = [carried_out(project, crossing), carried_out(project, over)]
    assert looked(project) == ()
    for batch_id in reversed(batches):
        take_back(project, batch_id)
    assert file.read_bytes() == before


def test_a_doubt_that_a_person_dismissed_is_neither_told_nor_mended(project: Project) -> None:
    for key in ("2.png", "3.png"):
        loaded = project.read(key)
        bow = Instance("b", loaded.labels.instances[0].class_id, (Part(BOW),))
        project.write(key, replace(loaded.labels, instances=(bow,)), stamp=loaded.stamp)
    dismissals = Dismissals(project.hidden_folder)
    dismissals.add(doubts_of("2.png", project.read("2.png").labels, (), names={}))
    dismissals.write()
    (only,) = looked(project)
    assert only.keys == ("3.png",)
