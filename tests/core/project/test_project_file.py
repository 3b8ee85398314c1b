import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import AppError
from core.project import Project
from core.project.project_file import ProjectFile, parse, to_bytes
from core.types import LabelClass, Split

_FULL = ProjectFile(
    classes=(LabelClass(7, "jeans", "#0072b2", "1"), LabelClass(0, "Hemd ü", "#e69f00")),
    next_class_id=9,
    retired_class_ids=frozenset({8}),
    class_maps={"zoo": {"person": "jeans", "tie": ""}},
    splits={"a.png": Split.TRAIN, "sub/b.png": Split.VAL},
    renaming={"trousers": 7},
    images="../photos",
    other={"theirs": [1, 2]},
)


def test_all_that_it_says_comes_back() -> None:
    assert parse(to_bytes(_FULL)) == _FULL
    assert parse(to_bytes(ProjectFile())) == ProjectFile()


def test_equal_values_give_the_same_bytes() -> None:
    turned = replace(_FULL, splits=dict(reversed(_FULL.splits.items())))
    assert to_bytes(turned) == to_bytes(_FULL)


def test_the_next_class_id_is_above_all_ids_that_ever_were() -> None:
    data = b'{"classes": [{"id": 90, "name": "x"}], "retired_class_ids": [93], "next_class_id": 2}'
    assert parse(data).next_class_id == 94


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"classes": 3}',
        b'{"classes": [{"id": "1", "name": "x"}]}',
        b'{"classes": [{"name": "x"}]}',
        b'{"classes": [{"id": -2, "name": "x"}]}',
        b'{"classes": [{"id": 9007199254740992, "name": "x"}]}',
        b'{"next_class_id": 1e300}',
        b'{"classes": [{"id": 1, "name": "x"}, {"id": 1, "name": "y"}]}',
        b'{"classes": [{"id": 1, "name": "x"}, {"id": 2, "name": "x"}]}',
        b'{"splits": {"a.png": "holdout"}}',
        b'{"next_class_id": null}',
        b'{"retired_class_ids": [1e999]}',
    ],
)
def test_a_broken_file_is_told_and_kept_when_a_new_one_takes_its_place(
    folder: Path, data: bytes
) -> None:
    (folder / "maskloop.json").write_bytes(data)
    project = Project.open(folder)
    assert "maskloop.json cannot be read" in project.problems[0].sentence
    assert (folder / "maskloop.json").read_bytes() == data
    project.add_class("jeans")
    (kept,) = (folder / ".maskloop" / "history" / "maskloop.json").iterdir()
    assert kept.read_bytes() == data
    assert not project.problems
    project.close()


def test_keys_of_others_are_kept(folder: Path) -> None:
    (folder / "maskloop.json").write_text('{"version": 1, "theirs": {"deep": [1]}}')
    project = Project.open(folder)
    project.add_class("jeans")
    project.close()
    assert json.loads((folder / "maskloop.json").read_text())["theirs"] == {"deep": [1]}


def test_a_file_of_a_newer_version_makes_the_folder_read_only(
    folder: Path, draw: Callable[..., Path]
) -> None:
    draw(folder / "a.png")
    data = b'{"version": 2, "classes": "who knows"}'
    (folder / "maskloop.json").write_bytes(data)
    project = Project.open(folder)
    assert "newer version" in project.read_only_reason
    with pytest.raises(AppError, match="newer version"):
        project.write("a.png", project.read("a.png").labels, stamp="")
    project.add_class("jeans")
    assert (folder / "maskloop.json").read_bytes() == data
    project.close()


def test_a_change_by_another_program_is_built_upon(folder: Path) -> None:
    project = Project.open(folder)
    project.add_class("jeans")
    value = json.loads((folder / "maskloop.json").read_text())
    value["classes"].append({"id": 5, "name": "shirt", "colour": "#009e73", "key": ""})
    (folder / "maskloop.json").write_text(json.dumps(value))
    project.add_class("hat")
    assert [(one.id, one.name) for one in project.classes] == [
        (1, "jeans"), (5, "shirt"), (6, "hat"),
    ]  # fmt: skip
    project.close()


def test_an_older_file_put_back_does_not_bring_used_ids_back(folder: Path) -> None:
    project = Project.open(folder)
    project.add_class("jeans")
    (folder / "maskloop.json").unlink()
    (folder / "maskloop.json").write_text("{}")
    assert project.add_class("shirt").id == 2
    project.close()


def test_class_maps_are_kept_by_weights(folder: Path) -> None:
    project = Project.open(folder)
    project.keep_class_map("zoo", {"person": "jeans", "tie": ""})
    project.close()
    again = Project.open(folder)
    assert again.class_map("zoo") == {"person": "jeans", "tie": ""}
    assert again.class_map("others") == {}
    again.close()


def test_half_a_character_in_a_name_comes_back() -> None:
    file = replace(_FULL, classes=(LabelClass(7, "\ud800jeans", "#0072b2"),))
    assert parse(to_bytes(file)) == file


def test_a_home_that_nobody_has_is_no_folder() -> None:
    with pytest.raises(AppError, match="no folder"):
        Project.open(Path("~nobody-of-this-name/photos"))


def test_a_name_that_no_folder_can_have_is_no_folder(folder: Path) -> None:
    (folder / "maskloop.json").write_text('{"images": "a\\u0000b"}')
    with pytest.raises(AppError, match="no folder"):
        Project.open(folder)
