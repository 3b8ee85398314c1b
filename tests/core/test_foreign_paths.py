"""A name from elsewhere picks one of the files that are there, or none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.foreign_paths import NameIndex, image_files, json_files, plain_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a.jpg", "a.jpg"), ("./x/a.jpg", "x/a.jpg"), ("x\\y\\a.jpg", "x/y/a.jpg"),
        ("x//a.jpg", "x/a.jpg"), ("/x/a.jpg", "a.jpg"), ("../a.jpg", "a.jpg"),
        ("x/../../a.jpg", "a.jpg"), ("C:\\x\\a.jpg", "a.jpg"), ("C:a.jpg", "a.jpg"),
        ("\\\\server\\share\\a.jpg", "a.jpg"), ("https://h.org/x/a%20b.jpg?w=1", "a b.jpg"),
        ("s3://bucket/x/a.jpg", "a.jpg"), ("https://h.org", ""), ("", ""), ("..", ""), ("/", ""),
        ("/x/2:..", ""),
    ],
)  # fmt: skip
def test_a_name_becomes_a_relative_key(name: str, key: str) -> None:
    assert plain_key(name) == key


@given(st.text(alphabet="./\\:C~a%2eE\0", max_size=12) | st.text())
def test_no_name_at_all_leads_out(name: str) -> None:
    key = plain_key(name)

    assert not key.startswith("/")
    assert ".." not in key.split("/")
    assert "\0" not in key
    assert key[1:2] != ":"


@given(st.text(alphabet="./\\:Ca%2e", max_size=12))
def test_only_a_path_that_is_there_is_ever_matched(name: str) -> None:
    there = ("a", "b/a", "C/a")

    assert NameIndex(there).match(name).path in {"", *there}


def test_the_longer_common_end_wins() -> None:
    index = NameIndex(["train/1.jpg", "val/1.jpg"])

    assert index.match("D:\\data\\val\\1.jpg").path == "val/1.jpg"
    assert index.match("1.jpg").rivals == ("train/1.jpg", "val/1.jpg")


def test_letters_in_another_case_are_found_unless_both_are_there() -> None:
    index = NameIndex(["A.JPG", "b.jpg", "B.jpg"])

    assert index.match("a.jpg").path == "A.JPG"
    assert index.match("/x/B.jpg").path == "B.jpg"


def test_links_are_taken_unless_they_lead_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (tmp_path / "secret.jpg").write_bytes(b"x")
    (folder / "sub").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"x")
    (folder / "sub" / "inside.jpg").symlink_to("../a.jpg")
    (folder / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "out.json").symlink_to(tmp_path / "secret.jpg")

    assert image_files(folder) == ["a.jpg", "sub/inside.jpg"]
    assert json_files(folder) == []
