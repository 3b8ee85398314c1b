import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import AppError
from core.project import Project
from core.types import ImageLabels, Instance


def _labelme(path: Path, image_path: str) -> None:
    square = [[1, 1], [9, 1], [9, 9]]
    shape = {"label": "x", "points": square, "shape_type": "polygon", "group_id": None, "flags": {}}
    value = {"shapes": [shape], "imagePath": image_path, "imageHeight": 60, "imageWidth": 80}
    path.write_text(json.dumps(value))


@pytest.fixture
def name_of(folder: Path) -> Callable[[str], str]:
    """Opens the folder and gives the name of the label file of a key."""

    def name(key: str) -> str:
        project = Project.open(folder, wants_to_write=False)
        found = project.label_path(key).relative_to(folder).as_posix()
        project.close()
        return found

    return name


Name = Callable[[str], str]
Draw = Callable[..., Path]


def test_the_labels_of_a_jpg_are_in_a_json(folder: Path, draw: Draw, name_of: Name) -> None:
    draw(folder / "sub" / "a.jpg")
    assert name_of("sub/a.jpg") == "sub/a.json"


def test_image_path_tells_whose_the_shared_json_is(folder: Path, draw: Draw, name_of: Name) -> None:
    draw(folder / "a.jpg")
    draw(folder / "a.png")
    _labelme(folder / "a.json", "a.png")
    assert (name_of("a.png"), name_of("a.jpg")) == ("a.json", "a.jpg.json")
    _labelme(folder / "a.json", "..\\photos\\a.jpg")
    assert (name_of("a.png"), name_of("a.jpg")) == ("a.png.json", "a.json")


def test_of_two_images_that_share_a_stem_the_first_gets_the_json(
    folder: Path, draw: Draw, name_of: Name
) -> None:
    draw(folder / "a.jpg")
    draw(folder / "a.png")
    assert (name_of("a.jpg"), name_of("a.png")) == ("a.json", "a.png.json")


def test_stems_that_differ_in_case_share_a_json_too(
    folder: Path, draw: Draw, name_of: Name
) -> None:
    draw(folder / "A.jpg")
    draw(folder / "a.png")
    assert sorted((name_of("A.jpg"), name_of("a.png"))) == ["A.json", "a.png.json"]


def test_labels_in_a_json_of_a_renamed_image_belong_to_the_one_beside_it(
    folder: Path, draw: Draw, name_of: Name
) -> None:
    draw(folder / "a.png")
    _labelme(folder / "a.json", "a.jpg")
    assert name_of("a.png") == "a.json"


def test_a_json_that_is_not_labelmes_is_left_alone(folder: Path, draw: Draw, name_of: Name) -> None:
    draw(folder / "a.jpg")
    (folder / "a.json").write_text('{"images": [], "annotations": []}')
    assert name_of("a.jpg") == "a.jpg.json"


def test_where_both_names_are_taken_by_others_there_is_a_third(
    folder: Path, draw: Draw, name_of: Name
) -> None:
    draw(folder / "a.jpg")
    (folder / "a.json").write_text("{}")
    (folder / "a.jpg.json").write_text('{"title": "a.jpg", "photoTakenTime": {}}')
    assert name_of("a.jpg") == "a.jpg.labels.json"


@pytest.mark.parametrize("own", ["a.jpg.json", "a.jpg.labels.json"])
def test_labels_are_found_again_when_the_reason_for_their_name_is_gone(
    folder: Path, draw: Draw, name_of: Name, own: str
) -> None:
    draw(folder / "a.jpg")
    _labelme(folder / own, "a.jpg")
    assert name_of("a.jpg") == own


def test_a_json_named_after_an_image_can_be_another_images(
    folder: Path, draw: Draw, name_of: Name
) -> None:
    draw(folder / "a.png")
    draw(folder / "a.png.jpg")
    _labelme(folder / "a.png.json", "a.png.jpg")
    assert (name_of("a.png"), name_of("a.png.jpg")) == ("a.json", "a.png.json")


def test_an_image_named_maskloop_does_not_get_the_project_file(
    folder: Path, draw: Draw, name_of: Name
) -> None:
    draw(folder / "maskloop.jpg")
    draw(folder / "sub" / "maskloop.jpg")
    assert name_of("maskloop.jpg") == "maskloop.jpg.json"
    assert name_of("sub/maskloop.jpg") == "sub/maskloop.json"


def test_two_label_files_of_one_image_are_told(folder: Path, draw: Draw) -> None:
    draw(folder / "a.jpg")
    _labelme(folder / "a.json", "a.jpg")
    _labelme(folder / "a.jpg.json", "a.jpg")
    project = Project.open(folder, wants_to_write=False)
    (problem,) = project.read("a.jpg").problems
    assert problem.where == "a.json"
    assert "two label files" in problem.sentence
    project.close()


@pytest.mark.parametrize("content", [b"", b'{"shapes": [{"lab', b"\xff\xfe\x00"])
def test_a_broken_json_stays_as_it_is_and_is_told(
    folder: Path,
    draw: Draw,
    labels: Callable[..., ImageLabels],
    instance: Callable[..., Instance],
    content: bytes,
) -> None:
    draw(folder / "a.jpg")
    (folder / "a.json").write_bytes(content)
    project = Project.open(folder)
    loaded = project.read("a.jpg")
    assert [one.where for one in loaded.problems] == ["a.json"]
    project.add_class("x")
    project.write("a.jpg", labels(instance("i")), stamp=loaded.stamp)
    assert (folder / "a.json").read_bytes() == content
    assert project.read("a.jpg").labels.instances[0].id == "i"
    assert (folder / "a.jpg.json").exists()
    project.close()


def test_a_folder_in_the_place_of_the_label_file_is_told(folder: Path, draw: Draw) -> None:
    draw(folder / "a.jpg")
    (folder / "a.json").mkdir()
    project = Project.open(folder, wants_to_write=False)
    (problem,) = project.read("a.jpg").problems
    assert "A folder has the name of the label file" in problem.sentence
    assert project.label_path("a.jpg").name == "a.jpg.json"
    project.close()


def test_a_label_file_that_may_not_be_read_is_an_error_and_never_replaced(
    folder: Path,
    draw: Draw,
    labels: Callable[..., ImageLabels],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw(folder / "a.jpg")
    _labelme(folder / "a.json", "a.jpg")
    project = Project.open(folder)
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "a.json":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    with pytest.raises(AppError, match=r"a\.json cannot be read: you are not allowed to"):
        project.read("a.jpg")
    with pytest.raises(AppError, match="you are not allowed to"):
        project.write("a.jpg", labels(), stamp="")
    project.close()


@pytest.mark.parametrize(
    "key", ["../a.jpg", "/a.jpg", "sub/../../a.jpg", "a\\b.jpg", "", "sub//a.jpg", "./a.jpg", "a\0"]
)
def test_a_key_that_leads_out_of_the_folder_is_refused(folder: Path, key: str) -> None:
    project = Project.open(folder, wants_to_write=False)
    for path_of in (project.image_path, project.label_path):
        with pytest.raises(AppError, match="is not the name of an image in this folder"):
            path_of(key)
    project.close()
