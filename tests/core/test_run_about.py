"""The name and the note that a person gives a run."""

from pathlib import Path

import pytest

from core.errors import AppError
from core.run_folder.about import About, about_named, about_noted, read_about, write_about


def test_a_name_and_a_note_come_back(tmp_path: Path) -> None:
    about = About("größer 🍎", "zwei Zeilen\nund mehr")
    write_about(tmp_path, about)
    assert read_about(tmp_path) == about


def test_a_run_of_which_nothing_is_said_has_neither(tmp_path: Path) -> None:
    assert read_about(tmp_path) == About()


@pytest.mark.parametrize("content", ["", "[1]", '{"name": 3, "note": null}', "[" * 100_000])
def test_what_is_no_such_file_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "about.json").write_text(content)
    assert read_about(tmp_path) == About()


def test_a_name_is_one_line_of_a_list() -> None:
    about = about_named(About("old", "note"), "  with \n the  other\tlabels ")
    assert about == About("with the other labels", "note")
    assert len(about_named(about, "long " * 100).name) <= 80
    assert about_noted(about, " more\n") == About("with the other labels", "more")


def test_a_run_that_is_gone_keeps_no_name(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="not there any more"):
        write_about(tmp_path / "gone", About("name"))
