"""Weights that torchvision publishes, by the names of its model builders.

Copied from torchvision's weights enums and held against them by a test, because the window lists
them and importing torchvision takes seconds. No licence is stated there: torchvision's README says
that its weights may have terms of their own, which come from the data set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.configs import EngineConfig
from core.events import Progress
from core.maskrcnn.zoo import COCO_CLASSES, weights_folder
from core.weights import PublishedWeights, ap_in_words, offered

BASE_ADDRESS = "https://download.pytorch.org/models/"
NO_LICENCE = (
    "torchvision states no licence for these weights; they may have terms of their own, which come"
    " from COCO's images."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One published file of weights, all of them COCO_V1 in torchvision's words."""

    name: str
    """Of torchvision's model builder."""
    file: str
    """Below BASE_ADDRESS; ends in how its SHA-256 begins."""
    what: str
    """The model, in few words."""
    n_mib: float
    """Of the file: `_file_size`, which counts 2^20 bytes."""
    box_ap: float
    mask_ap: float | None = None
    """On COCO val2017, in percent, as published."""

    @property
    def licence(self) -> str:
        """What torchvision says of it."""
        return "none stated"

    @property
    def address(self) -> str:
        """Where it is published."""
        return BASE_ADDRESS + self.file

    @property
    def class_names(self) -> tuple[str, ...]:
        """COCO's: labels that stand for none of them are passed over."""
        return COCO_CLASSES

    @property
    def hash_name(self) -> str:
        """Of the one sum that is known of it, as hashlib calls it."""
        return "sha256"

    @property
    def hash_prefix(self) -> str:
        """How the file's SHA-256 begins."""
        return self.file.removesuffix(".pth").rsplit("-", 1)[1]

    @property
    def n_bytes(self) -> int:
        """Of the file, to a thousandth of its 2^20 bytes."""
        return round(self.n_mib * 2**20)

    @property
    def title(self) -> str:
        """What it is, in a line."""
        ap = ap_in_words(self.box_ap, self.mask_ap)
        boxes_only = "" if self.mask_ap else " (boxes only)"
        return f"torchvision's {self.what}{boxes_only}, COCO's 80 classes, {ap}"

    @property
    def short_title(self) -> str:
        """What it is, in a few words."""
        return f"{self.what} (torchvision{'' if self.mask_ap else ', boxes only'})"


_ENTRIES = (
    Entry(
        "maskrcnn_resnet50_fpn_v2",
        "maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth",
        "Mask R-CNN R50 v2",
        n_mib=177.219,
        box_ap=47.4,
        mask_ap=41.8,
    ),
    Entry(
        "maskrcnn_resnet50_fpn",
        "maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth",
        "Mask R-CNN R50",
        n_mib=169.84,
        box_ap=37.9,
        mask_ap=34.6,
    ),
    Entry(
        "fasterrcnn_resnet50_fpn_v2",
        "fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth",
        "Faster R-CNN R50 v2",
        n_mib=167.104,
        box_ap=46.7,
    ),
    Entry(
        "fasterrcnn_resnet50_fpn",
        "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth",
        "Faster R-CNN R50",
        n_mib=159.743,
        box_ap=37.0,
    ),
    Entry(
        "fasterrcnn_mobilenet_v3_large_fpn",
        "fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",
        "Faster R-CNN MobileNetV3",
        n_mib=74.239,
        box_ap=32.8,
    ),
)
ENTRIES = {entry.name: entry for entry in _ENTRIES}


def entry_of(weights: str) -> Entry | None:
    """The entry of this name, or of a file that still bears the name it is published by."""
    by_file = {entry.file: entry for entry in _ENTRIES}
    return ENTRIES.get(weights) or by_file.get(Path(weights).name)


def path_of(weights: str) -> Path:
    """Where published weights lie once they are downloaded, or put there by hand; else the file."""
    return weights_folder() / ENTRIES[weights].file if weights in ENTRIES else Path(weights)


def published() -> tuple[PublishedWeights, ...]:
    """All of them, the one with the best masks first."""
    return tuple(offered(entry, path_of(entry.name)) for entry in _ENTRIES)


def fetched(config: EngineConfig, *, base: str = BASE_ADDRESS) -> Iterator[Progress]:
    """Downloads what the config names and torchvision publishes; nothing if it is there already.

    Raises:
        AppError: it cannot be downloaded.
    """
    entry = ENTRIES.get(config.weights)
    if entry is None:
        return
    # the window lists weights at its start, and is not to load the network for that
    from core.maskrcnn.zoo_download import PublishedFile, download_file

    file = PublishedFile(
        name=entry.name,
        address=base + entry.file,
        target=path_of(entry.name),
        hash_prefix=entry.hash_prefix,
        hash_name=entry.hash_name,
    )
    yield from download_file(file)
