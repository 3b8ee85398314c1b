"""Weights that detectron2's authors publish, by name: what they are, and where they lie.

Addresses, numbers and the licence are those of detectron2's MODEL_ZOO.md.
"""

from dataclasses import dataclass
from pathlib import Path

from core.paths import user_cache_folder

BASE_ADDRESS = "https://dl.fbaipublicfiles.com/detectron2/"
LICENCE_IN_SHORT = "CC BY-SA 3.0"
LICENCE = f"Creative Commons Attribution-ShareAlike 3.0 ({LICENCE_IN_SHORT})"


@dataclass(frozen=True, slots=True)
class ZooEntry:
    """One published file of weights."""

    name: str
    path: str
    """Below BASE_ADDRESS."""
    md5_prefix: str
    depth: int
    has_masks: bool
    box_ap: float
    mask_ap: float | None
    """On COCO val2017, in percent, as published."""
    n_bytes: int
    """About: four for each parameter of the model, counted."""
    licence: str = LICENCE

    @property
    def short_title(self) -> str:
        """What it is, in a few words."""
        kind = "Mask R-CNN" if self.has_masks else "Faster R-CNN"
        return f"{kind} R{self.depth} (COCO{'' if self.has_masks else ', boxes only'})"

    @property
    def title(self) -> str:
        """What it is, in a line."""
        kind = "Mask R-CNN" if self.has_masks else "Faster R-CNN (boxes only)"
        ap = f"box AP {self.box_ap}" + (f", mask AP {self.mask_ap}" if self.mask_ap else "")
        return f"{kind}, ResNet-{self.depth}, COCO's 80 classes, {ap}"


def _entry(
    name: str, path: str, *, depth: int, box_ap: float, mask_ap: float | None = None, n_mb: int
) -> ZooEntry:
    prefix = path.rsplit("_", 1)[1].removesuffix(".pkl")
    return ZooEntry(
        name, path, prefix, depth, mask_ap is not None, box_ap, mask_ap, n_mb * 1_000_000
    )


_ENTRIES = (
    _entry(
        "mask_rcnn_R_50_FPN_3x",
        "COCO-InstanceSegmentation/mask_rcnn_R_50_FPN_3x/137849600/model_final_f10217.pkl",
        depth=50,
        box_ap=41.0,
        mask_ap=37.2,
        n_mb=178,
    ),
    _entry(
        "mask_rcnn_R_101_FPN_3x",
        "COCO-InstanceSegmentation/mask_rcnn_R_101_FPN_3x/138205316/model_final_a3ec72.pkl",
        depth=101,
        box_ap=42.9,
        mask_ap=38.6,
        n_mb=254,
    ),
    _entry(
        "faster_rcnn_R_50_FPN_3x",
        "COCO-Detection/faster_rcnn_R_50_FPN_3x/137849458/model_final_280758.pkl",
        depth=50,
        box_ap=40.2,
        n_mb=167,
    ),
)
ZOO = {entry.name: entry for entry in _ENTRIES}


def weights_folder() -> Path:
    """Where downloaded weights are kept; it can be deleted."""
    return user_cache_folder() / "weights"


def zoo_path(name: str, *, folder: Path | None = None) -> Path:
    """Where the weights of this name lie once they are downloaded, or put there by hand.

    Raises:
        KeyError: the zoo has none of this name.
    """
    return (folder or weights_folder()) / ZOO[name].path.rsplit("/", 1)[1]


COCO_CLASSES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""COCO's classes by ascending category id, which is the order of the zoo's class indices."""
