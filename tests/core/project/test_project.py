import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import AppError
from core.instance_rows import rows_from
from core.project import ChangedOnDisk, LabelSummary, Project
from core.types import ImageLabels, ImageState, Instance, InstanceState

Draw = Callable[..., Path]
Labels = Callable[..., ImageLabels]
New = Callable[..., Instance]
_SHAPE = {"label": "jeans", "points": [[1, 1], [9, 1], [9, 9]], "shape_type": "polygon"}


def _labelme(**others: object) -> bytes:
    return json.dumps({"shapes": [_SHAPE], "imagePath": "a.png", **others}).encode()


def _history(project: Project, key: str) -> list[bytes]:
    folder = project.hidden_folder / "history" / key
    return [path.read_bytes() for path in sorted(folder.glob("*.json"))]


def _problems(project: Project) -> dict[str, str]:
    for _ in project.scan():
        pass
    return {one.where: one.sentence for one in project.problems}


# Opening


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="There is no folder"):
        Project.open(tmp_path / "gone")


def test_a_reader_makes_nothing_on_disk(folder: Path, draw: Draw) -> None:
    draw(folder / "a.png")
    (folder / "a.json").write_bytes(_labelme())
    project = Project.open(folder, wants_to_write=False)
    assert list(project.scan()) == [("a.png",)]
    project.read("a.png")
    assert project.assign_splits()
    assert project.splits
    project.close()
    assert sorted(os.listdir(folder)) == ["a.json", "a.png"]


def test_a_reader_cannot_write(folder: Path, draw: Draw) -> None:
    draw(folder / "a.png")
    project = Project.open(folder, wants_to_write=False)
    with pytest.raises(AppError, match="to be looked at only"):
        project.write("a.png", project.read("a.png").labels, stamp="")
    project.close()


def test_of_two_windows_on_one_folder_the_second_only_looks(
    project: Project, folder: Path, labels: Labels
) -> None:
    second = Project.open(folder)
    assert "open in another window or program" in second.read_only_reason
    with pytest.raises(AppError, match="open in another window"):
        second.write("a.png", labels(), stamp="")
    with pytest.raises(AppError, match="open in another window"):
        second.record_edit("a.png", labels(), labels(), stamp="")
    second.close()
    project.close()
    third = Project.open(folder)
    assert third.read_only_reason == ""
    third.close()


def test_what_one_window_writes_the_other_reads(
    project: Project, folder: Path, labels: Labels, instance: New
) -> None:
    reader = Project.open(folder, wants_to_write=False)
    project.add_class("jeans")
    project.write("a.png", labels(instance("i")), stamp="")
    assert reader.read("a.png").labels.instances[0].id == "i"
    assert reader.summary("a.png").state is ImageState.STARTED
    reader.close()


# Scanning


def test_keys_are_in_natural_order_and_problems_are_listed(folder: Path, draw: Draw) -> None:
    for name in ("b10.png", "b9.png", "sub/a.JPG"):
        draw(folder / name)
    (folder / "clip.gif").touch()
    project = Project.open(folder)
    assert list(_problems(project)) == ["clip.gif"]
    assert project.keys == ("b9.png", "b10.png", "sub/a.JPG")
    project.close()


def test_a_label_file_without_its_image_is_listed(project: Project, folder: Path) -> None:
    (folder / "gone.json").write_bytes(_labelme(imagePath="gone.png"))
    assert "labels of gone.png, which is not beside it" in _problems(project)["gone.json"]


def test_json_of_other_kinds_is_not_listed(project: Project, folder: Path) -> None:
    (folder / "coco.json").write_text('{"images": [], "annotations": [], "categories": []}')
    (folder / "big.json").write_text(json.dumps({"annotations": ["x" * 9_000_000]}))
    (folder / "list.json").write_text("[1, 2]")
    (folder / "lines.json").write_text('{"a": 1}\n{"a": 2}\n')
    assert _problems(project) == {}


def test_a_broken_label_file_without_its_image_is_listed(project: Project, folder: Path) -> None:
    (folder / "gone.json").write_bytes(_labelme(imagePath="gone.png")[:60])
    assert "not whole JSON" in _problems(project)["gone.json"]


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_a_picture_that_cannot_be_read_is_listed_when_its_size_is_needed(
    project: Project, folder: Path, content: bytes
) -> None:
    (folder / "b.png").write_bytes(content)
    with pytest.raises(AppError, match=r"b\.png"):
        project.read("b.png")
    assert [one.where for one in project.problems] == ["b.png"]


def test_labels_of_a_picture_that_cannot_be_read_are_read_all_the_same(
    project: Project, folder: Path
) -> None:
    (folder / "a.png").write_bytes(b"")
    (folder / "a.json").write_bytes(_labelme(imageHeight=60, imageWidth=80))
    loaded = project.read("a.png")
    assert loaded.labels.size_hw == (60, 80)
    assert len(loaded.labels.instances) == 1
    assert [one.where for one in loaded.problems] == ["a.png"]


def test_what_a_killed_process_left_is_removed_by_a_writer(folder: Path, draw: Draw) -> None:
    draw(folder / "sub" / "a.png")
    left = folder / "sub" / ".1-abcdef.maskloop-tmp"
    left.touch()
    reader = Project.open(folder, wants_to_write=False)
    list(reader.scan())
    reader.close()
    assert left.exists()
    writer = Project.open(folder)
    list(writer.scan())
    writer.close()
    assert not left.exists()


# Reading and writing


def test_labels_come_back_as_they_were_written(
    project: Project, folder: Path, labels: Labels, instance: New, predicted: New
) -> None:
    project.add_class("jeans")
    before = project.read("a.png")
    assert (before.labels, before.stamp) == (ImageLabels((60, 80)), "")
    after = replace(labels(instance("i"), predicted("p")), rejected=(predicted("r"),))
    stamp = project.write("a.png", after, stamp="")
    loaded = project.read("a.png")
    assert (loaded.labels, loaded.stamp, loaded.problems) == (after, stamp, ())
    assert json.loads((folder / "a.json").read_text())["imageData"] is None


def test_a_file_that_changed_is_not_overwritten(
    project: Project, folder: Path, labels: Labels
) -> None:
    stamp = project.write("a.png", labels(), stamp="")
    changed = (folder / "a.json").read_bytes().replace(b"started", b"done")
    (folder / "a.json").write_bytes(changed)
    with pytest.raises(ChangedOnDisk, match="changed by another program"):
        project.write("a.png", labels(), stamp=stamp)
    assert (folder / "a.json").read_bytes() == changed


def test_a_file_that_appeared_is_not_overwritten(
    project: Project, folder: Path, labels: Labels
) -> None:
    (folder / "a.json").write_bytes(_labelme())
    with pytest.raises(ChangedOnDisk):
        project.write("a.png", labels(), stamp="")
    assert (folder / "a.json").read_bytes() == _labelme()


def test_a_file_deleted_while_it_was_open_is_told_and_can_be_written_anew(
    project: Project, folder: Path, labels: Labels
) -> None:
    stamp = project.write("a.png", labels(), stamp="")
    (folder / "a.json").unlink()
    with pytest.raises(ChangedOnDisk, match="deleted by another program"):
        project.write("a.png", labels(), stamp=stamp)
    project.write("a.png", labels(), stamp=project.set_aside("a.png"))
    assert (folder / "a.json").exists()


def test_a_change_in_the_moment_of_writing_is_noticed(
    project: Project, folder: Path, labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = project.write("a.png", labels(), stamp="")
    real = os.fsync

    def fsync(descriptor: int) -> None:
        (folder / "a.json").write_bytes(_labelme())
        real(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    with pytest.raises(ChangedOnDisk):
        project.write("a.png", labels(state=ImageState.DONE), stamp=stamp)
    assert (folder / "a.json").read_bytes() == _labelme()


def test_what_is_written_over_on_purpose_goes_to_history(
    project: Project, folder: Path, labels: Labels
) -> None:
    project.write("a.png", labels(), stamp="")
    theirs = (folder / "a.json").read_bytes() + b"\n"
    (folder / "a.json").write_bytes(theirs)
    project.write("a.png", labels(state=ImageState.DONE), stamp=project.set_aside("a.png"))
    assert _history(project, "a.png") == [theirs]
    assert project.summary("a.png").state is ImageState.DONE


def test_a_foreign_file_goes_to_history_before_it_is_replaced_for_the_first_time(
    project: Project, folder: Path
) -> None:
    (folder / "a.json").write_bytes(_labelme(imageData="aGVsbG8="))
    loaded = project.read("a.png")
    stamp = project.write("a.png", loaded.labels, stamp=loaded.stamp)
    project.write("a.png", replace(loaded.labels, state=ImageState.STARTED), stamp=stamp)
    assert _history(project, "a.png") == [_labelme(imageData="aGVsbG8=")]


def test_a_foreign_file_that_cannot_be_kept_is_not_replaced(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.json").write_bytes(_labelme())
    loaded = project.read("a.png")

    def full(*_: object, **__: object) -> None:
        raise AppError("the disk is full")

    monkeypatch.setattr("core.project.history.write_atomically", full)
    with pytest.raises(AppError, match="the disk is full"):
        project.write("a.png", loaded.labels, stamp=loaded.stamp)
    assert (folder / "a.json").read_bytes() == _labelme()


def test_no_file_below_the_hidden_folder_has_the_suffix_of_an_image(
    project: Project, folder: Path
) -> None:
    (folder / "a.json").write_bytes(_labelme())
    loaded = project.read("a.png")
    project.write("a.png", loaded.labels, stamp=loaded.stamp)
    files = [path for path in project.hidden_folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {"", ".json"}


def test_keys_of_others_in_a_label_file_survive(project: Project, folder: Path) -> None:
    (folder / "a.json").write_bytes(_labelme(checked=True))
    loaded = project.read("a.png")
    project.write("a.png", replace(loaded.labels, state=ImageState.STARTED), stamp=loaded.stamp)
    assert json.loads((folder / "a.json").read_text())["checked"] is True


def test_a_label_file_of_a_newer_version_is_read_and_never_replaced(
    project: Project, folder: Path
) -> None:
    data = _labelme(maskloop={"version": 2, "state": "done"})
    (folder / "a.json").write_bytes(data)
    loaded = project.read("a.png")
    assert loaded.is_read_only
    with pytest.raises(AppError, match="newer version of Maskloop"):
        project.write("a.png", loaded.labels, stamp=loaded.stamp)
    assert (folder / "a.json").read_bytes() == data


def test_labels_of_a_class_that_is_gone_are_not_written(
    project: Project, labels: Labels, instance: New, folder: Path
) -> None:
    with pytest.raises(AppError, match="an instance has the class 5, which is not there any more"):
        project.write("a.png", labels(instance("i", 5)), stamp="")
    assert not (folder / "a.json").exists()


def test_a_folder_that_vanished_is_told_and_not_made_again(
    project: Project, folder: Path, labels: Labels
) -> None:
    stamp = project.write("a.png", labels(), stamp="")
    folder.rename(folder.with_name("unplugged"))
    with pytest.raises(AppError, match="is not there any more"):
        project.write("a.png", labels(state=ImageState.DONE), stamp=stamp)
    assert not folder.exists()
    folder.with_name("unplugged").rename(folder)
    project.write("a.png", labels(state=ImageState.DONE), stamp=stamp)
    assert project.summary("a.png").state is ImageState.DONE


# Summaries


def test_a_summary_counts_by_class(
    project: Project, labels: Labels, instance: New, predicted: New
) -> None:
    project.add_class("jeans")
    project.add_class("shirt")
    project.write("a.png", labels(instance("i"), predicted("p", 2), predicted("q", 2)), stamp="")
    expected = LabelSummary(ImageState.STARTED, 2, {1: 1, 2: 2}, (60, 80), 0.75)
    assert replace(project.summary("a.png"), rows=b"") == expected
    assert project.summary("b.png") == LabelSummary()


def test_a_summary_has_a_row_of_each_instance_with_the_classes_of_the_project(
    project: Project, labels: Labels, instance: New, predicted: New
) -> None:
    for name in ("coat", "jeans", "shirt"):
        project.add_class(name)
    noted = replace(instance("i", 3), attributes={"note": "torn"})
    project.write("a.png", labels(predicted("p", 2), noted, predicted("q", 2)), stamp="")
    summary = project.summary("a.png")
    rows = rows_from(summary.rows)
    assert rows["class_id"].tolist() == [2, 3, 2]
    assert rows["area"].tolist() == [560, 560, 560]
    assert summary.notes == ("", "torn", "")


def test_a_summary_has_the_lowest_score_that_nobody_looked_at(
    project: Project, labels: Labels, predicted: New
) -> None:
    project.add_class("jeans")
    sure, unsure = predicted("sure"), replace(predicted("unsure"), score=0.3)
    accepted = replace(predicted("accepted"), score=0.1, state=InstanceState.ACCEPTED)
    project.write("a.png", labels(sure, unsure, accepted), stamp="")
    project.write("b.png", labels(accepted), stamp="")
    assert project.summary("a.png").least_score == 0.3
    assert project.summary("b.png").least_score is None


def test_a_summary_is_the_same_from_the_file_and_from_the_index(
    project: Project, folder: Path, labels: Labels, predicted: New, cache: Path
) -> None:
    project.add_class("jeans")
    project.write("a.png", labels(predicted("p")), stamp="")
    before = project.summary("a.png")
    project.close()
    remembered = Project.open(folder)
    assert remembered.summary("a.png") == before
    remembered.close()
    for path in (cache / "index").iterdir():
        path.unlink()
    read_again = Project.open(folder)
    assert read_again.summary("a.png") == before
    read_again.close()


def test_a_summary_follows_a_change_by_another_program(project: Project, folder: Path) -> None:
    assert project.summary("a.png").state is ImageState.UNTOUCHED
    (folder / "a.json").write_bytes(_labelme())
    assert project.summary("a.png").state is ImageState.DONE


def test_done_images_are_those_whose_file_says_so(project: Project, labels: Labels) -> None:
    project.write("c.png", labels(state=ImageState.DONE), stamp="")
    project.write("b.png", labels(), stamp="")
    assert project.done_keys() == ("c.png",)


# Labels in a folder of their own


def test_labels_apart_have_the_same_tree_and_the_images_stay_untouched(
    folder: Path, tmp_path: Path, draw: Draw, labels: Labels
) -> None:
    draw(folder / "sub" / "a.png")
    apart = tmp_path / "labels"
    project = Project.open(folder, apart)
    assert list(project.scan()) == [("sub/a.png",)]
    project.write("sub/a.png", labels(state=ImageState.DONE), stamp="")
    project.assign_splits()
    project.close()
    assert [path.name for path in folder.rglob("*")] == ["sub", "a.png"]
    value = json.loads((apart / "sub" / "a.json").read_text())
    assert value["imagePath"] == "../../photos/sub/a.png"
    assert json.loads((apart / "maskloop.json").read_text())["images"] == "../photos"


def test_a_labels_folder_alone_finds_its_images(
    folder: Path, tmp_path: Path, draw: Draw, labels: Labels
) -> None:
    draw(folder / "a.png")
    first = Project.open(folder, tmp_path / "labels")
    first.write("a.png", labels(state=ImageState.DONE), stamp="")
    first.close()
    again = Project.open(tmp_path / "labels")
    assert (again.folder, again.labels_folder) == (folder, tmp_path / "labels")
    assert again.done_keys() == ("a.png",)
    again.close()


@pytest.mark.parametrize("inside", ["labels", "."])
def test_labels_may_lie_inside_the_photos_and_photos_inside_the_labels(
    folder: Path, draw: Draw, labels: Labels, inside: str
) -> None:
    draw(folder / "deep" / "a.png")
    photos = folder if inside == "labels" else folder / "deep"
    key = "deep/a.png" if inside == "labels" else "a.png"
    project = Project.open(photos, folder / inside)
    assert list(project.scan()) == [(key,)]
    project.write(key, labels(), stamp="")
    assert _problems(project) == {}
    project.close()


def test_label_files_beside_the_images_are_not_those_of_a_folder_apart(
    folder: Path, tmp_path: Path, draw: Draw
) -> None:
    draw(folder / "a.png")
    (folder / "a.json").write_bytes(_labelme())
    project = Project.open(folder, tmp_path / "labels")
    assert project.read("a.png").stamp == ""
    project.close()


# Images that come in


def test_an_image_that_comes_in_is_one_of_the_project(
    project: Project, tmp_path: Path, draw: Draw
) -> None:
    source = draw(tmp_path / "new.png", 9)
    assert project.add_image(source, "sub/new.png") == "sub/new.png"
    assert project.keys == ("a.png", "b.png", "c.png", "sub/new.png")
    assert project.read("sub/new.png").labels.size_hw == (60, 80)


def test_an_image_that_shares_a_stem_gets_a_label_file_of_its_own(
    project: Project, tmp_path: Path, draw: Draw, labels: Labels
) -> None:
    project.write("a.png", labels(), stamp="")
    project.add_image(draw(tmp_path / "new.jpg", 9), "a.jpg")
    assert project.label_path("a.png").name == "a.json"
    assert project.label_path("a.jpg").name == "a.jpg.json"
