"""Earlier versions of label files: which are kept, and what never comes of keeping them."""

import errno
import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import core
from core import edits
from core.edits import difference
from core.errors import AppError
from core.project import Project
from core.project.versions import Versions
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

_CHILD = Path(__file__).with_name("editing_child.py")
Labels = Callable[..., ImageLabels]
New = Callable[..., Instance]
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def _save(project: Project, labels: ImageLabels, key: str = "a.png") -> None:
    stamp = project.read(key).stamp
    project.write(key, labels, stamp=stamp)


def _reopened(project: Project) -> Project:
    project.close()
    again = Project.open(project.folder)
    list(again.scan())
    return again


def _ids(project: Project, key: str = "a.png") -> list[list[str]]:
    return [
        [
            one.id
            for one in project.versions.labels_of(key, version.name, size_hw=(60, 80)).instances
        ]
        for version in project.versions.of(key)
    ]


def _versions(folder: Path, clock: Clock) -> Versions:
    return Versions(folder / ".maskloop" / "history", class_id_of=len, classes=tuple, clock=clock)


def test_the_first_save_of_a_session_keeps_what_the_last_one_ended_with(
    project: Project, labels: Labels, instance: New
) -> None:
    jeans = project.add_class("jeans").id
    for n in range(1, 4):
        _save(project, labels(*(instance(f"i{one}", jeans) for one in range(n))))
    assert _ids(project) == [["i0"]]
    again = _reopened(project)
    _save(again, labels(instance("new", jeans)))
    _save(again, labels(instance("newer", jeans)))
    assert _ids(again) == [["i0", "i1", "i2"], ["i0"]]
    again.close()


def test_it_has_the_time_at_which_it_was_saved(
    project: Project, labels: Labels, instance: New, folder: Path
) -> None:
    jeans = project.add_class("jeans").id
    _save(project, labels(instance("a", jeans)))
    os.utime(folder / "a.json", (NOON.timestamp(), NOON.timestamp()))
    _save(project, labels())
    (version,) = project.versions.of("a.png")
    assert version.at == NOON
    assert not version.was_put_aside


def test_five_minutes_lie_between_one_and_the_next(folder: Path) -> None:
    clock = Clock()
    versions = _versions(folder, clock)
    (folder / ".maskloop").mkdir()
    for minute in range(13):
        clock.seconds = 60.0 * minute
        versions.keep("a.png", b"%d" % minute, saved_at=NOON + timedelta(minutes=minute))
    assert [one.at.minute for one in versions.of("a.png")] == [10, 5, 0]
    versions.keep_next("a.png")
    versions.keep("a.png", b"sooner", saved_at=NOON + timedelta(minutes=12))
    assert [one.at.minute for one in versions.of("a.png")] == [12, 10, 5, 0]


def test_the_last_twenty_are_kept_and_equal_ones_once(folder: Path) -> None:
    clock = Clock()
    versions = _versions(folder, clock)
    (folder / ".maskloop").mkdir()
    for number in range(60):
        clock.seconds += 301
        versions.keep("a.png", b"%d" % (number // 2), saved_at=NOON + timedelta(minutes=number))
    found = versions.of("a.png")
    assert len(found) == 20
    assert found[0].at == NOON + timedelta(minutes=58)


def test_one_of_a_file_with_an_old_date_is_kept_where_twenty_are(folder: Path) -> None:
    clock = Clock()
    versions = _versions(folder, clock)
    (folder / ".maskloop").mkdir()
    for number in range(21):
        clock.seconds += 301
        saved_at = NOON - timedelta(days=900 if number == 20 else 0, minutes=-number)
        versions.keep("a.png", b"%d" % number, saved_at=saved_at)
    found = versions.of("a.png")
    assert len(found) == 20
    assert found[-1].at.year == 2024


def test_two_of_the_same_moment_are_both_kept(folder: Path) -> None:
    clock = Clock()
    versions = _versions(folder, clock)
    (folder / ".maskloop").mkdir()
    for data in (b"one", b"two"):
        clock.seconds += 301
        versions.keep("a.png", data, saved_at=NOON)
    files = sorted((folder / ".maskloop" / "history" / "a.png").iterdir())
    assert [gzip.decompress(file.read_bytes()) for file in files] == [b"one", b"two"]


def test_what_nobody_worked_on_is_not_kept(
    project: Project, labels: Labels, predicted: New, folder: Path
) -> None:
    jeans = project.add_class("jeans").id
    _save(project, labels(predicted("p", jeans), state=ImageState.UNTOUCHED))
    _save(project, labels(state=ImageState.UNTOUCHED))
    assert not (folder / ".maskloop" / "history").exists()


def test_a_version_comes_back_as_it_was(project: Project, labels: Labels, instance: New) -> None:
    jeans = project.add_class("jeans").id
    first = labels(instance("a", jeans), instance("b", jeans), state=ImageState.DONE)
    first = replace(
        first, rejected=(instance("r", jeans, state=InstanceState.PREDICTED, score=0.5),)
    )
    _save(project, first)
    _save(project, labels(instance("c", jeans)))
    (version,) = project.versions.of("a.png")
    now = project.read("a.png").labels
    earlier = project.versions.labels_of("a.png", version.name, size_hw=now.size_hw)
    assert edits.as_it_was(now, earlier) == first
    _save(project, edits.as_it_was(now, earlier))
    assert project.read("a.png").labels == first


def test_to_look_at_a_version_makes_no_class_and_to_bring_it_back_does(
    project: Project, labels: Labels, instance: New
) -> None:
    gone = project.add_class("gone")
    _save(project, labels(instance("a", gone.id)))
    _save(project, labels())
    project.delete_class(gone.id)
    (version,) = project.versions.of("a.png")
    looked = project.versions.labels_of("a.png", version.name, size_hw=(60, 80))
    assert looked.instances[0].class_id < 0
    assert project.classes == ()
    back = project.versions.labels_of("a.png", version.name, size_hw=(60, 80), makes_classes=True)
    assert [one.id for one in project.classes] == [back.instances[0].class_id]


def test_what_history_put_aside_is_listed_too(
    project: Project, labels: Labels, instance: New, folder: Path
) -> None:
    theirs = b'{"shapes": [{"label": "jeans", "points": [[1, 1], [9, 1], [9, 9]], "shape_type":'
    theirs += b' "polygon"}], "imagePath": "a.png"}'
    (folder / "a.json").write_bytes(theirs)
    jeans = project.add_class("jeans").id
    _save(project, labels(instance("mine", jeans)))
    (version,) = project.versions.of("a.png")
    assert version.was_put_aside
    assert len(_ids(project)[0]) == 1
    _save(project, labels())
    assert [one.was_put_aside for one in project.versions.of("a.png")] == [False, True]


def test_a_full_disk_stops_no_save(
    project: Project, labels: Labels, instance: New, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    jeans = project.add_class("jeans").id
    _save(project, labels(instance("a", jeans)))

    def full(path: Path, data: bytes) -> None:
        raise AppError("the disk is full") from OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("core.project.versions.write_atomically", full)
    _save(project, labels(instance("b", jeans)))
    assert [one.id for one in project.read("a.png").labels.instances] == ["b"]
    assert project.versions.of("a.png") == ()


def test_the_last_room_of_a_disk_is_left_to_the_labels(
    project: Project, labels: Labels, instance: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    jeans = project.add_class("jeans").id
    _save(project, labels(instance("a", jeans)))
    nearly_full = SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=1 << 20))
    monkeypatch.setattr("core.project.versions.shutil", nearly_full)
    _save(project, labels(instance("b", jeans)))
    assert project.versions.of("a.png") == ()


def test_a_file_in_the_way_of_the_folder_stops_no_save(
    project: Project, labels: Labels, instance: New, folder: Path
) -> None:
    jeans = project.add_class("jeans").id
    (folder / ".maskloop" / "history").write_bytes(b"")
    for name in ("a", "b"):
        _save(project, labels(instance(name, jeans)))
    assert [one.id for one in project.read("a.png").labels.instances] == ["b"]
    assert project.versions.of("a.png") == ()


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda _: b"", lambda _: b"no gzip"])
def test_a_version_that_is_cut_off_says_so_and_the_next_is_kept(
    project: Project,
    labels: Labels,
    instance: New,
    folder: Path,
    damage: Callable[[bytes], bytes],
) -> None:
    jeans = project.add_class("jeans").id
    _save(project, labels(instance("a", jeans)))
    _save(project, labels(instance("b", jeans)))
    (file,) = (folder / ".maskloop" / "history" / "a.png").iterdir()
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(AppError, match="not whole"):
        project.versions.labels_of("a.png", file.name, size_hw=(60, 80))
    project.versions.keep_next("a.png")
    _save(project, labels(instance("c", jeans)))
    assert len(project.versions.of("a.png")) == 2


def test_a_version_that_is_gone_says_so(project: Project, folder: Path) -> None:
    with pytest.raises(AppError, match="not there any more"):
        project.versions.labels_of("a.png", "20261103T140500.000000Z.json.gz", size_hw=(60, 80))


@pytest.mark.parametrize("name", ["../../a.json", "x.json", "20261399T990000.000000Z.json.gz"])
def test_only_names_of_versions_are_read(project: Project, name: str) -> None:
    with pytest.raises(AppError):
        project.versions.labels_of("a.png", name, size_hw=(60, 80))


def test_strange_files_beside_them_are_no_versions(project: Project, folder: Path) -> None:
    there = folder / ".maskloop" / "history" / "a.png"
    there.mkdir(parents=True)
    for name in (
        "notes.txt",
        "20261399T990000.000000Z.json.gz",
        "20261103T120000.000000Z.json.bak",
    ):
        (there / name).write_bytes(b"{}")
    assert project.versions.of("a.png") == ()
    assert project.versions.of("nothing.png") == ()


def test_a_reader_lists_them_and_keeps_none(
    project: Project, labels: Labels, instance: New
) -> None:
    jeans = project.add_class("jeans").id
    _save(project, labels(instance("a", jeans)))
    _save(project, labels(instance("b", jeans)))
    reader = Project.open(project.folder, wants_to_write=False)
    assert _ids(reader) == [["a"]]
    reader.close()


@pytest.mark.parametrize("stop", ["before", "after"])
def test_a_kill_inside_a_save_leaves_versions_that_can_be_read(
    folder: Path, draw: Callable[..., Path], stop: str
) -> None:
    for seed, name in enumerate(("a.png", "b.png")):
        draw(folder / name, seed)
    first = Project.open(folder)
    jeans = first.add_class("jeans").id
    kept = Instance("kept", jeans, (Part([[1, 1], [9, 1], [9, 9]]),))
    first.write("a.png", ImageLabels((60, 80), (kept,), ImageState.STARTED), stamp="")
    first.close()
    root = Path(core.__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, str(_CHILD), str(folder), "1", stop],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert "waiting\n" in iter(child.stdout.readline, "")
        child.kill()
    again = Project.open(folder)
    list(again.scan())
    assert len(again.read("a.png").labels.instances) == 2
    # what the kill met was replaced by what the journal holds, and was kept then at the latest
    _save(again, ImageLabels((60, 80)))
    assert all(ids for ids in _ids(again))
    again.close()


def test_differences_are_counted_by_id(labels: Labels, instance: New) -> None:
    a, b, c = instance("a"), instance("b"), instance("c")
    before = labels(a, b)
    after = replace(labels(replace(a, crowd=True), c, state=ImageState.DONE), rejected=(b,))
    found = difference(before, after)
    assert (found.n_added, found.n_gone, found.n_changed, found.n_rejected) == (1, 1, 1, 1)
    assert found.state is ImageState.DONE
    assert difference(before, before) == edits.Difference()
