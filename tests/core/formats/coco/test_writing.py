"""What goes out is what COCO means by it."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

from core.errors import AppError
from core.formats import LabelledImage
from core.formats.coco import FORMAT
from core.geometry import mask_of
from core.types import (
    ForeignShape,
    Instance,
    InstanceState,
    Part,
)
from tests.core.formats.coco.made import CLASSES, FAR, RINGED, SQUARE, image_of, read, written


# pycocotools' own, with numpy 2
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_pycocotools_sees_the_masks_that_we_mean(tmp_path: Path) -> None:
    instances = (
        Instance("a", 1, (SQUARE, FAR)),
        Instance("b", 7, (RINGED,)),
        Instance("c", 1, (FAR,), crowd=True),
    )
    out = tmp_path / "out.json"
    written(out, image_of("b.jpg", *instances), image_of("a.jpg"))

    coco = COCO(str(out))

    for annotation, instance in zip(coco.loadAnns([1, 2, 3]), instances, strict=True):
        wanted = mask_of(instance.parts, (60, 80))
        assert (coco.annToMask(annotation).astype(bool) == wanted).all()
        assert annotation["category_id"] == instance.class_id
        assert annotation["iscrowd"] == int(instance.crowd)
    assert [type(coco.anns[n]["segmentation"]) for n in (1, 2, 3)] == [list, dict, dict]


def test_area_and_box_come_from_the_geometry(tmp_path: Path) -> None:
    overlapping = Part(SQUARE.outer + 5)
    value = written(
        tmp_path / "out.json",
        image_of(
            "a.jpg",
            Instance("a", 1, (SQUARE,)),
            Instance("b", 1, (SQUARE, overlapping)),
            Instance("c", 1, (RINGED,)),
        ),
    )

    areas = [one["area"] for one in value["annotations"]]
    boxes = [one["bbox"] for one in value["annotations"]]

    assert areas == pytest.approx([395.0, 395 * 2 - 14.75 * 15, 395 - 50])
    assert boxes == [[10.25, 10, 19.75, 20], [10.25, 10, 24.75, 25], [10.25, 10, 19.75, 20]]


def test_a_ring_that_crosses_itself_has_the_area_of_both_its_loops(tmp_path: Path) -> None:
    bow = Part(np.array([[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]]))

    value = written(tmp_path / "out.json", image_of("a.jpg", Instance("a", 1, (bow,))))

    assert value["annotations"][0]["area"] == pytest.approx(50)


def test_ids_count_from_1_and_images_are_sorted(tmp_path: Path) -> None:
    one = Instance("a", 7, (SQUARE,))
    value = written(
        tmp_path / "out.json",
        image_of("b.jpg", one, one),
        image_of("c.jpg"),
        image_of("a.jpg", one),
    )

    assert [(image["id"], image["file_name"]) for image in value["images"]] == [
        (1, "a.jpg"), (2, "b.jpg"), (3, "c.jpg"),
    ]  # fmt: skip
    assert [(a["id"], a["image_id"]) for a in value["annotations"]] == [(1, 1), (2, 2), (3, 2)]
    assert [(c["id"], c["name"]) for c in value["categories"]] == [(1, "coat"), (7, "hat")]
    assert value["images"][0] == {"id": 1, "file_name": "a.jpg", "width": 80, "height": 60}


def test_the_same_input_in_any_order_gives_the_same_bytes(tmp_path: Path) -> None:
    images = [image_of(f"{n}.jpg", Instance(str(n), 1, (RINGED, FAR))) for n in range(5)]
    first, second = tmp_path / "1.json", tmp_path / "2.json"

    written(first, *images)
    written(second, *reversed(images))

    assert first.read_bytes() == second.read_bytes()


def test_predictions_have_scores_and_attributes_are_carried(tmp_path: Path) -> None:
    value = written(
        tmp_path / "out.json",
        image_of(
            "a.jpg",
            Instance("a", 1, (SQUARE,), InstanceState.PREDICTED, 0.5),
            Instance("b", 1, (SQUARE,), InstanceState.ACCEPTED, 0.5, attributes={"worn": "é"}),
        ),
    )
    predicted, accepted = value["annotations"]

    assert predicted["score"] == 0.5
    assert "score" not in accepted
    assert accepted["attributes"] == {"worn": "é"}


def test_an_empty_data_set_is_a_valid_file(tmp_path: Path) -> None:
    value = written(tmp_path / "out.json")

    assert (value["images"], value["annotations"]) == ([], [])


def test_shapes_that_are_no_instances_are_named(tmp_path: Path) -> None:
    assert FORMAT.write is not None
    image = image_of("a.jpg", foreign_shapes=(ForeignShape("{}", 0),))

    (problem,) = FORMAT.write(tmp_path / "out.json", [image], CLASSES)

    assert (problem.where, "no place in a COCO file" in problem.sentence) == ("a.jpg", True)


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("old")

    def failing() -> Iterable[LabelledImage]:
        yield image_of("a.jpg", Instance("a", 1, (SQUARE,)))
        raise AppError("enough")

    assert FORMAT.write is not None
    with pytest.raises(AppError, match="enough"):
        FORMAT.write(out, failing(), CLASSES)

    assert [one.name for one in tmp_path.iterdir()] == ["out.json"]
    assert out.read_text() == "old"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out.json").mkdir()

    with pytest.raises(AppError, match=r"out\.json was not saved"):
        written(tmp_path / "out.json")


# many digits, but none so small that an area has none left
coordinates = st.integers(-20_000, 100_000).map(lambda n: n / 1024.7)
rings = (
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=6)
    .filter(lambda points: points[0] != points[-1])
    .map(np.array)
)
instances = st.builds(
    Instance,
    id=st.uuids().map(str),
    class_id=st.sampled_from([1, 7]),
    parts=st.lists(st.builds(Part, rings), min_size=1, max_size=3).map(tuple),
    attributes=st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.text()),
)


@given(st.lists(instances, max_size=4))
def test_polygons_come_back_with_every_digit(
    tmp_path_factory: pytest.TempPathFactory, several: list[Instance]
) -> None:
    out = tmp_path_factory.mktemp("coco") / "out.json"
    written(out, image_of("a.jpg", *several))

    (image,) = read(out)

    assert [one.parts for one in image.labels.instances] == [one.parts for one in several]
    assert [one.class_id for one in image.labels.instances] == [one.class_id for one in several]
    assert [one.attributes for one in image.labels.instances] == [one.attributes for one in several]


ringed = st.builds(Part, rings, st.lists(rings, min_size=1, max_size=2).map(tuple))


@given(st.lists(ringed, min_size=1, max_size=2).map(tuple))
def test_holes_come_back_pixel_by_pixel(
    tmp_path_factory: pytest.TempPathFactory, parts: tuple[Part, ...]
) -> None:
    out = tmp_path_factory.mktemp("coco") / "out.json"
    wanted = mask_of(parts, (60, 80))
    written(out, image_of("a.jpg", Instance("a", 1, parts)))

    (image,) = read(out)

    if wanted.any():
        assert (mask_of(image.labels.instances[0].parts, (60, 80)) == wanted).all()
