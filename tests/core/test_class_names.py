"""Lists of class names that people have."""

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from core.class_names import NamedClass, class_files_in, classes_in_file, names_in_text
from core.errors import AppError

COCO = {
    "images": [],
    "annotations": [],
    "categories": [{"id": 7, "name": "tie"}, {"id": 1, "name": "person"}],
}


def test_names_stand_one_a_line_or_between_commas() -> None:
    assert names_in_text("jeans\nT-shirt, skirt\n") == ("jeans", "T-shirt", "skirt")


def test_comments_blank_lines_repeats_and_the_marks_of_windows_are_passed_over() -> None:
    text = '\ufeff# my classes\r\njeans\r\n\r\n  skirt  \r\njeans\r\n"coat"\r\n'
    assert names_in_text(text) == ("jeans", "skirt", "coat")


def test_the_special_lines_of_labelmes_lists_are_no_classes() -> None:
    assert names_in_text("__ignore__\n_background_\ncat\n") == ("cat",)


def test_a_names_file_lists_its_classes(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes(b"\xef\xbb\xbfjeans\r\nskirt\r\n")
    assert classes_in_file(file) == (NamedClass("jeans"), NamedClass("skirt"))


def test_a_coco_file_gives_its_ids_too_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "instances.json"
    file.write_text(json.dumps(COCO))
    assert classes_in_file(file) == (NamedClass("person", 1), NamedClass("tie", 7))


@pytest.mark.parametrize("names", ["[cat, dog]", "{1: dog, 0: cat}"])
def test_a_data_yaml_of_yolo_lists_its_classes(tmp_path: Path, names: str) -> None:
    file = tmp_path / "data.yaml"
    file.write_text(f"train: images\nnames: {names}\n")
    assert classes_in_file(file) == (NamedClass("cat"), NamedClass("dog"))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("names.txt", b"# nothing\n", "names no class"),
        ("names.txt", b"\xff\xfe\x00", "UTF-8"),
        ("a.json", b'{"shapes": []}', "no COCO file"),
        ("a.json", b'{"categories": [{"id": null, "name": "a"}]}', "no COCO file"),
        ("data.yaml", b"names: [", "no YAML"),
        ("data.yaml", b"- 1", "names no class"),
        ("gone.txt", None, "cannot be read"),
    ],
)
def test_a_file_that_lists_no_classes_is_told(
    tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(AppError, match=why):
        classes_in_file(file)


def test_files_with_classes_are_found_among_the_images_and_label_files(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "classes.txt").write_text("cat\n")
    (tmp_path / "annotations" / "instances.json").write_text(json.dumps(COCO))
    (tmp_path / "a.json").write_text(json.dumps({"shapes": [], "imagePath": "a.jpg"}))
    found = class_files_in(tmp_path)
    assert [file.name for file in found] == ["classes.txt", "instances.json"]


def test_a_coco_file_is_known_by_its_end_where_it_is_large(tmp_path: Path) -> None:
    large = {"images": ["x" * 200_000], "annotations": [], "categories": []}
    (tmp_path / "big.json").write_text(json.dumps(large))
    assert [file.name for file in class_files_in(tmp_path)] == ["big.json"]


def test_a_folder_that_is_gone_has_no_files(tmp_path: Path) -> None:
    assert class_files_in(tmp_path / "gone") == ()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("names.txt", b"a\n" * 2_100_000, "far longer than"),
        ("data.yaml", b"#" * 4_100_000, "far longer than"),
        ("data.yaml", b"names: !!python/object/apply:os.system [ls]", "no YAML"),
        ("data.yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nnames: [*b, *b]", "something else"),
        ("data.yaml", b"names: {? 2001-01-01 : a, null: b}", "something else"),
        ("data.yaml", b"names: " + b"[" * 100_000, "no YAML"),
        ("data.yaml", b"names: [" + b"9" * 5000 + b"]", "no YAML"),
        ("a.json", b"[" * 100_000, "no COCO file"),
        ("a.json", b'{"categories": [{"id": 1e999, "name": "a"}]}', "no COCO file"),
        ("a.json", b'{"categories": [{"id": 1, "name": [["a"]]}]}', "no COCO file"),
        ("a.json", b'{"categories": [{"id": ' + b"9" * 5000 + b', "name": "a"}]}', "no COCO"),
    ],
)
def test_a_list_that_means_harm_ends_in_a_sentence(
    name: str, content: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AppError, match=why):
        classes_in_file(tmp_path / name)


def test_values_that_stand_for_others_without_end_end_in_a_sentence(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, y]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    (tmp_path / "data.yaml").write_text("\n".join([*lines, "names: *a39"]))
    with pytest.raises(AppError, match="beyond all measure"):
        classes_in_file(tmp_path / "data.yaml")


def test_a_short_coco_file_takes_little_memory(tmp_path: Path) -> None:
    (tmp_path / "coco.json").write_text(json.dumps(COCO))
    tracemalloc.start()
    try:
        classes_in_file(tmp_path / "coco.json")
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 10_000_000


def test_a_pipe_is_no_list_of_names(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "names.txt")
    with pytest.raises(AppError, match="no file"):
        classes_in_file(tmp_path / "names.txt")


def test_what_cannot_be_seen_is_no_part_of_a_name() -> None:
    assert names_in_text("a\u202eb\u0007\nc\u200f\n\x1b[31md\n") == ("ab", "c", "[31md")


def test_a_name_without_end_is_cut() -> None:
    assert [len(name) for name in names_in_text("x" * 10_000)] == [200]
