import errno
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import AppError
from core.project import Project
from core.types import ImageLabels, ImageState, Instance

Labels = Callable[..., ImageLabels]
New = Callable[..., Instance]


@pytest.fixture
def killed(folder: Path, draw: Callable[..., Path]) -> Callable[[Project], Path]:
    """`killed(project)`: ends a project as a kill does, and gives its journal.

    The system frees the lock of a process that ends; nothing else is done.
    """
    draw(folder / "a.png")

    def end(project: Project) -> Path:
        (journal,) = (project.hidden_folder / "journal").iterdir()
        left = journal.read_bytes()
        project.close()
        journal.write_bytes(left)
        return journal

    return end


def _edited(folder: Path, before: ImageLabels, after: ImageLabels) -> tuple[Project, str]:
    """A project with an edit of a.png that is not saved, on labels that are."""
    project = Project.open(folder)
    project.add_class("jeans")
    stamp = project.write("a.png", before, stamp="")
    project.record_edit("a.png", before, after, stamp=stamp)
    return project, stamp


def _foreign(folder: Path) -> None:
    """Puts a file into a.json as another program would."""
    shapes = [{"label": "jeans", "points": [[1, 1], [9, 1], [9, 9]]}]
    (folder / "a.json").write_text(json.dumps({"shapes": shapes, "imagePath": "a.png"}))


Killed = Callable[[Project], Path]


def test_unsaved_edits_are_written_and_told(
    folder: Path, killed: Killed, labels: Labels, instance: New
) -> None:
    after = labels(instance("i"), instance("j"), state=ImageState.DONE)
    project, _ = _edited(folder, labels(instance("i")), after)
    journal = killed(project)
    again = Project.open(folder)
    (recovered,) = again.recover()
    assert (recovered.key, recovered.labels) == ("a.png", after)
    assert recovered.sentence == (
        "a.png: what was not saved when the program ended is back (1 edit)."
    )
    assert again.read("a.png").labels == after
    assert not journal.exists()
    again.close()


def test_a_file_that_was_changed_since_is_left_as_it_is(
    folder: Path, killed: Killed, labels: Labels, instance: New
) -> None:
    after = labels(instance("i"), instance("mine"))
    killed(_edited(folder, labels(instance("i")), after)[0])
    _foreign(folder)
    theirs = (folder / "a.json").read_bytes()
    again = Project.open(folder)
    (recovered,) = again.recover()
    assert (folder / "a.json").read_bytes() == theirs
    (kept,) = (folder / ".maskloop" / "history" / "a.png").iterdir()
    assert str(kept) in recovered.sentence
    assert "changed by another program" in recovered.sentence
    assert "mine" in kept.read_text()
    again.close()
    third = Project.open(folder)
    assert third.recover() == ()
    third.close()


def test_a_changed_file_that_has_the_edits_already_is_not_spoken_of(
    folder: Path, killed: Killed, labels: Labels, instance: New
) -> None:
    project, _ = _edited(folder, labels(), labels(instance("mine")))
    text = project.file_of("a.png", labels(instance("mine")))
    killed(project)
    (folder / "a.json").write_bytes(text + b"\n")
    again = Project.open(folder)
    assert again.recover() == ()
    assert not (folder / ".maskloop" / "history").exists()
    again.close()


def test_edits_of_a_deleted_label_file_go_to_history(
    folder: Path, killed: Killed, labels: Labels, instance: New
) -> None:
    killed(_edited(folder, labels(), labels(instance("mine")))[0])
    (folder / "a.json").unlink()
    again = Project.open(folder)
    assert "history" in again.recover()[0].sentence
    assert not (folder / "a.json").exists()
    again.close()


def test_edits_of_a_deleted_image_go_to_history(
    folder: Path, killed: Killed, labels: Labels, instance: New
) -> None:
    project = Project.open(folder)
    project.add_class("jeans")
    project.record_edit("a.png", ImageLabels((60, 80)), labels(instance("mine")), stamp="")
    killed(project)
    (folder / "a.png").unlink()
    again = Project.open(folder)
    (recovered,) = again.recover()
    assert recovered.labels == labels(instance("mine"))
    (kept,) = (folder / ".maskloop" / "history" / "a.png").iterdir()
    assert "mine" in kept.read_text()
    again.close()


def test_keys_of_others_survive_a_recovery(
    folder: Path, killed: Killed, labels: Labels, instance: New
) -> None:
    points = [[1, 1], [9, 1], [9, 9]]
    shapes = [{"label": "jeans", "points": points, "theirs": 1, "flags": {}}]
    shapes.append({"label": "line", "points": points[:2], "shape_type": "line", "flags": {}})
    (folder / "a.json").write_text(
        json.dumps({"shapes": shapes, "imagePath": "a.png", "checked": True})
    )
    project = Project.open(folder)
    loaded = project.read("a.png")
    (theirs,) = loaded.labels.instances
    moved = replace(theirs, parts=instance("x").parts)
    steps = [
        loaded.labels,
        replace(loaded.labels, instances=(theirs, instance("mine"))),
        replace(loaded.labels, instances=(instance("mine"),)),
        replace(loaded.labels, instances=(moved, instance("mine"))),
        replace(loaded.labels, instances=(theirs, instance("mine"))),
    ]
    for before, after in itertools.pairwise(steps):
        project.record_edit("a.png", before, after, stamp=loaded.stamp)
    killed(project)
    again = Project.open(folder)
    value = json.loads((folder / "a.json").read_text())
    assert value["checked"] is True
    assert sorted(one["label"] for one in value["shapes"]) == ["jeans", "jeans", "line"]
    assert value["shapes"][0]["theirs"] == 1
    assert value["shapes"][0]["points"] == points
    again.close()


def test_discarded_edits_do_not_come_back(
    folder: Path, killed: Killed, labels: Labels, instance: New
) -> None:
    project, stamp = _edited(folder, labels(), labels(instance("unwanted")))
    project.record_edit("b.png", labels(), labels(instance("other")), stamp="")
    project.discard_edits("a.png")
    killed(project)
    again = Project.open(folder)
    assert again.read("a.png").stamp == stamp
    again.close()


def test_forgetting_after_a_write_keeps_edits_that_came_meanwhile(
    folder: Path, killed: Killed, labels: Labels, instance: New
) -> None:
    saved, later = labels(instance("i")), labels(instance("i"), instance("later"))
    project, stamp = _edited(folder, labels(), saved)
    project.record_edit("a.png", saved, later, stamp=stamp)
    project.write("a.png", saved, stamp=stamp)
    killed(project)
    again = Project.open(folder)
    assert again.read("a.png").labels == later
    again.close()


def test_a_full_disk_keeps_the_journal_for_the_next_start(
    folder: Path,
    killed: Killed,
    labels: Labels,
    instance: New,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    after = labels(instance("mine"))
    journal = killed(_edited(folder, labels(), after)[0])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    again = Project.open(folder)
    assert "the disk is full" in again.recover()[0].sentence
    again.close()
    assert journal.exists()
    monkeypatch.undo()
    third = Project.open(folder)
    assert third.read("a.png").labels == after
    third.close()


def test_a_journal_that_is_no_journal_does_no_harm(folder: Path, killed: Killed) -> None:
    journals = folder / ".maskloop" / "journal"
    journals.mkdir(parents=True)
    (journals / "old.jsonl").write_bytes(b'\x00\xff\n[]\n3\n{"edit": 1}\n{"x": "y"}\n{"edit"')
    project = Project.open(folder)
    assert project.read_only_reason == ""
    assert project.recover() == ()
    project.close()


def test_a_journal_cannot_write_outside_the_folder(
    folder: Path, killed: Killed, labels: Labels, instance: New, tmp_path: Path
) -> None:
    project, _ = _edited(folder, labels(), labels(instance("mine")))
    journal = killed(project)
    journal.write_text(journal.read_text().replace('"a.png"', '"../../evil.png"'))
    again = Project.open(folder)
    assert "is not the name of an image" in again.recover()[0].sentence
    assert not list(tmp_path.rglob("evil*"))
    again.close()


def test_unsaved_edits_of_a_closed_project_wait_for_the_next_start(
    folder: Path, labels: Labels, instance: New, draw: Callable[..., Path]
) -> None:
    draw(folder / "a.png")
    after = labels(instance("mine"))
    project, _ = _edited(folder, labels(), after)
    project.close()
    again = Project.open(folder)
    assert again.read("a.png").labels == after
    again.close()


def test_a_full_disk_is_told_when_an_edit_is_recorded(
    project: Project, labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(AppError, match="the disk is full"):
        project.record_edit("a.png", labels(), labels(), stamp="")
