"""Images that are there more than once."""

from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image

import core.readiness.copies
from core.events import Progress
from core.images import read_image
from core.project import Project
from core.readiness import Finding, SplitFix, look
from core.readiness.copies import copies_of, of_copies
from core.types import Split

T = TypeVar("T")
TRAIN, VAL, TEST = Split.TRAIN, Split.VAL, Split.TEST


def outcome(steps: Generator[Progress, None, T]) -> tuple[list[Progress], T]:
    """What was told on the way, and what came out."""
    told = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as end:
            return told, end.value


def no_hash(_key: str) -> str:
    return ""


def files_in(folder: Path, **contents: bytes) -> dict[str, Path]:
    files = {}
    for key, data in contents.items():
        files[key] = folder / key
        files[key].write_bytes(data)
    return files


def test_files_of_the_same_bytes_are_copies(folder: Path) -> None:
    files = files_in(folder, a=b"one", b=b"two", c=b"one", d=b"three", e=b"two")
    _, groups = outcome(copies_of(files, picture_hash=no_hash))
    assert groups == (("a", "c"), ("b", "e"))


def test_files_that_differ_in_the_middle_alone_are_none(folder: Path) -> None:
    start, end = b"s" * 100_000, b"e" * 100_000
    files = files_in(folder, a=start + b"1" + end, b=start + b"2" + end)
    _, groups = outcome(copies_of(files, picture_hash=no_hash))
    assert groups == ()


def test_a_file_whose_size_no_other_has_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_in(folder, a=b"one", b=b"three", c=b"seven or more")
    monkeypatch.setattr(core.readiness.copies, "_digest", lambda *_, **__: pytest.fail("read"))
    assert outcome(copies_of(files, picture_hash=no_hash)) == ([], ())


def test_files_that_are_gone_are_passed_over(folder: Path) -> None:
    files = files_in(folder, a=b"one", b=b"one")
    files["b"].unlink()
    _, groups = outcome(copies_of(files, picture_hash=no_hash))
    assert groups == ()


def test_the_same_pixels_in_other_bytes_are_copies(project: Project, folder: Path) -> None:
    with Image.open(folder / "3.png") as picture:
        picture.save(folder / "copy.bmp")
    files = {key: folder / key for key in ("1.png", "3.png", "copy.bmp")}
    project.add_image(folder / "copy.bmp", "copy.bmp")
    _, groups = outcome(copies_of(files, picture_hash=project.picture_hash))
    assert groups == (("3.png", "copy.bmp"),)


def test_pictures_that_are_nearly_the_same_are_no_copies(project: Project, folder: Path) -> None:
    pixels = read_image(folder / "3.png")
    pixels[0, 0] ^= 1
    Image.fromarray(pixels).save(folder / "near.png")
    project.add_image(folder / "near.png", "near.png")
    assert project.picture_hash("near.png") == project.picture_hash("3.png")
    files = {key: folder / key for key in ("3.png", "near.png")}
    _, groups = outcome(copies_of(files, picture_hash=project.picture_hash))
    assert groups == ()


def test_copies_by_bytes_and_by_pixels_are_one_group(project: Project, folder: Path) -> None:
    (folder / "again.png").write_bytes((folder / "3.png").read_bytes())
    with Image.open(folder / "3.png") as picture:
        picture.save(folder / "a copy.bmp")
    files = {key: folder / key for key in ("a copy.bmp", "3.png", "again.png")}
    for key in files:
        project.add_image(folder / key, key)
    _, groups = outcome(copies_of(files, picture_hash=project.picture_hash))
    assert groups == (("a copy.bmp", "3.png", "again.png"),)


def one_of(groups: list[tuple[str, ...]], splits: dict[str, Split]) -> Finding:
    (only,) = of_copies(groups, splits)
    return only


def test_copies_in_two_splits_move_to_that_of_the_first() -> None:
    splits = {"a": TRAIN, "b": VAL, "c": TRAIN, "d": VAL}
    leak = one_of([("a", "b")], splits)
    assert "AP would be too good" in leak.sentence
    assert leak.keys == ("a", "b")
    assert isinstance(leak.fix, SplitFix)
    assert leak.fix.splits == {"b": TRAIN}


def test_a_copy_in_test_leaks_as_one_in_val() -> None:
    leak = one_of([("a", "b")], {"a": TEST, "b": TRAIN, "v": VAL})
    assert isinstance(leak.fix, SplitFix)
    assert leak.fix.splits == {"b": TEST}


def test_copies_move_to_val_where_none_would_be_left_there() -> None:
    leak = one_of([("a", "b")], {"a": TRAIN, "b": VAL, "c": TRAIN})
    assert isinstance(leak.fix, SplitFix)
    assert leak.fix.splits == {"a": VAL}


def test_copies_in_one_split_are_told_without_a_fix() -> None:
    found = one_of([("a", "b", "c")], {"a": TRAIN, "b": TRAIN, "c": TRAIN})
    assert found.sentence == "2 images are copies of others and count once more: b, c."
    assert found.keys == ("b", "c")
    assert found.fix is None


def test_the_fix_of_a_leak_moves_what_it_says_and_can_be_taken_back(
    project: Project, folder: Path
) -> None:
    train, val = project.keys_of(TRAIN)[0], project.keys_of(VAL)[0]
    (folder / val).write_bytes((folder / train).read_bytes())
    _, (leak,) = outcome(look(project))
    assert set(leak.keys) == {train, val}
    assert isinstance(leak.fix, SplitFix)
    before = dict(project.splits)
    had = project.move_to_splits(leak.fix.splits)
    _, (copy,) = outcome(look(project))
    assert "copy of another" in copy.sentence
    project.move_to_splits(had)
    assert project.splits == before
