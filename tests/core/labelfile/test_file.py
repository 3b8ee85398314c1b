"""What the file says beside its shapes, in any encoding."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AppError
from core.labelfile import decode_text, read_labelfile
from core.types import ImageState
from tests.core.labelfile.files import (
    OTHER,
    SQUARE,
    file_of,
    labels_of,
    polygon,
    read,
    written,
)


def test_unknown_keys_of_the_file_stay_in_their_order() -> None:
    value = {"checked": True, **file_of(polygon()), "tags": [{"a": None}]}

    after = written(read(value).labels)

    assert list(after) == [*value, "maskloop"]
    assert after["tags"] == [{"a": None}]


def test_embedded_images_are_handed_out_and_not_written_again() -> None:
    content = read(file_of(polygon(), imageData=base64.b64encode(b"picture").decode()))

    assert content.image_data == b"picture"
    assert written(content.labels)["imageData"] is None


@pytest.mark.parametrize("path", ["a.jpg", ".\\a.jpg", "./a.jpg"])
def test_an_image_path_that_names_the_image_is_kept(path: str) -> None:
    assert written(read(file_of(imagePath=path)).labels)["imagePath"] == path


@pytest.mark.parametrize("path", ["C:\\x\\a.jpg", "../a.jpg", "b.jpg", None, 3])
def test_an_image_path_that_leads_elsewhere_is_set_right(path: Any) -> None:
    assert written(read(file_of(imagePath=path)).labels)["imagePath"] == "a.jpg"


def test_files_of_labelme_3_are_read_and_become_readable_for_labelme_7() -> None:
    shape = {"label": "coat", "line_color": None, "fill_color": None, "points": SQUARE}
    value = {
        "version": "3.6.1", "flags": None, "shapes": [{**shape, "flags": None}],
        "lineColor": [0, 255, 0, 128], "fillColor": [255, 0, 0, 128],
        "imagePath": "a.jpg", "imageData": None,
    }  # fmt: skip

    after = written(read(value).labels)

    assert after["shapes"] == [{**shape, "shape_type": "polygon", "flags": {}}]
    assert (after["flags"], after["version"]) == ({}, "3.6.1")
    assert after["lineColor"] == [0, 255, 0, 128]


def test_a_file_of_labelme_with_shapes_is_done_and_one_without_untouched() -> None:
    assert read(file_of(polygon())).labels.state is ImageState.DONE
    assert read(file_of()).labels.state is ImageState.UNTOUCHED


def test_a_file_of_ours_may_say_that_a_done_image_is_empty() -> None:
    labels = labels_of(state=ImageState.DONE)

    assert read(written(labels)).labels == labels


@pytest.mark.parametrize("version", [2, "2", None])
def test_a_file_of_a_newer_version_is_read_only_and_says_so(version: Any) -> None:
    content = read(file_of(polygon(), maskloop={"version": version, "state": "done"}))

    assert content.is_read_only
    assert "newer version" in content.problems[0].sentence


@pytest.mark.parametrize(
    ("declared", "words"),
    [((80, 60), "swapped"), ((30, 40), "rescale"), ((31, 52), "check that it is the same")],
)
def test_a_wrong_size_is_set_right_and_named(declared: tuple[int, int], words: str) -> None:
    height, width = declared
    content = read(file_of(polygon(), imageHeight=height, imageWidth=width))

    assert content.labels.size_hw == (60, 80)
    assert content.labels.instances[0].parts[0].outer.tolist() == SQUARE
    assert words in content.problems[0].sentence


@pytest.mark.parametrize("missing", [{}, {"imageHeight": None, "imageWidth": None}])
def test_a_missing_size_is_no_problem_where_the_image_is_known(missing: Any) -> None:
    value = {name: item for name, item in file_of(polygon()).items() if "Height" not in name}
    del value["imageWidth"]

    content = read({**value, **missing})

    assert content.problems == ()
    assert content.labels.size_hw == (60, 80)


def test_a_size_that_nobody_knows_holds_all_shapes() -> None:
    content = read(file_of(polygon(OTHER), imageHeight=None, imageWidth=None), size_hw=None)

    assert content.labels.size_hw == (30, 60)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "utf-32"])
def test_chinese_labels_are_read_in_any_encoding(encoding: str) -> None:
    text = json.dumps(file_of(polygon(label="牛仔裤"), polygon(label="衬衫")), ensure_ascii=False)
    labels = []

    def note(name: str) -> int:
        labels.append(name)
        return 1

    read_labelfile(text.encode(encoding), size_hw=(60, 80), class_id_of=note)

    assert labels == ["牛仔裤", "衬衫"]


def test_western_accents_of_an_old_locale_are_read() -> None:
    assert decode_text("chaise élevée, Größe, año".encode("cp1252")) == "chaise élevée, Größe, año"


@given(st.binary())
def test_no_bytes_at_all_make_decoding_fail(data: bytes) -> None:
    assert isinstance(decode_text(data), str)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0" * 64, b"{", b'{"shapes": [', b"[" * 100_000, b'{"a":' * 100_000, b"[1, 2]",
        b"null", b'{"shapes": {}}', b'{"images": []}', b"\xff\xd8\xff\xe0 JFIF",
        b'{"shapes": [], "imagePath": "a", "x": ' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"shapes": [], "imagePath": "a", "x": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_label_file_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(AppError, match=r"\w+ .*\."):
        read(data)


@given(
    st.binary() | st.recursive(st.none() | st.floats(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_content_at_all_makes_reading_fail_otherwise(data: bytes) -> None:
    with pytest.raises(AppError):
        read(data)


def test_a_key_that_stands_twice_is_named() -> None:
    data = b'{"shapes": [], "shapes": [], "imagePath": "a.jpg"}'

    assert "twice" in read(data).problems[0].sentence


def test_half_a_character_survives() -> None:
    data = json.dumps(file_of(polygon(description="\ud83d"))).encode()

    assert written(read(data).labels)["shapes"][0]["description"] == "\ud83d"
