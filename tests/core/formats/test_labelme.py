"""labelme files of every age and tool come in, and plain ones go out."""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import AppError
from core.formats import LabelledImage
from core.formats.labelme import FORMAT
from core.geometry import mask_of
from core.labelfile import write_labelfile
from core.types import ImageLabels, ImageState, Instance, InstanceState, LabelClass, Part

FIXTURES = Path(__file__).parent / "fixtures" / "labelme"
NAMES = ("person-1", "person-2", "jacket", "arm", "button", "collar", "shirt")
CLASSES = tuple(LabelClass(n, name, "#0072b2") for n, name in enumerate(NAMES, start=1))
SQUARE = Part(np.array([[10.0, 10.0], [30.0, 10.0], [30.0, 30.0], [10.0, 30.0]]))
RINGED = Part(SQUARE.outer, (np.array([[15.0, 15.0], [25.0, 15.0], [25.0, 25.0]]),))


def class_id_of(name: str, wish: int | None) -> int:
    return NAMES.index(name) + 1


def picture(file: Path, size: tuple[int, int] = (100, 80)) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(file)
    return file


def read(source: Path, images: Path | None = None) -> list[LabelledImage]:
    assert FORMAT.read is not None
    return list(FORMAT.read(source, images, class_id_of))


def read_fixture(name: str, folder: Path) -> LabelledImage:
    shutil.copyfile(FIXTURES / name, folder / name)
    picture(folder / "street.jpg")
    (image,) = read(folder / name)
    return image


def sentences(image: LabelledImage) -> str:
    return "\n".join(one.sentence for one in image.problems)


def names_of(image: LabelledImage) -> list[str]:
    return [NAMES[one.class_id - 1] for one in image.labels.instances]


def test_files_of_labelme_3_are_read(tmp_path: Path) -> None:
    image = read_fixture("labelme_3.json", tmp_path)

    assert names_of(image) == ["person-1", "person-2"]
    assert image.file == tmp_path / "street.jpg"
    assert image.labels.state is ImageState.DONE
    assert "person are numbered" in sentences(image)


def test_groups_masks_circles_and_rectangles_are_read(tmp_path: Path) -> None:
    image = read_fixture("labelme_5.json", tmp_path)

    assert names_of(image) == ["jacket", "arm", "button", "button", "collar"]
    assert [len(one.parts) for one in image.labels.instances] == [2, 1, 1, 1, 2]
    collar = mask_of(image.labels.instances[4].parts, (80, 100))
    assert np.argwhere(collar).tolist() == [[60, 30], [60, 33], [61, 30], [61, 31], [61, 33]]
    assert image.labels.instances[2].parts[0].outer.tolist() == [
        [80, 50], [90, 50], [90, 70], [80, 70],
    ]  # fmt: skip
    assert len(image.labels.foreign_shapes) == 1
    assert image.problems == ()


def test_the_dialect_of_x_anylabeling_is_read(tmp_path: Path) -> None:
    image = read_fixture("xanylabeling.json", tmp_path)

    assert names_of(image) == ["shirt", "shirt"]
    assert {one.state for one in image.labels.instances} == {InstanceState.DRAWN}
    assert "Shape 3 (box) is kept in the file but is not shown" in sentences(image)


@pytest.mark.parametrize("name", ["labelme_3.json", "labelme_5.json", "xanylabeling.json"])
def test_what_others_wrote_survives_word_by_word(tmp_path: Path, name: str) -> None:
    theirs = json.loads((FIXTURES / name).read_text())
    image = read_fixture(name, tmp_path)
    names = {one.id: one.name for one in CLASSES}

    ours = json.loads(write_labelfile(image.labels, image_path="street.jpg", class_names=names))

    needed = {"flags": {}, "shape_type": "polygon"}
    for shape in theirs["shapes"]:
        shape.update({n: v for n, v in needed.items() if shape.get(n) is None})
    assert ours["shapes"] == theirs["shapes"]
    extra = set(theirs) - {"shapes", "imagePath", "imageData", "flags"}
    assert {n: ours[n] for n in extra} == {n: theirs[n] for n in extra}


def test_files_made_by_hand_are_read(tmp_path: Path) -> None:
    image = read_fixture("handmade.json", tmp_path)

    assert names_of(image) == ["jacket"]
    assert image.labels.instances[0].parts[0].outer.tolist() == [[-5, 2], [140, 2.5], [20, 40]]
    assert image.key == "street.jpg"
    assert image.labels.size_hw == (80, 100)


def test_an_image_inside_the_file_is_handed_out(tmp_path: Path) -> None:
    value = json.loads((FIXTURES / "labelme_3.json").read_text())
    data = io.BytesIO()
    Image.new("RGB", (100, 80)).save(data, format="JPEG")
    value["imageData"] = base64.b64encode(data.getvalue()).decode()
    (tmp_path / "a.json").write_text(json.dumps(value))

    (image,) = read(tmp_path)

    assert image.file is None
    assert image.image_data == data.getvalue()
    assert image.labels.size_hw == (80, 100)


@pytest.mark.parametrize(
    "path",
    [
        "street.jpg", ".\\street.jpg", "../street.jpg", "..\\images\\street.jpg", "STREET.jpg",
        "/etc/street.jpg", "C:\\street.jpg", "", None, "renamed.jpg",
    ],
)  # fmt: skip
def test_only_images_inside_the_folder_are_taken(tmp_path: Path, path: str | None) -> None:
    picture(tmp_path / "street.jpg")
    inside = picture(tmp_path / "a" / "images" / "street.jpg")
    value = json.loads((FIXTURES / "labelme_3.json").read_text())
    file = tmp_path / "a" / "images" / "street.json"
    file.write_text(json.dumps({**value, "imagePath": path}))

    (image,) = read(tmp_path / "a")

    assert (image.file, image.key) == (inside, "images/street.jpg")


def test_images_lie_where_the_path_says(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        picture(tmp_path / "images" / folder / "street.jpg")
    value = json.loads((FIXTURES / "labelme_3.json").read_text())
    (tmp_path / "labels").mkdir()
    for name in ("x", "y"):
        path = f"..\\images\\{name}\\street.jpg"
        content = json.dumps({**value, "imagePath": path})
        (tmp_path / "labels" / f"{name}.json").write_text(content)

    assert [image.key for image in read(tmp_path)] == [
        "images/x/street.jpg",
        "images/y/street.jpg",
    ]


def test_other_files_of_a_folder_are_named(tmp_path: Path) -> None:
    picture(tmp_path / "street.jpg")
    shutil.copyfile(FIXTURES / "handmade.json", tmp_path / "b.json")
    (tmp_path / "a.json").write_text('{"images": [], "annotations": []}')
    (tmp_path / "c.json").write_text('{"shapes": [')
    (tmp_path / "maskloop.json").write_text("{}")

    (image,) = read(tmp_path)

    assert [one.where for one in image.problems] == ["a.json", "c.json"]


def test_a_folder_without_label_files_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no labelme file"):
        read(tmp_path)


def test_a_broken_file_alone_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"shapes": [')

    with pytest.raises(AppError, match=r"c\.json: .*cut off"):
        read(tmp_path / "c.json")


def test_a_file_of_ours_keeps_its_own_state(tmp_path: Path) -> None:
    picture(tmp_path / "street.jpg")
    labels = ImageLabels(
        (80, 100), (Instance("i", 3, (RINGED,), InstanceState.PREDICTED, 0.5),), ImageState.STARTED
    )
    data = write_labelfile(labels, image_path="street.jpg", class_names={3: "jacket"})
    (tmp_path / "street.json").write_bytes(data)

    (image,) = read(tmp_path)

    assert image.labels == labels


def labelled(folder: Path, key: str, *instances: Instance) -> LabelledImage:
    labels = ImageLabels((80, 100), instances, ImageState.DONE)
    return LabelledImage(key, labels, picture(folder / "photos" / key))


def write(out: Path, *images: LabelledImage) -> list[str]:
    assert FORMAT.write is not None
    return [one.sentence for one in FORMAT.write(out, images, CLASSES)]


_READ_ALL = """
import json, sys
from labelme._label_file import LabelFile
for name in sys.argv[1:]:
    file = LabelFile(name)
    print(json.dumps([file.other_data, [shape["shape_type"] for shape in file.shapes]]))
"""


def read_by_labelme(*files: Path) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", _READ_ALL, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_labelme_opens_what_was_exported_and_finds_nothing_strange(tmp_path: Path) -> None:
    out = tmp_path / "out"
    images = (
        labelled(
            tmp_path, "a.jpg", Instance("i", 3, (RINGED, SQUARE)), Instance("j", 4, (SQUARE,))
        ),
        labelled(tmp_path, "below/a.png"),
    )

    assert write(out, *images) == []

    assert read_by_labelme(out / "a.json", out / "below" / "a.json") == [
        [{}, ["mask", "polygon", "polygon"]],
        [{}, []],
    ]
    assert (out / "a.jpg").read_bytes() == (tmp_path / "photos" / "a.jpg").read_bytes()


def test_what_was_exported_comes_back(tmp_path: Path) -> None:
    parts = (SQUARE, Part(SQUARE.outer + 40))
    image = labelled(tmp_path, "a.jpg", Instance("i", 3, parts), Instance("j", 3, (SQUARE,)))
    write(tmp_path / "out", image)

    (again,) = read(tmp_path / "out")

    assert [one.parts for one in again.labels.instances] == [parts, (SQUARE,)]
    assert (again.key, again.labels.state) == ("a.jpg", ImageState.DONE)


def test_two_images_of_one_stem_have_two_label_files(tmp_path: Path) -> None:
    write(tmp_path / "out", labelled(tmp_path, "a.jpg"), labelled(tmp_path, "a.png"))

    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "a.jpg", "a.json", "a.png", "a.png.json",
    ]  # fmt: skip


def test_what_labelme_has_no_place_for_is_named(tmp_path: Path) -> None:
    guess = Instance("i", 3, (SQUARE,), InstanceState.PREDICTED, 0.5, attributes={"a": 1})

    said = " ".join(write(tmp_path / "out", labelled(tmp_path, "a.jpg", guess)))

    assert "scores" in said
    assert "attributes" in said


def test_a_note_has_a_place_in_labelme(tmp_path: Path) -> None:
    noted = Instance("i", 3, (SQUARE,), attributes={"note": "torn"})

    assert write(tmp_path / "out", labelled(tmp_path, "a.jpg", noted)) == []
    (shape,) = json.loads((tmp_path / "out" / "a.json").read_text())["shapes"]
    assert shape["description"] == "torn"


def test_a_folder_with_files_in_it_is_never_exported_into(tmp_path: Path) -> None:
    image = labelled(tmp_path, "a.jpg")

    with pytest.raises(AppError, match="new or an empty folder"):
        write(tmp_path / "photos", image)


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    lost = LabelledImage("b.jpg", ImageLabels((80, 100)), tmp_path / "gone.jpg")

    with pytest.raises(AppError, match="was not written"):
        write(tmp_path / "out", labelled(tmp_path, "a.jpg"), lost)

    assert [one.name for one in tmp_path.iterdir()] == ["photos"]
