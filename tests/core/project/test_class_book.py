import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import AppError
from core.project import ClassUsage, Project
from core.project.classes import PALETTE
from core.types import ImageLabels, Instance

Labels = Callable[..., ImageLabels]
New = Callable[..., Instance]


def _fill(project: Project, labels: Labels, instance: New, predicted: New) -> None:
    """a.png: two jeans and a shirt; b.png: a shirt, and predicted jeans that were rejected."""
    project.add_class("jeans")
    project.add_class("shirt")
    project.write("a.png", labels(instance("i", 1), instance("j", 1), instance("k", 2)), stamp="")
    with_rejected = replace(labels(instance("l", 2)), rejected=(predicted("m", 1),))
    project.write("b.png", with_rejected, stamp="")


def _names(folder: Path) -> list[list[str]]:
    """The labels in a.json and b.json, those of rejected predictions included."""
    found = []
    for name in ("a.json", "b.json"):
        value = json.loads((folder / name).read_text())
        found.append([one["label"] for one in value["shapes"] + value["maskloop"]["rejected"]])
    return found


@pytest.fixture
def filled(project: Project, labels: Labels, instance: New, predicted: New) -> Project:
    """The project with the classes jeans (1) and shirt (2) and instances of both."""
    _fill(project, labels, instance, predicted)
    return project


def test_the_first_nine_classes_have_keys_and_no_two_of_them_a_colour(project: Project) -> None:
    added = [project.add_class(f"class {n}") for n in range(11)]
    assert [one.key for one in added] == [*"123456789", "", ""]
    assert [one.colour for one in added] == list(PALETTE[:11])
    assert [one.id for one in added] == list(range(1, 12))


def test_a_class_is_added_once(project: Project) -> None:
    assert project.add_class("jeans") == project.add_class("jeans")
    assert project.class_named("jeans") == project.classes[0]
    assert project.class_named("shirt") is None


def test_a_wished_id_is_met_where_it_is_free(project: Project) -> None:
    assert project.add_class("first", wished_id=90).id == 90
    assert project.add_class("zero", wished_id=0).id == 0
    assert project.add_class("gap", wished_id=13).id == 13
    assert project.add_class("taken", wished_id=13).id == 91


def test_an_id_that_is_too_large_to_be_kept_is_not_given(project: Project) -> None:
    assert project.add_class("jeans", wished_id=10**18).id == 1


def test_a_class_without_a_name_is_refused(project: Project) -> None:
    with pytest.raises(AppError, match="needs a name"):
        project.add_class(" ")


def test_the_id_of_a_deleted_class_is_never_given_again(filled: Project, folder: Path) -> None:
    filled.delete_class(2)
    assert filled.add_class("new", wished_id=2).id == 3
    filled.close()
    again = Project.open(folder)
    assert again.add_class("newer", wished_id=2).id == 4
    again.close()


def test_usage_counts_images_and_instances(filled: Project) -> None:
    assert filled.class_usage(1) == ClassUsage(n_images=2, n_instances=2)
    assert filled.class_usage(2) == ClassUsage(n_images=2, n_instances=2)


def test_a_rename_reaches_every_file_and_keeps_the_id(filled: Project, folder: Path) -> None:
    before = filled.read("a.png").labels
    filled.rename_class(1, "trousers")
    assert _names(folder) == [["trousers", "trousers", "shirt"], ["shirt", "trousers"]]
    assert filled.read("a.png").labels == before
    assert [(one.id, one.name) for one in filled.classes] == [(1, "trousers"), (2, "shirt")]


def test_a_rename_to_a_name_that_is_taken_is_refused(filled: Project, folder: Path) -> None:
    with pytest.raises(AppError, match="merge jeans into it"):
        filled.rename_class(1, "shirt")
    assert _names(folder)[0] == ["jeans", "jeans", "shirt"]


def test_a_rename_that_was_ended_in_the_middle_is_finished_on_the_next_start(
    filled: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.project.labels.write_atomically", die)
    with pytest.raises(KeyboardInterrupt):
        filled.rename_class(1, "trousers")
    monkeypatch.undo()
    filled.close()
    assert _names(folder)[0] == ["jeans", "jeans", "shirt"]
    again = Project.open(folder)
    assert _names(folder) == [["trousers", "trousers", "shirt"], ["shirt", "trousers"]]
    assert [one.name for one in again.classes] == ["trousers", "shirt"]
    again.close()


def test_a_file_that_could_not_be_renamed_still_means_the_class(
    filled: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.atomic import write_atomically as real

    def write(path: Path, data: bytes, **others: object) -> None:
        if path.name == "a.json":
            raise AppError("the disk is full.")
        real(path, data, **others)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr("core.project.labels.write_atomically", write)
    with pytest.raises(AppError, match="1 label files still have the old class: the disk is full"):
        filled.rename_class(1, "trousers")
    monkeypatch.undo()
    assert _names(folder) == [["jeans", "jeans", "shirt"], ["shirt", "trousers"]]
    assert {one.class_id for one in filled.read("a.png").labels.instances} == {1, 2}
    assert filled.summary("a.png").class_counts == {1: 2, 2: 1}
    assert [one.name for one in filled.classes] == ["trousers", "shirt"]


def test_a_rename_waits_for_edits_that_are_not_saved(
    filled: Project, labels: Labels, folder: Path
) -> None:
    loaded = filled.read("a.png")
    filled.record_edit("a.png", loaded.labels, labels(), stamp=loaded.stamp)
    with pytest.raises(AppError, match=r"a\.png has edits that are not saved yet"):
        filled.rename_class(1, "trousers")
    assert _names(folder)[0] == ["jeans", "jeans", "shirt"]


def test_a_merge_makes_all_instances_of_one_class(filled: Project, folder: Path) -> None:
    filled.merge_classes(1, into=2)
    assert _names(folder) == [["shirt"] * 3, ["shirt"] * 2]
    assert [one.name for one in filled.classes] == ["shirt"]
    assert filled.add_class("new", wished_id=1).id == 3


def test_a_class_is_not_merged_into_itself(filled: Project) -> None:
    with pytest.raises(AppError, match="into itself"):
        filled.merge_classes(1, into=1)


def test_deleting_a_class_removes_its_instances_and_keeps_the_old_files(
    filled: Project, folder: Path
) -> None:
    old = (folder / "a.json").read_bytes()
    filled.delete_class(1)
    assert _names(folder) == [["shirt"], ["shirt"]]
    assert [one.name for one in filled.classes] == ["shirt"]
    (kept,) = (folder / ".maskloop" / "history" / "a.png").iterdir()
    assert kept.read_bytes() == old


def test_an_order_is_kept(filled: Project, folder: Path) -> None:
    filled.reorder_classes([2, 1])
    filled.close()
    again = Project.open(folder, wants_to_write=False)
    assert [one.id for one in again.classes] == [2, 1]
    again.close()


def test_an_order_that_leaves_a_class_out_is_refused(filled: Project) -> None:
    with pytest.raises(AppError, match="names every class once"):
        filled.reorder_classes([1])


def test_a_key_is_taken_from_the_class_that_had_it(filled: Project) -> None:
    filled.change_class(replace(filled.classes[0], key="2", colour="#123456"))
    assert [(one.key, one.colour) for one in filled.classes] == [
        ("2", "#123456"), ("", PALETTE[1]),
    ]  # fmt: skip


def test_a_class_in_a_label_file_becomes_a_class_of_the_project(
    project: Project, folder: Path
) -> None:
    points = [[1, 1], [9, 1], [9, 9]]
    shapes = [{"label": name, "points": points} for name in ("hat", "scarf", "hat")]
    (folder / "a.json").write_text(json.dumps({"shapes": shapes, "imagePath": "a.png"}))
    assert [one.class_id for one in project.read("a.png").labels.instances] == [1, 2, 1]
    assert project.summary("a.png").class_counts == {1: 2, 2: 1}
    assert [one.name for one in project.classes] == ["hat", "scarf"]


@pytest.mark.parametrize("change", ["rename_class", "merge_classes", "delete_class"])
def test_a_class_that_is_not_there_is_a_sentence(project: Project, change: str) -> None:
    arguments = {"rename_class": ("x",)}.get(change, ())
    named = {"into": 1} if change == "merge_classes" else {}
    with pytest.raises(AppError, match="no class with the id 5"):
        getattr(project, change)(5, *arguments, **named)


def test_several_classes_are_made_at_once_with_the_ids_that_they_wish(project: Project) -> None:
    project.add_class("jeans")
    project.add_classes([("jeans", None), ("tie", 32), (" skirt ", None), ("", None)])
    assert [(one.name, one.id) for one in project.classes] == [
        ("jeans", 1),
        ("tie", 32),
        ("skirt", 33),
    ]


def test_a_class_map_follows_the_classes_that_it_names(project: Project) -> None:
    ids = {name: project.add_class(name).id for name in ("jeans", "skirt", "coat", "robe")}
    project.keep_class_map("w", {"a": "jeans", "b": "skirt", "c": "coat", "d": ""})
    project.rename_class(ids["jeans"], "denim")
    project.merge_classes(ids["skirt"], into=ids["robe"])
    project.delete_class(ids["coat"])
    assert project.class_map("w") == {"a": "denim", "b": "robe", "c": "", "d": ""}
