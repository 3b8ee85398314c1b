import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core import edits
from core.batches import (
    apply_predictions,
    apply_threshold,
    apply_verdict,
    batches,
    confidence_before,
    new_batch_id,
    remember,
    take_back,
    verdict_of,
)
from core.errors import AppError
from core.predictions import PredictedBy, Predictions, PredictionStore
from core.project import ChangedOnDisk, Project
from core.thresholds import Thresholds, as_thresholds
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


def test_a_line_of_a_batch_with_a_number_of_no_size_is_passed_over(project: Project) -> None:
    apply_predictions(project, "one", "a.png", [_predicted("p")])
    batch = project.hidden_folder / "batches" / "one.jsonl"
    line = json.loads(batch.read_text())
    odd = {**line, "key": "b.png", "confidence_before": 10**400}
    batch.write_text(f"{json.dumps(odd)}\n{json.dumps(line)}\n")
    assert take_back(project, "one") == (("a.png",), ())


def test_a_batch_that_is_not_there_is_nothing_to_take_back(project: Project) -> None:
    assert take_back(project, new_batch_id()) == ((), ())


def _batches_made(project: Project, *numbers: int) -> list[str]:
    made = [f"20260101T{number:02d}" for number in numbers]
    for batch_id in made:
        apply_predictions(project, batch_id, "a.png", [_predicted(f"x {batch_id}")])
    return made


def test_the_last_twenty_batches_can_be_taken_back(project: Project) -> None:
    made = _batches_made(project, *range(25))
    assert batches(project) == tuple(made[5:])


def test_batches_that_are_large_are_fewer_but_the_last_three_stay(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.batches._MOST_BYTES", 1)
    made = _batches_made(project, *range(5))
    assert batches(project) == tuple(made[2:])


def test_what_was_left_of_a_batch_goes_before_later_ones(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.batches._MOST", 3)
    first, second = _batches_made(project, 1, 2)
    project.write("a.png", _labels(), stamp=project.read("a.png").stamp)
    take_back(project, second)  # nothing of it: all is left
    assert batches(project) == (second, first)
    _batches_made(project, 3)
    assert batches(project) == (second, first, "20260101T03")
    _batches_made(project, 4)
    assert batches(project) == (first, "20260101T03", "20260101T04")


def test_a_batch_that_broke_off_in_its_first_line_is_none(project: Project) -> None:
    _prelabel(project, "one", "x")
    folder = project.hidden_folder / "batches"
    whole = (folder / "one.jsonl").read_bytes()
    for torn in (b"", whole[:20]):
        (folder / "two.jsonl").write_bytes(torn)
        assert batches(project) == ("one",)


def test_a_folder_that_is_gone_does_not_come_back_with_a_batch(project: Project) -> None:
    project.folder.rename(project.folder.with_name("moved"))
    with pytest.raises(AppError, match="still connected"):
        remember(project, "one", "a.png", before=_labels(), after=_labels(_square("x", 2)))
    assert not project.folder.exists()


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


BY = PredictedBy("run/best.pth", "s", {}, ("jeans", "shirt"))
KEYS = ("a.png", "b.png", "c.png", "d.png")


def _keep(project: Project, key: str, *, by: PredictedBy = BY, prefix: str = "") -> str:
    """Keeps a sure and an unsure prediction of an image; the name to set them aside with."""
    found = (
        replace(_predicted(f"{prefix}sure {key}", 30), score=0.9),
        replace(_predicted(f"{prefix}unsure {key}", 50), score=0.2),
    )
    store = PredictionStore(project.hidden_folder)
    return store.keep(Predictions(key, "", (60, 80), by, found))


def _prelabel_and_keep(project: Project, batch_id: str, **more: Any) -> None:
    """Shows the sure ones."""
    for key in KEYS:
        made = _keep(project, key, **more)
        found = PredictionStore(project.hidden_folder).latest(key)
        assert found is not None
        apply_predictions(project, batch_id, key, found.instances, threshold=0.5, made=made)


def _move(project: Project, batch_id: str, to: float, *, before: float) -> list[int | None]:
    store = PredictionStore(project.hidden_folder)
    return [
        apply_threshold(
            project,
            store,
            batch_id,
            key,
            threshold=as_thresholds(to),
            confidence_before=as_thresholds(before),
        )
        for key in KEYS
    ]


def test_a_lower_threshold_shows_more_in_images_that_are_not_done(project: Project) -> None:
    before = _files(project)
    _prelabel_and_keep(project, "1-pre")
    assert _move(project, "2-move", 0.1, before=0.5) == [1, 1, 1, None]
    assert _ids(project, "b.png") == {"drawn", "sure b.png", "unsure b.png"}
    assert _files(project)["d.json"] == before["d.json"]


def test_down_and_up_again_is_byte_for_byte_what_it_was(project: Project) -> None:
    _prelabel_and_keep(project, "1-pre")
    between = _files(project)
    _move(project, "2-move", 0.1, before=0.5)
    assert _move(project, "3-move", 0.5, before=0.1) == [-1, -1, -1, None]
    assert _files(project) == between
    assert _move(project, "4-move", 0.4, before=0.5) == [None] * 4
    assert "4-move" not in batches(project)


def test_a_threshold_of_one_class_moves_that_class_alone(project: Project) -> None:
    """The kept predictions are of class 1, and a batch says what held for every class before."""
    _prelabel_and_keep(project, "1-pre")
    store, before = PredictionStore(project.hidden_folder), Thresholds(0.5, {1: 0.7, 2: 0.6})

    def move(batch_id: str, to: Thresholds) -> int | None:
        return apply_threshold(
            project, store, batch_id, "a.png", threshold=to, confidence_before=before
        )

    assert move("2-move", Thresholds(0.5, {2: 0.1})) is None
    assert move("3-move", Thresholds(0.95, {1: 0.1})) == 1
    assert _ids(project, "a.png") == {"sure a.png", "unsure a.png"}
    assert confidence_before(project, "3-move") == before
    assert move("4-move", Thresholds(0.1, {1: 0.95})) == -2


def test_a_move_is_taken_back_before_the_pre_label_and_says_where_it_was(project: Project) -> None:
    before = _files(project)
    _prelabel_and_keep(project, "1-pre")
    between = _files(project)
    _move(project, "2-move", 0.1, before=0.5)
    assert [confidence_before(project, one) for one in batches(project)] == [None, Thresholds(0.5)]
    assert take_back(project, "2-move") == (("a.png", "b.png", "c.png"), ())
    assert _files(project) == between
    assert take_back(project, "1-pre") == (("a.png", "b.png", "c.png"), ())
    assert _files(project) == before
    assert batches(project) == ()


def test_moves_are_taken_back_after_a_restart_in_their_order(project: Project) -> None:
    before = _files(project)
    _prelabel_and_keep(project, "1-pre")
    _move(project, "2-move", 0.1, before=0.5)
    _move(project, "3-move", 0.95, before=0.1)
    project.close()
    again = Project.open(project.folder)
    assert batches(again) == ("1-pre", "2-move", "3-move")
    moved_from = [confidence_before(again, one) for one in batches(again)]
    assert moved_from == [None, Thresholds(0.5), Thresholds(0.1)]
    for batch_id in reversed(batches(again)):
        assert take_back(again, batch_id).left_alone == ()
    assert _files(again) == before
    again.close()


def test_after_the_pre_label_was_taken_back_no_threshold_brings_it_back(project: Project) -> None:
    before = _files(project)
    _prelabel_and_keep(project, "1-pre")
    take_back(project, "1-pre")
    assert _move(project, "2-move", 0.1, before=0.5) == [None] * 4
    assert _files(project) == before


def test_after_a_second_pre_label_was_taken_back_the_threshold_is_that_of_the_first(
    project: Project,
) -> None:
    _prelabel_and_keep(project, "1-pre")
    _prelabel_and_keep(project, "2-pre", by=replace(BY, weights="run_2/best.pth"), prefix="new ")
    assert _ids(project, "b.png") == {"drawn", "new sure b.png"}
    take_back(project, "2-pre")
    _move(project, "3-move", 0.1, before=0.5)
    assert _ids(project, "b.png") == {"drawn", "sure b.png", "unsure b.png"}


def test_a_pre_label_that_showed_nothing_is_taken_back_too(project: Project) -> None:
    before = _files(project)
    for key in KEYS:
        made = _keep(project, key)
        apply_predictions(project, "1-pre", key, (), threshold=0.95, made=made)
    assert _files(project) == before
    assert take_back(project, "1-pre") == ((), ())
    assert _move(project, "2-move", 0.1, before=0.95) == [None] * 4


def test_what_a_person_judged_between_moves_stays(project: Project) -> None:
    _prelabel_and_keep(project, "1-pre")
    _move(project, "2-move", 0.1, before=0.5)
    loaded = project.read("b.png")
    now = edits.rejected(loaded.labels, ["unsure b.png"])
    project.write("b.png", edits.accepted(now, ["sure b.png"]), stamp=loaded.stamp)
    _move(project, "3-move", 0.95, before=0.1)
    assert _ids(project, "b.png") == {"drawn", "sure b.png"}
    _move(project, "4-move", 0.05, before=0.95)
    assert _ids(project, "b.png") == {"drawn", "sure b.png"}


def test_images_that_stay_behind_do_not_block_the_batch_before(project: Project) -> None:
    before = _files(project)
    _prelabel_and_keep(project, "1-pre")
    between = _files(project)
    _move(project, "2-move", 0.1, before=0.5)
    loaded = project.read("b.png")
    project.write("b.png", edits.all_accepted(loaded.labels), stamp=loaded.stamp)
    assert take_back(project, "2-move") == (("a.png", "c.png"), ("b.png",))
    assert {**_files(project), "b.json": b""} == {**between, "b.json": b""}
    assert batches(project)[-1] == "1-pre"
    assert take_back(project, "1-pre") == (("a.png", "c.png"), ("b.png",))
    assert {**_files(project), "b.json": b""} == {**before, "b.json": b""}
    assert take_back(project, batches(project)[-1]).restored == ()


def test_an_image_whose_size_is_another_now_is_left_as_it_is(project: Project) -> None:
    _prelabel_and_keep(project, "1-pre")
    (project.folder / "b.png").write_bytes(
        cv2.imencode(".png", np.zeros((30, 40, 3), np.uint8))[1].tobytes()
    )
    assert _move(project, "2-move", 0.1, before=0.5) == [1, None, 1, None]


def test_a_class_that_is_gone_does_not_come_back(project: Project) -> None:
    _prelabel_and_keep(project, "1-pre")
    project.merge_classes(1, into=project.add_class("trousers").id)
    assert _move(project, "2-move", 0.1, before=0.5)[0] == -1
    assert [one.name for one in project.classes] == ["shirt", "trousers"]


def test_the_confidence_of_a_project_is_kept(project: Project) -> None:
    assert project.confidence is None
    project.keep_confidence(0.35)
    project.close()
    again = Project.open(project.folder, wants_to_write=False)
    assert again.confidence == 0.35
    again.close()


@pytest.mark.parametrize("value", ["0.5", True, 7, None, [1]])
def test_a_confidence_that_is_none_is_passed_over(project: Project, value: object) -> None:
    file = project.folder / "maskloop.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "confidence": value}))
    again = Project.open(project.folder, wants_to_write=False)
    assert again.confidence is None
    again.close()


def _accept(labels: ImageLabels) -> ImageLabels:
    return edits.all_accepted(labels)


def test_a_verdict_on_many_images_is_taken_back_in_one_step(project: Project) -> None:
    _prelabel(project, "1", "new")
    before = _files(project)
    given = [apply_verdict(project, "2", f"{name}.png", _accept, verdict="Accept") for name in "ab"]
    assert given == [1, 1]
    assert project.summary("a.png").n_predicted == 0
    assert verdict_of(project, "2") == "Accept"
    assert set(take_back(project, "2").restored) == {"a.png", "b.png"}
    assert _files(project) == before


def test_a_verdict_leaves_done_images_alone_unless_a_person_says_otherwise(
    project: Project,
) -> None:
    loaded = project.read("d.png")
    done = replace(loaded.labels, instances=(_predicted("p"),))
    project.write("d.png", done, stamp=loaded.stamp)
    assert apply_verdict(project, "1", "d.png", _accept, verdict="Accept") == 0
    assert apply_verdict(project, "1", "d.png", _accept, verdict="Accept", with_done=True) == 1


def test_a_verdict_that_changes_nothing_is_no_batch(project: Project) -> None:
    assert apply_verdict(project, "1", "b.png", _accept, verdict="Accept") == 0
    assert batches(project) == ()


def test_a_pre_label_is_no_verdict(project: Project) -> None:
    _prelabel(project, "1", "new")
    assert verdict_of(project, "1") == ""
