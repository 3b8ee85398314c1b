"""Labels come into a project and go out of it, and a person's are never replaced."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.configs import ExportConfig, ImportConfig
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Progress
from core.geometry import mask_of
from core.jobs import exchange, run_job
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part, Split

JOBS = {spec.name: spec for spec in exchange.JOBS}
POLYGON = [10.5, 10, 30, 10, 30, 30, 10.5, 30]
SQUARE = Part(np.array(POLYGON).reshape(-1, 2))
FAR = Part(np.array([[50.0, 40.0], [70.0, 40.0], [60.0, 55.0]]))
RINGED = Part(SQUARE.outer, (np.array([[15.0, 15.0], [25.0, 15.0], [25.0, 25.0]]),))


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("core.project.project.user_cache_folder", lambda: cache)


def picture(file: Path, shade: int = 0, size: tuple[int, int] = (80, 60)) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, shade, shade)).save(file)
    return file


def coco_file(file: Path, *names: str, **image: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    value = {
        "images": [
            {"id": n, "file_name": name, "width": 80, "height": 60, **image}
            for n, name in enumerate(names)
        ],
        "categories": [{"id": 5, "name": "coat", "supercategory": ""}],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 5, "segmentation": [POLYGON], "iscrowd": 0}
            for n in range(len(names))
        ],
    }
    file.write_text(json.dumps(value))
    return file


def finished(name: str, config: Any) -> dict[str, Any]:
    *_, last = run_job(name, config, EngineShelf(), jobs=JOBS)
    assert isinstance(last, Finished)
    return dict(last.result)


def imported(source: Path, into: Path, format_: str = "coco", images: str = "") -> dict[str, Any]:
    return finished("import", ImportConfig(str(source), format_, str(into), images=images))


def exported(folder: Path, out: Path, format_: str = "coco", **more: str) -> dict[str, Any]:
    return finished("export", ExportConfig(str(folder), format_, str(out), **more))


def labels_in(folder: Path, key: str) -> ImageLabels:
    project = Project.open(folder, wants_to_write=False)
    list(project.scan())
    labels = project.read(key).labels
    project.close()
    return labels


def project_of(folder: Path, **images: tuple[ImageState, tuple[Instance, ...]]) -> Path:
    """A project with an image for each name; class 1 is coat."""
    for shade, name in enumerate(images):
        picture(folder / f"{name}.png", 40 * shade)
    project = Project.open(folder)
    list(project.scan())
    project.add_class("coat")
    for name, (state, instances) in images.items():
        key = f"{name}.png"
        labels = ImageLabels((60, 80), instances, state)
        project.write(key, labels, stamp=project.read(key).stamp)
    project.close()
    return folder


def said(result: dict[str, Any]) -> str:
    return "\n".join(f"{one['where']}: {one['sentence']}" for one in result["problems"])


def test_an_import_brings_images_classes_and_labels(tmp_path: Path) -> None:
    picture(tmp_path / "set" / "images" / "a.jpg")
    source = coco_file(tmp_path / "set" / "instances.json", "a.jpg")

    result = imported(source, tmp_path / "project")

    labels = labels_in(tmp_path / "project", "images/a.jpg")
    assert (result["images"], result["instances"], result["problems"]) == (1, 1, [])
    assert labels.state is ImageState.DONE
    assert labels.instances[0].parts == (SQUARE,)
    assert labels.instances[0].class_id == 5


def test_images_of_the_project_are_found_by_their_name(tmp_path: Path) -> None:
    picture(tmp_path / "project" / "photos" / "a.jpg")
    source = coco_file(tmp_path / "set" / "instances.json", "C:\\old\\a.jpg")

    result = imported(source, tmp_path / "project")

    assert result["images"] == 1
    assert len(labels_in(tmp_path / "project", "photos/a.jpg").instances) == 1


def test_labels_beside_the_projects_own_images_are_not_copied(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    picture(folder / "photos" / "a.jpg")
    source = coco_file(folder / "instances.json", "a.jpg")

    imported(source, folder)

    assert sorted(one.name for one in folder.rglob("*.jpg")) == ["a.jpg"]
    assert (folder / "photos" / "a.json").exists()


def test_another_image_of_the_same_name_comes_in_beside(tmp_path: Path) -> None:
    picture(tmp_path / "project" / "a.jpg", 200, (40, 40))
    picture(tmp_path / "set" / "a.jpg")
    source = coco_file(tmp_path / "set" / "instances.json", "a.jpg")

    imported(source, tmp_path / "project")

    assert labels_in(tmp_path / "project", "a.jpg").instances == ()
    assert len(labels_in(tmp_path / "project", "a_2.jpg").instances) == 1


def test_images_are_taken_from_the_folder_given(tmp_path: Path) -> None:
    picture(tmp_path / "photos" / "a.jpg")
    source = coco_file(tmp_path / "set" / "instances.json", "a.jpg")

    result = imported(source, tmp_path / "project", images=str(tmp_path / "photos"))

    assert result["images"] == 1


def test_an_image_that_is_nowhere_is_named(tmp_path: Path) -> None:
    picture(tmp_path / "set" / "a.jpg")
    source = coco_file(tmp_path / "set" / "instances.json", "a.jpg", "gone.jpg")

    result = imported(source, tmp_path / "project")

    assert result["images"] == 1
    assert "gone.jpg: Left out: the image was not found" in said(result)


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "..\\..\\a.jpg", "C:\\a.jpg"])
def test_names_that_lead_out_read_and_write_nothing_outside(tmp_path: Path, name: str) -> None:
    picture(tmp_path / "a.jpg")
    source = coco_file(tmp_path / "set" / "instances.json", name)

    result = imported(source, tmp_path / "project")

    assert result["images"] == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.jpg", "project", "set"]
    assert list((tmp_path / "project").rglob("*.jpg")) == []


def test_labels_of_a_person_are_never_replaced(tmp_path: Path) -> None:
    mine = Instance("mine", 1, (FAR,))
    folder = project_of(tmp_path / "project", a=(ImageState.STARTED, (mine,)))
    before = (folder / "a.json").read_bytes()
    source = coco_file(tmp_path / "set" / "instances.json", "a.png")

    result = imported(source, folder)

    assert (folder / "a.json").read_bytes() == before
    assert "a person's labels already" in said(result)


def test_a_done_and_empty_image_stays_empty(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "project", a=(ImageState.DONE, ()))

    imported(coco_file(tmp_path / "set" / "instances.json", "a.png"), folder)

    assert labels_in(folder, "a.png").instances == ()


def test_predictions_give_way_to_an_import(tmp_path: Path) -> None:
    guess = Instance("guess", 1, (FAR,), InstanceState.PREDICTED, 0.9)
    folder = project_of(tmp_path / "project", a=(ImageState.UNTOUCHED, (guess,)))

    imported(coco_file(tmp_path / "set" / "instances.json", "a.png"), folder)

    assert [one.parts for one in labels_in(folder, "a.png").instances] == [(SQUARE,)]


def test_the_same_import_twice_changes_nothing(tmp_path: Path) -> None:
    picture(tmp_path / "set" / "a.jpg")
    source = coco_file(tmp_path / "set" / "instances.json", "a.jpg")
    imported(source, tmp_path / "project")
    before = (tmp_path / "project" / "a.json").read_bytes()

    result = imported(source, tmp_path / "project")

    assert result["images"] == 0
    assert (tmp_path / "project" / "a.json").read_bytes() == before


def test_an_image_inside_a_label_file_becomes_a_file(tmp_path: Path) -> None:
    data = picture(tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").unlink()
    shape = {"label": "coat", "points": SQUARE.outer.tolist(), "shape_type": "polygon"}
    value = {
        "version": "4.5.6", "flags": {}, "shapes": [shape], "imagePath": "a.png",
        "imageData": base64.b64encode(data).decode(),
    }  # fmt: skip
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.json").write_text(json.dumps(value))

    result = imported(tmp_path / "set", tmp_path / "project", "labelme")

    assert result["images"] == 1
    assert (tmp_path / "project" / "a.png").read_bytes() == data


def test_imported_images_have_their_splits(tmp_path: Path) -> None:
    names = [f"{n}.png" for n in range(10)]
    rng = np.random.default_rng(0)
    for name in names:
        file = picture(tmp_path / "set" / name)
        Image.fromarray(rng.integers(0, 255, (60, 80, 3), dtype=np.uint8)).save(file)

    imported(coco_file(tmp_path / "set" / "instances.json", *names), tmp_path / "project")

    project = Project.open(tmp_path / "project", wants_to_write=False)
    assert set(project.splits) == set(names)
    assert set(project.splits.values()) == {Split.TRAIN, Split.VAL}
    project.close()


def test_progress_is_told_image_by_image(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        picture(tmp_path / "set" / name)
    source = coco_file(tmp_path / "set" / "instances.json", "a.jpg", "b.jpg")
    config = ImportConfig(str(source), "coco", str(tmp_path / "project"))

    events: list[Event] = list(run_job("import", config, EngineShelf(), jobs=JOBS))

    assert [one.done for one in events if isinstance(one, Progress)] == [1, 2]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (ImportConfig("gone.json", "coco", "p"), "gone.json is not there"),
        (ImportConfig("a.json", "cocoa", "p"), "no format named cocoa; there are coco, labelme"),
        (ImportConfig("a.json", "coco", "p", images="gone"), "gone is not there"),
        (ImportConfig("a.json", "coco", "p"), "not a COCO file"),
    ],
)
def test_an_import_that_cannot_be_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: ImportConfig, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text("{}")

    with pytest.raises(AppError, match=words):
        finished("import", config)


STATES = {
    "a": (
        ImageState.DONE,
        (
            Instance("1", 1, (SQUARE,)),
            Instance("2", 1, (FAR,), InstanceState.PREDICTED, 0.5),
            Instance("3", 1, (RINGED, FAR), InstanceState.ACCEPTED, 0.5),
        ),
    ),
    "b": (ImageState.DONE, ()),
    "c": (ImageState.UNTOUCHED, ()),
    "d": (ImageState.STARTED, (Instance("4", 1, (FAR,), InstanceState.EDITED),)),
    "e": (ImageState.UNTOUCHED, (Instance("5", 1, (FAR,), InstanceState.PREDICTED, 0.5),)),
}


def test_an_export_leaves_out_what_nobody_looked_at(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "project", **STATES)

    result = exported(folder, tmp_path / "out.json")

    value = json.loads((tmp_path / "out.json").read_text())
    assert [one["file_name"] for one in value["images"]] == ["a.png", "b.png", "d.png"]
    assert [one["image_id"] for one in value["annotations"]] == [1, 1, 3]
    assert (result["images"], result["instances"]) == (3, 3)
    assert (result["unseen"], result["unfinished"]) == (2, 1)
    assert "a.png: Predictions that nobody looked at were left out: 1." in said(result)


def test_an_export_of_all_has_predictions_with_their_scores(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "project", **STATES)

    result = exported(folder, tmp_path / "out.json", state="all")

    value = json.loads((tmp_path / "out.json").read_text())
    assert [one["file_name"] for one in value["images"]] == ["a.png", "b.png", "d.png", "e.png"]
    assert [one.get("score") for one in value["annotations"]] == [None, 0.5, None, None, 0.5]
    assert (result["instances"], result["unseen"]) == (5, 0)


def test_an_export_of_a_split_has_its_images_only(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "project", **STATES)
    project = Project.open(folder)
    list(project.scan())
    project.assign_splits()
    wanted = sorted(project.keys_of(Split.TRAIN))
    project.close()

    exported(folder, tmp_path / "out.json", split="train")

    value = json.loads((tmp_path / "out.json").read_text())
    assert [one["file_name"] for one in value["images"]] == wanted


def test_an_empty_split_is_refused_in_a_sentence(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "project", **STATES)

    with pytest.raises(AppError, match="No image is in the test split"):
        exported(folder, tmp_path / "out.json", split="test")


def test_an_export_does_not_touch_the_project(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "project", **STATES)
    before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    exported(folder, tmp_path / "out.json")

    assert {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()} == before


@pytest.mark.parametrize("name", ["a.json", "maskloop.json", "."])
def test_an_export_never_replaces_files_of_the_project(tmp_path: Path, name: str) -> None:
    folder = project_of(tmp_path / "project", **STATES)

    with pytest.raises(AppError, match="project"):
        exported(folder, folder / name)


def test_a_folder_of_labelme_is_exported_with_its_classes(tmp_path: Path) -> None:
    picture(tmp_path / "set" / "a.png")
    shape = {"label": "coat", "points": SQUARE.outer.tolist(), "shape_type": "polygon"}
    value = {"version": "5.5.0", "flags": {}, "shapes": [shape], "imagePath": "a.png"}
    (tmp_path / "set" / "a.json").write_text(json.dumps(value))

    exported(tmp_path / "set", tmp_path / "out.json")

    written = json.loads((tmp_path / "out.json").read_text())
    assert [one["name"] for one in written["categories"]] == ["coat"]
    assert len(written["annotations"]) == 1


def test_an_image_with_a_broken_label_file_is_named(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "project", **STATES)
    (folder / "a.json").write_text('{"shapes": [{"label"')

    result = exported(folder, tmp_path / "out.json")

    assert "a.json: " in said(result)
    assert result["images"] == 2


@pytest.mark.parametrize("format_", ["coco", "labelme"])
def test_a_cancelled_export_leaves_nothing(tmp_path: Path, format_: str) -> None:
    folder = project_of(tmp_path / "project", **STATES)
    config = ExportConfig(str(folder), format_, str(tmp_path / "out"))
    job = run_job("export", config, EngineShelf(), jobs=JOBS)

    for event in job:
        if isinstance(event, Progress):
            break
    job.close()

    assert [one.name for one in tmp_path.iterdir()] == ["project"]


@pytest.mark.parametrize("format_", ["coco", "labelme"])
def test_what_is_exported_and_imported_again_is_the_same(tmp_path: Path, format_: str) -> None:
    folder = project_of(tmp_path / "project", **STATES)
    out = tmp_path / ("out.json" if format_ == "coco" else "out")
    exported(folder, out, format_)

    result = imported(out, tmp_path / "again", format_, images=str(folder))

    assert (result["images"], result["instances"], result["problems"]) == (3, 3, [])
    for key in ("a.png", "b.png", "d.png"):
        before = [one for one in labels_in(folder, key).instances if one.is_of_person]
        after = labels_in(tmp_path / "again", key).instances
        for one, other in zip(before, after, strict=True):
            same = mask_of(one.parts, (60, 80)) == mask_of(other.parts, (60, 80))
            assert same.all()


def test_an_export_never_takes_the_place_of_a_photo(tmp_path: Path) -> None:
    photo = picture(tmp_path / "photos" / "a.png")
    before = photo.read_bytes()
    with pytest.raises(AppError, match="name of an image"):
        finished("export", ExportConfig(str(photo.parent), "coco", str(photo)))
    assert photo.read_bytes() == before


@pytest.mark.parametrize(("source", "into"), [("", "p"), ("s", "")])
def test_an_import_without_a_name_is_not_of_the_working_folder(source: str, into: str) -> None:
    with pytest.raises(AppError, match="is named"):
        ImportConfig(source, "coco", into)


@pytest.mark.parametrize(("folder", "out"), [("", "o"), ("p", "")])
def test_an_export_without_a_name_is_not_of_the_working_folder(folder: str, out: str) -> None:
    with pytest.raises(AppError, match="is named"):
        ExportConfig(folder, "coco", out)


def test_a_file_in_the_folder_does_not_say_where_images_are_written(tmp_path: Path) -> None:
    source = coco_file(tmp_path / "set" / "coco.json", "a.png")
    picture(tmp_path / "set" / "a.png")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "maskloop.json").write_text('{"images": "../elsewhere"}')

    with pytest.raises(AppError, match="labels only"):
        finished("import", ImportConfig(str(source), "coco", str(tmp_path / "project")))

    assert not list((tmp_path / "elsewhere").iterdir())
