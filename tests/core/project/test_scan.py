import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.project.scan import natural, natural_keys, walk


def _names(root: Path, skip: Path | None = None) -> list[str]:
    return [listing.below + name for listing in walk(root, skip=skip) for name in listing.images]


def _touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_images_of_every_kind_and_case_are_found(tmp_path: Path) -> None:
    names = ["a.jpg", "b.JPEG", "c.Png", "d.bmp", "e.TIF", "f.tiff", "g.webp", "h.HEIC"]
    _touch(tmp_path, *names, "notes.txt", "a.json")
    assert _names(tmp_path) == names


def test_image2_comes_before_image10() -> None:
    assert natural(["image10", "Image2", "image1"]) == ["image1", "Image2", "image10"]


@given(st.lists(st.text("aAbß0129 .-\x01/", max_size=9), max_size=30))
def test_numbers_inside_names_are_compared_as_numbers(names: list[str]) -> None:
    def counted(name: str) -> tuple[list[str | int], str]:
        pieces: list[str | int] = list(re.split("([0-9]+)", name.casefold()))
        pieces[1::2] = map(int, pieces[1::2])
        return pieces, name

    assert natural(names) == sorted(names, key=counted)


def test_names_that_differ_in_case_only_have_an_order_of_their_own() -> None:
    assert natural(["A1", "a1"]) == natural(["a1", "A1"])


def test_the_root_comes_before_its_folders() -> None:
    keys = ["sub10/a.png", "z.png", "sub2/b.png"]
    assert natural_keys(keys) == ["z.png", "sub2/b.png", "sub10/a.png"]


def test_hidden_folders_and_files_are_left_out(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png", "._a.png", ".maskloop/x.png", ".git/y.png", "sub/.hidden/z.png")
    assert _names(tmp_path) == ["a.png"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png", "sub/b.png")
    (tmp_path / "sub" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path / "self", target_is_directory=True)
    assert sorted(_names(tmp_path)) == ["a.png", "sub/b.png"]


def test_a_linked_folder_is_read_once_and_under_its_real_name_if_it_has_one(tmp_path: Path) -> None:
    _touch(tmp_path, "in/zzz/a.png", "out/b.png")
    (tmp_path / "in" / "aaa").symlink_to(tmp_path / "in" / "zzz", target_is_directory=True)
    (tmp_path / "in" / "far").symlink_to(tmp_path / "out", target_is_directory=True)
    assert sorted(_names(tmp_path / "in")) == ["far/b.png", "zzz/a.png"]


def test_a_link_to_nothing_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    (problem,) = next(walk(tmp_path)).problems
    assert problem.where == "a.png"
    assert "not there" in problem.sentence


def test_a_folder_that_may_not_be_read_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _touch(tmp_path, "a.png", "locked/b.png")
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    listings = list(walk(tmp_path))
    assert [one.where for listing in listings for one in listing.problems] == ["locked"]
    assert listings[0].images == ("a.png",)


def test_pictures_of_kinds_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    _touch(tmp_path, "a.CR2", "b.gif")
    problems = next(walk(tmp_path)).problems
    assert sorted(one.where for one in problems) == ["a.CR2", "b.gif"]


@dataclass
class _Entry:
    """A file as os.scandir gives it."""

    name: str

    def is_dir(self) -> bool:
        return False

    def is_file(self) -> bool:
        return True


def test_a_name_that_is_no_text_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [_Entry("\udcff.png")]
    monkeypatch.setattr("os.scandir", lambda _: contextlib.nullcontext(entries))
    listing = next(walk(tmp_path))
    assert listing.images == ()
    assert "rename the file" in listing.problems[0].sentence


def test_the_skipped_folder_is_not_entered(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png", "labels/b.png")
    assert _names(tmp_path, skip=tmp_path / "labels") == ["a.png"]
