import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.batches import apply_predictions, batches, new_batch_id, take_back
from core.errors import AppError
from core.project import ChangedOnDisk, Project
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A folder with a.png to d.png: a is untouched, b has a drawn instance, c labelme's, d done."""
    monkeypatch.setattr("core.project.project.user_cache_folder", lambda: tmp_path / "cache")
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in "abcd":
        picture = np.full((60, 80, 3), ord(name), np.uint8)
        (folder / f"{name}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    shapes = [{"label": "shirt", "points": [[60, 40], [70, 40], [70, 50]]}]
    theirs = {"shapes": shapes, "imagePath": "c.png", "maskloop": {"state": "started"}}
    (folder / "c.json").write_text(json.dumps(theirs, indent=3))
    opened = Project.open(folder)
    opened.add_class("jeans")
    opened.write("b.png", _labels(_square("drawn", 2)), stamp="")
    opened.write("d.png", replace(_labels(), state=ImageState.DONE), stamp="")
    yield opened
    opened.close()


def _square(name: str, x: float, state: InstanceState = InstanceState.DRAWN) -> Instance:
    part = Part([[x, 2], [x + 10, 2], [x + 10, 12], [x, 12]])
    return Instance(name, 1, (part,), state=state)


def _predicted(name: str, x: float = 30) -> Instance:
    return replace(_square(name, x, InstanceState.PREDICTED), score=0.9, source="weights")


def _labels(*instances: Instance) -> ImageLabels:
    return ImageLabels((60, 80), instances, ImageState.STARTED)


def _ids(project: Project, key: str) -> set[str]:
    return {one.id for one in project.read(key).labels.instances}


def _files(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.folder.glob("?.json")}


def _prelabel(project: Project, batch_id: str, name: str, x: float = 30) -> None:
    for key in ("a.png", "b.png", "c.png", "d.png"):
        apply_predictions(project, batch_id, key, [_predicted(f"{name} {key}", x)])


def test_predictions_are_added_to_what_a_person_drew(project: Project) -> None:
    after = apply_predictions(project, "one", "b.png", [_predicted("new")])
    assert {one.id for one in after.instances} == {"drawn", "new"}
    assert project.read("b.png").labels == after


def test_a_done_image_is_not_touched(project: Project) -> None:
    before = _files(project)
    _prelabel(project, "one", "p")
    assert _files(project)["d.json"] == before["d.json"]
    assert "d.png" not in take_back(project, "one").restored


def test_a_batch_is_taken_back_byte_for_byte(project: Project) -> None:
    before = _files(project)
    _prelabel(project, "one", "p")
    assert set(_files(project)) == {"a.json", *before}
    assert take_back(project, "one") == (("a.png", "b.png", "c.png"), ())
    assert _files(project) == before
    assert batches(project) == ()


def test_a_batch_is_taken_back_after_a_restart(project: Project) -> None:
    before = _files(project)
    _prelabel(project, "one", "p")
    project.close()
    again = Project.open(project.folder)
    assert batches(again) == ("one",)
    take_back(again, "one")
    assert _files(again) == before
    again.close()


def test_images_changed_since_stay_and_are_named(project: Project) -> None:
    before = _files(project)
    _prelabel(project, "one", "p")
    loaded = project.read("b.png")
    edited = replace(loaded.labels, state=ImageState.DONE)
    project.write("b.png", edited, stamp=loaded.stamp)
    (project.folder / "c.json").unlink()
    assert take_back(project, "one") == (("a.png",), ("b.png", "c.png"))
    assert project.read("b.png").labels == edited
    assert not (project.folder / "a.json").exists()
    assert set(_files(project)) == set(before) - {"c.json"}


def test_an_image_with_unsaved_edits_stays_and_is_named(project: Project) -> None:
    _prelabel(project, "one", "p")
    loaded = project.read("b.png")
    edited = replace(loaded.labels, state=ImageState.DONE)
    project.record_edit("b.png", loaded.labels, edited, stamp=loaded.stamp)
    assert take_back(project, "one").left_alone == ("b.png",)
    assert _ids(project, "b.png") == {"drawn", "p b.png"}


def test_two_batches_are_taken_back_one_after_another(project: Project) -> None:
    before = _files(project)
    _prelabel(project, "one", "p")
    between = _files(project)
    _prelabel(project, "two", "q", x=50)
    assert _ids(project, "b.png") == {"drawn", "q b.png"}
    assert batches(project) == ("one", "two")
    take_back(project, "two")
    assert _files(project) == between
    take_back(project, "one")
    assert _files(project) == before


def test_an_earlier_batch_can_follow_a_later_one(project: Project) -> None:
    before = _files(project)
    _prelabel(project, "one", "p")
    _prelabel(project, "two", "q", x=50)
    assert take_back(project, "one") == ((), ("a.png", "b.png", "c.png"))
    take_back(project, "two")
    assert take_back(project, "one").left_alone == ()
    assert _files(project) == before


def test_an_image_that_a_batch_changed_twice_is_taken_back_to_the_beginning(
    project: Project,
) -> None:
    before = _files(project)
    _prelabel(project, "one", "p")
    _prelabel(project, "one", "q", x=50)
    take_back(project, "one")
    assert _files(project) == before


def test_predictions_that_change_nothing_write_nothing(project: Project) -> None:
    before = _files(project)
    apply_predictions(project, "one", "b.png", [])
    assert (_files(project), batches(project)) == (before, ())


def test_a_batch_that_was_killed_before_its_last_write_is_taken_back(project: Project) -> None:
    before = _files(project)
    apply_predictions(project, "one", "a.png", [_predicted("p")])
    batch = project.hidden_folder / "batches" / "one.jsonl"
    line = json.loads(batch.read_text())
    (project.folder / "a.json").unlink()
    again = {**line, "after": "what was never written"}
    batch.write_text(f'{json.dumps(again)}\n{{"key": "b.png", "bef')
    assert take_back(project, "one") == (("a.png",), ())
    assert _files(project) == before


def test_a_batch_that_is_not_there_is_nothing_to_take_back(project: Project) -> None:
    assert take_back(project, new_batch_id()) == ((), ())


def test_a_name_that_leads_out_of_the_folder_is_no_batch(project: Project) -> None:
    with pytest.raises(AppError, match="is not the id of a batch"):
        take_back(project, "../../journal")


def test_a_file_of_a_newer_version_is_left_alone(project: Project) -> None:
    value = {"shapes": [], "imagePath": "a.png", "maskloop": {"version": 2, "state": "started"}}
    (project.folder / "a.json").write_text(json.dumps(value))
    with pytest.raises(AppError, match="newer version"):
        apply_predictions(project, "one", "a.png", [_predicted("p")])


def test_a_change_in_the_moment_of_writing_is_kept(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = project.file_of

    def file_of(key: str, labels: ImageLabels) -> bytes:
        (project.folder / "b.json").write_bytes(b'{"shapes": [], "imagePath": "b.png"}')
        return real(key, labels)

    monkeypatch.setattr(project, "file_of", file_of)
    with pytest.raises(ChangedOnDisk):
        apply_predictions(project, "one", "b.png", [_predicted("p")])
    assert (project.folder / "b.json").read_bytes() == b'{"shapes": [], "imagePath": "b.png"}'
