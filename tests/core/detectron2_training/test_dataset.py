"""Labels as detectron2's dataset dicts."""

import numpy as np
import pycocotools.mask

from core.detectron2_training.dataset import (
    dataset_dicts,
    has_run_lengths,
    n_left_to_background,
)
from core.run_folder import Snapshot, SnapshotImage
from core.types import (
    ImageLabels,
    ImageState,
    Instance,
    InstanceState,
    LabelClass,
    Part,
    Split,
)

CLASSES = (LabelClass(7, "ring", "#ff0000"), LabelClass(2, "box", "#00ff00"))
SQUARE = Part([[10, 20], [30, 20], [30, 50], [10, 50]])
SMALL = Part([[40.5, 5], [44, 5], [42, 9.25]])
RING = Part([[10, 10], [30, 10], [30, 30], [10, 30]], ([[15, 15], [25, 15], [25, 25], [15, 25]],))


def snapshot_of(*instances: Instance, split: Split = Split.TRAIN) -> Snapshot:
    labels = ImageLabels((60, 80), instances, ImageState.DONE)
    return Snapshot(CLASSES, (SnapshotImage("a.png", "/photos/a.png", split, labels),))


def test_an_instance_becomes_polygons_in_a_box() -> None:
    (found,) = dataset_dicts(snapshot_of(Instance("1", 2, (SQUARE, SMALL))))
    assert (found["file_name"], found["height"], found["width"]) == ("/photos/a.png", 60, 80)
    (annotation,) = found["annotations"]
    assert annotation == {
        "bbox": [10, 5, 44, 50],
        "bbox_mode": 0,
        "segmentation": [[10, 20, 30, 20, 30, 50, 10, 50], [40.5, 5, 44, 5, 42, 9.25]],
        "category_id": 1,  # the second class, whatever its id
        "iscrowd": 0,
    }


def test_holes_are_kept_as_run_lengths() -> None:
    dicts = dataset_dicts(snapshot_of(Instance("1", 7, (RING,)), Instance("2", 7, (SQUARE,))))
    with_hole, plain = dicts[0]["annotations"]
    assert int(pycocotools.mask.area(with_hole["segmentation"])) == 20 * 20 - 10 * 10
    assert with_hole["segmentation"]["size"] == [60, 80]
    assert isinstance(plain["segmentation"], list)
    assert has_run_lengths(dicts)
    assert not has_run_lengths(dataset_dicts(snapshot_of(Instance("2", 7, (SQUARE,)))))


def test_a_crowd_is_marked_as_one() -> None:
    (found,) = dataset_dicts(snapshot_of(Instance("1", 2, (SQUARE,), crowd=True)))
    assert [one["iscrowd"] for one in found["annotations"]] == [1]


def test_what_no_person_vouches_for_and_classes_that_are_gone_are_left_out() -> None:
    snapshot = snapshot_of(
        Instance("1", 2, (SQUARE,), InstanceState.PREDICTED, score=0.9),
        Instance("2", 99, (SQUARE,)),
        Instance("3", 2, (SMALL,), InstanceState.ACCEPTED, score=0.9),
    )
    (found,) = dataset_dicts(snapshot)
    assert [one["bbox"] for one in found["annotations"]] == [[40.5, 5, 44, 9.25]]


def test_an_image_without_instances_stays_as_background() -> None:
    (found,) = dataset_dicts(snapshot_of())
    assert found["annotations"] == []


def test_only_train_images_teach_and_each_has_a_number() -> None:
    image = snapshot_of(Instance("1", 2, (SQUARE,))).images[0]
    others = snapshot_of(split=Split.VAL).images
    dicts = dataset_dicts(Snapshot(CLASSES, (image, *others, image)))
    assert [one["image_id"] for one in dicts] == [1, 2]


def test_what_becomes_background_is_counted() -> None:
    crowd = Instance("1", 2, (SQUARE,), crowd=True)
    unseen = Instance("2", 2, (SMALL,), InstanceState.PREDICTED, score=0.9)
    assert n_left_to_background(snapshot_of(crowd, unseen, Instance("3", 2, (SMALL,)))) == 2
    assert n_left_to_background(snapshot_of(crowd, split=Split.VAL)) == 0


def test_boxes_are_plain_numbers_as_json_takes_them() -> None:
    (found,) = dataset_dicts(snapshot_of(Instance("1", 2, (SQUARE,))))
    (annotation,) = found["annotations"]
    assert not any(isinstance(one, np.generic) for one in annotation["bbox"])
