"""COCO files of every tool come in, and what does not is named."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from core.errors import AppError
from core.formats.coco import FORMAT
from core.geometry import mask_of
from core.types import (
    ImageState,
)
from tests.core.formats.coco.made import (
    FIXTURES,
    Classes,
    data_set,
    picture,
    read,
    read_fixture,
    read_value,
    sentences,
)

POLYGON = [1, 1, 5, 1, 5, 4, 1, 4]


def test_official_files_keep_their_gaps_crowds_and_parts(tmp_path: Path) -> None:
    source = tmp_path / "instances_val2017.json"
    shutil.copyfile(FIXTURES / "coco2017.json", source)
    classes = Classes()
    assert FORMAT.read is not None

    first, second = FORMAT.read(source, None, classes)

    brush, person, crowd = first.labels.instances
    assert classes.ids == {"person": 1, "toothbrush": 90}
    assert [one.class_id for one in first.labels.instances] == [90, 1, 1]
    assert len(person.parts) == 2
    assert crowd.crowd
    assert not brush.crowd
    assert np.flatnonzero(mask_of(crowd.parts, (6, 8)).T).tolist() == [7, 8, 13, 14, 36, 37, 38]
    assert (second.labels.state, second.labels.instances) == (ImageState.DONE, ())


def test_a_mask_of_cvat_in_one_piece_is_a_single_object(tmp_path: Path) -> None:
    image = read_fixture("cvat.json", tmp_path)

    whole, scattered = image.labels.instances

    assert not whole.crowd
    assert [len(part.holes) for part in whole.parts] == [1]
    assert whole.attributes == {"occluded": False, "track_id": 3}
    assert scattered.crowd
    assert "taken as a single object (annotation 1)" in sentences([image])
    assert "stays a crowd; check it (annotation 2)" in sentences([image])


def test_isat_counts_from_0_and_writes_iscrowd_as_a_truth(tmp_path: Path) -> None:
    image = read_fixture("isat.json", tmp_path)

    assert [one.crowd for one in image.labels.instances] == [False, True]
    assert [one.class_id for one in image.labels.instances] == [0, 7]


def test_the_background_of_x_anylabeling_is_no_class(tmp_path: Path) -> None:
    source = tmp_path / "instances.json"
    shutil.copyfile(FIXTURES / "xanylabeling.json", source)
    classes = Classes()
    assert FORMAT.read is not None

    (image,) = FORMAT.read(source, None, classes)

    assert classes.ids == {"hat": 2, "coat": 1}
    assert image.labels.instances[0].attributes == {"ignore": 0}


def test_flat_lists_and_lone_boxes_are_read(tmp_path: Path) -> None:
    image = read_fixture("digitalsreeni.json", tmp_path)

    flat, box, corners = (one.parts[0].outer.tolist() for one in image.labels.instances)

    assert flat == [[1, 1], [5, 1], [5, 4], [1, 4]]
    assert box == [[2, 1], [5, 1], [5, 5], [2, 5]]
    assert corners == [[5, 2], [7, 2], [7, 5], [5, 5]]
    assert "only a box; it became a rectangle (annotations 2, 3)" in sentences([image])
    assert "two corners" in sentences([image])


def test_ids_may_be_text_and_extras_become_attributes(tmp_path: Path) -> None:
    image = read_fixture("fiftyone.json", tmp_path)

    (instance,) = image.labels.instances

    assert image.file == tmp_path / "street.jpg"
    assert instance.attributes == {"score": 0.75, "occluded": "partly"}
    assert instance.crowd is False
    assert "Keypoints cannot be carried over" in sentences([image])


@pytest.mark.parametrize("value", [0, False, "0", None, "false", 0.0])
def test_no_crowd_is_written_in_many_ways(tmp_path: Path, value: Any) -> None:
    (image,) = read_value(tmp_path, data_set({"segmentation": [POLYGON], "iscrowd": value}))

    assert not image.labels.instances[0].crowd


@pytest.mark.parametrize("value", [1, True, "1", 1.0])
def test_a_crowd_is_written_in_many_ways(tmp_path: Path, value: Any) -> None:
    (image,) = read_value(tmp_path, data_set({"segmentation": [POLYGON], "iscrowd": value}))

    assert image.labels.instances[0].crowd


@pytest.mark.parametrize("iscrowd", [0, 1])
def test_compressed_masks_are_read_whatever_iscrowd_says(tmp_path: Path, iscrowd: int) -> None:
    mask = np.zeros((6, 8), dtype=np.uint8, order="F")
    mask[1:5, 2:6] = 1
    mask[2:4, 3:5] = 0
    rle = coco_mask.encode(mask)
    counts = rle["counts"].decode()
    segmentation = {"size": [6, 8], "counts": counts}

    (image,) = read_value(tmp_path, data_set({"segmentation": segmentation, "iscrowd": iscrowd}))

    assert (mask_of(image.labels.instances[0].parts, (6, 8)) == mask.astype(bool)).all()


BAD_ANNOTATIONS = [
    ({"segmentation": [[1, 1, 5, 1]]}, "less than 3"),
    ({"segmentation": [[1, 1, 5, 1, 5]]}, "less than 3"),
    ({"segmentation": [[1, 1, 5, 1, 5, 4, float("nan"), 2]]}, "less than 3"),
    ({"segmentation": [[1, 1, 5, True, 5, 4]]}, "less than 3"),
    ({"segmentation": ["x"]}, "neither a usable"),
    ({"segmentation": []}, "neither a usable"),
    ({"segmentation": [], "bbox": [1, 1, 0, 3]}, "neither a usable"),
    ({"segmentation": "x"}, "neither polygons nor RLE"),
    ({"segmentation": {"size": [6, 8], "counts": [1, 2]}}, "RLE mask cannot be read"),
    ({"segmentation": {"size": [6, 8], "counts": "~~~"}}, "RLE mask cannot be read"),
    ({"segmentation": {"size": [10**9, 10**9], "counts": [10**18]}}, "RLE mask cannot be read"),
    ({"segmentation": {}}, "RLE mask cannot be read"),
    ({"caption": "a man"}, "Captions cannot be carried"),
    ({"segmentation": [POLYGON], "category_id": 9}, "no category 9"),
    ({"segmentation": [POLYGON], "category_id": None}, "no category None"),
    ({"segmentation": [POLYGON], "image_id": 9}, "images that the file does not list (9)"),
    (None, "images that the file does not list"),
]


@pytest.mark.parametrize(("annotation", "words"), BAD_ANNOTATIONS)
def test_what_cannot_be_carried_is_named(tmp_path: Path, annotation: Any, words: str) -> None:
    value = data_set({"segmentation": [POLYGON]})
    more = {"id": 2, "image_id": 1, "category_id": 1}
    value["annotations"].append(annotation if annotation is None else {**more, **annotation})

    images = read_value(tmp_path, value)

    assert len(images[0].labels.instances) == 1
    assert words in sentences(images)


def test_a_bad_ring_does_not_cost_the_good_one(tmp_path: Path) -> None:
    (image,) = read_value(tmp_path, data_set({"segmentation": [POLYGON, [1, 1, 2, 2]]}))

    assert len(image.labels.instances[0].parts) == 1


def test_a_closed_ring_is_read_without_its_last_point(tmp_path: Path) -> None:
    (image,) = read_value(tmp_path, data_set({"segmentation": [[*POLYGON, 1, 1]]}))

    assert len(image.labels.instances[0].parts[0].outer) == 4


def test_ids_given_twice_are_still_two_instances(tmp_path: Path) -> None:
    twice = data_set({"segmentation": [POLYGON]}, {"segmentation": [POLYGON]})

    (image,) = read_value(tmp_path, twice)

    assert len({one.id for one in image.labels.instances}) == 2


def test_the_same_file_gives_the_same_instances_every_time(tmp_path: Path) -> None:
    value = data_set({"segmentation": [POLYGON]}, {"segmentation": [[1, 1, 3, 1, 3, 3]]})

    assert read_value(tmp_path, value)[0].labels == read_value(tmp_path, value)[0].labels


def test_a_category_id_given_twice_is_named(tmp_path: Path) -> None:
    categories = [{"id": 1, "name": "coat"}, {"id": 1, "name": "hat"}, {"id": 2}, {"name": "x"}]

    images = read_value(tmp_path, data_set({"segmentation": [POLYGON]}, categories=categories))

    assert "given twice, to coat and to hat" in sentences(images)
    assert "called category 2 now" in sentences(images)
    assert "category without id" in sentences(images)


def test_a_swapped_size_is_set_right_and_named(tmp_path: Path) -> None:
    picture(tmp_path / "street.jpg", (6, 8))

    (image,) = read_value(tmp_path, data_set({"segmentation": [POLYGON]}))

    assert image.labels.size_hw == (8, 6)
    assert "swapped" in sentences([image])


def test_a_missing_size_is_the_images_own(tmp_path: Path) -> None:
    picture(tmp_path / "street.jpg", (8, 6))
    listed = [{"id": 1, "file_name": "street.jpg"}]

    (image,) = read_value(tmp_path, data_set({"segmentation": [POLYGON]}, images=listed))

    assert image.labels.size_hw == (6, 8)
    assert image.problems == ()


NAMES = [
    "street.jpg", "./street.jpg", "images/street.jpg", "data\\street.jpg", "STREET.JPG",
    "C:\\Users\\kim\\street.jpg", "/home/kim/street.jpg", "../../street.jpg",
    "..\\..\\street.jpg", "\\\\server\\share\\street.jpg", "file:///home/kim/street.jpg",
    "https://example.org/a/street.jpg?size=large",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_only_files_inside_the_folder_are_taken_whatever_the_name(
    tmp_path: Path, name: str
) -> None:
    picture(tmp_path / "street.jpg")
    inside = picture(tmp_path / "a" / "b" / "street.jpg")
    listed = [{"id": 1, "file_name": name, "width": 8, "height": 6}]

    (image,) = read_value(tmp_path / "a", data_set({"segmentation": [POLYGON]}, images=listed))

    assert image.file == inside
    assert image.key == "b/street.jpg"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_without_a_file_never_leads_out(tmp_path: Path, name: str) -> None:
    listed = [{"id": 1, "file_name": name, "width": 8, "height": 6}]

    (image,) = read_value(tmp_path, data_set({"segmentation": [POLYGON]}, images=listed))

    assert image.file is None
    assert image.key.casefold() in {"street.jpg", "images/street.jpg", "data/street.jpg"}


def test_one_name_in_several_folders_is_told_apart_by_its_path(tmp_path: Path) -> None:
    for folder in ("train", "val"):
        picture(tmp_path / "images" / folder / "1.jpg")
    listed = [
        {"id": 1, "file_name": "/data/val/1.jpg", "width": 8, "height": 6},
        {"id": 2, "file_name": "/data/train/1.jpg", "width": 8, "height": 6},
    ]

    images = read_value(tmp_path, data_set(images=listed))

    assert [one.key for one in images] == ["images/val/1.jpg", "images/train/1.jpg"]


def test_a_name_that_may_mean_two_files_means_neither(tmp_path: Path) -> None:
    for folder in ("train", "val"):
        picture(tmp_path / folder / "1.jpg")
    listed = [{"id": 1, "file_name": "1.jpg", "width": 8, "height": 6}]

    (image,) = read_value(tmp_path, data_set(images=listed))

    assert image.file is None
    assert "cannot be told (train/1.jpg, val/1.jpg)" in sentences([image])


def test_two_names_never_share_one_file(tmp_path: Path) -> None:
    picture(tmp_path / "1.jpg")
    listed = [
        {"id": 1, "file_name": "train/1.jpg", "width": 8, "height": 6},
        {"id": 2, "file_name": "val/1.jpg", "width": 8, "height": 6},
    ]

    images = read_value(tmp_path, data_set(images=listed))

    assert [one.file for one in images] == [None, None]


def test_a_file_that_is_listed_twice_is_one_image(tmp_path: Path) -> None:
    picture(tmp_path / "street.jpg")
    listed = [{"id": n, "file_name": "street.jpg", "width": 8, "height": 6} for n in (1, 2)]
    value = data_set({"segmentation": [POLYGON]}, images=listed)
    value["annotations"].append({**value["annotations"][0], "image_id": 2})

    (image,) = read_value(tmp_path, value)

    assert len(image.labels.instances) == 2


def test_images_are_looked_for_in_the_folder_that_was_given(tmp_path: Path) -> None:
    file = picture(tmp_path / "photos" / "street.jpg")
    source = tmp_path / "labels" / "instances.json"
    source.parent.mkdir()
    source.write_text(json.dumps(data_set({"segmentation": [POLYGON]})))

    assert read(source, tmp_path / "photos")[0].file == file
    assert read(source)[0].file is None


def test_every_coco_file_of_a_folder_is_read(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "street.jpg")
    (tmp_path / "annotations").mkdir()
    shutil.copyfile(FIXTURES / "isat.json", tmp_path / "annotations" / "a.json")
    (tmp_path / "images" / "street.json").write_text('{"shapes": [], "imagePath": "street.jpg"}')

    (image,) = read(tmp_path)

    assert image.key == "images/street.jpg"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'[{"image_id": 1}]', b"{}", b'{"shapes": []}', b"\xff\xfe\0", b"{"]
)
def test_what_is_no_coco_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "instances.json").write_bytes(content)

    with pytest.raises(AppError, match=r"instances\.json"):
        read(tmp_path / "instances.json")


def test_files_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    source = tmp_path / "instances.json"
    source.write_bytes(json.dumps(data_set({"segmentation": [POLYGON]})).encode("utf-8-sig"))

    assert len(read(source)[0].labels.instances) == 1


def test_a_broken_file_of_a_folder_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    picture(tmp_path / "street.jpg")
    (tmp_path / "a.json").write_text('{"images": [')
    (tmp_path / "b.json").write_text(json.dumps(data_set()))
    (tmp_path / "c.json").write_bytes(b"")
    (tmp_path / "d.json").mkdir()

    (image,) = read(tmp_path)

    assert image.key == "street.jpg"
    assert [one.where for one in image.problems] == ["a.json", "c.json"]
