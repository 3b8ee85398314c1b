"""The labels of a run as detectron2's dataset dicts."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from core.geometry import bounds_of, rle_of
from core.run_folder import Snapshot, SnapshotImage
from core.types import Instance, Json, Part, Split

DatasetDict: TypeAlias = dict[str, Json]

_XYXY_ABS = 0
"""detectron2's BoxMode of the same name."""


def dataset_dicts(snapshot: Snapshot) -> list[DatasetDict]:
    """The train images in detectron2's standard dataset format, in the snapshot's order.

    Polygons where they say all, compressed run lengths where there are holes. A crowd is marked as
    one: detectron2's DatasetMapper leaves it out, and takes its pixels for background. Predictions
    that nobody looked at, and classes that are no longer there, are left out here.
    """
    index_of = {one.id: index for index, one in enumerate(snapshot.classes)}
    train = [image for image in snapshot.images if image.split is Split.TRAIN]
    return [_dict_of(image, number, index_of) for number, image in enumerate(train, start=1)]


def has_run_lengths(dicts: Sequence[DatasetDict]) -> bool:
    """Whether some instance is no list of polygons, so that INPUT.MASK_FORMAT must be bitmask."""
    return any(
        isinstance(annotation["segmentation"], dict)
        for one in dicts
        for annotation in one["annotations"]
    )


def n_left_to_background(snapshot: Snapshot) -> int:
    """Instances of the train images that detectron2 takes for background, and this program's own
    loop takes for neither an object nor background: crowds, and predictions nobody looked at."""
    return sum(
        one.crowd or not one.is_of_person
        for image in snapshot.images
        if image.split is Split.TRAIN
        for one in image.labels.instances
    )


def _dict_of(image: SnapshotImage, number: int, index_of: Mapping[int, int]) -> DatasetDict:
    height, width = image.labels.size_hw
    return {
        "file_name": image.file,
        "image_id": number,
        "height": height,
        "width": width,
        "annotations": [
            _annotation(one, index_of[one.class_id], image.labels.size_hw)
            for one in image.labels.instances
            if one.is_of_person and one.class_id in index_of
        ],
    }


def _annotation(instance: Instance, index: int, size_hw: tuple[int, int]) -> DatasetDict:
    return {
        "bbox": list(bounds_of(instance.parts)),
        "bbox_mode": _XYXY_ABS,
        "segmentation": _segmentation(instance.parts, size_hw),
        "category_id": index,
        "iscrowd": int(instance.crowd),
    }


def _segmentation(parts: Sequence[Part], size_hw: tuple[int, int]) -> Json:
    if any(part.holes for part in parts):
        return rle_of(parts, size_hw)
    return [part.outer.ravel().tolist() for part in parts]
