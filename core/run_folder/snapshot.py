"""The labels as they were when a run began: what it learns from and is measured on."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.instance_json import instance_from_json, instance_to_json
from core.types import ImageLabels, ImageState, Json, LabelClass, Split


@dataclass(frozen=True, slots=True)
class SnapshotImage:
    """A done image with its labels as they were when the run began."""

    key: str
    file: str
    split: Split
    labels: ImageLabels


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The labels that a run learns from and is measured on."""

    classes: tuple[LabelClass, ...]
    """In the order of the weights' class indices."""
    images: tuple[SnapshotImage, ...]


def snapshot_to_json(snapshot: Snapshot) -> Json:
    """A JSON object that snapshot_from_json turns into an equal snapshot."""
    return {
        "version": 1,
        "classes": [
            {"id": c.id, "name": c.name, "colour": c.colour, "key": c.key} for c in snapshot.classes
        ],
        "images": [
            {
                "key": image.key,
                "file": image.file,
                "split": str(image.split),
                "size_hw": list(image.labels.size_hw),
                "state": str(image.labels.state),
                "instances": [instance_to_json(one) for one in image.labels.instances],
                "rejected": [instance_to_json(one) for one in image.labels.rejected],
            }
            for image in snapshot.images
        ],
    }


def snapshot_from_json(value: Json) -> Snapshot:
    """The snapshot that snapshot_to_json wrote.

    Raises:
        KeyError, TypeError, ValueError: the value is not such an object.
    """
    return Snapshot(
        classes=tuple(
            LabelClass(int(c["id"]), str(c["name"]), str(c["colour"]), str(c["key"]))
            for c in value["classes"]
        ),
        images=tuple(_snapshot_image(image) for image in value["images"]),
    )


def _snapshot_image(value: Mapping[str, Json]) -> SnapshotImage:
    height, width = value["size_hw"]
    return SnapshotImage(
        key=str(value["key"]),
        file=str(value["file"]),
        split=Split(value["split"]),
        labels=ImageLabels(
            size_hw=(int(height), int(width)),
            instances=tuple(map(instance_from_json, value["instances"])),
            state=ImageState(value["state"]),
            rejected=tuple(map(instance_from_json, value["rejected"])),
        ),
    )
