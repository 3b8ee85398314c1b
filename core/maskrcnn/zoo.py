"""Weights that detectron2's authors publish, by name: what they are, and where they lie.

Addresses, numbers and the licence are those of detectron2's MODEL_ZOO.md; how the models are built
is in core/maskrcnn/zoo_models.py.
"""

from dataclasses import dataclass
from pathlib import Path

from core.maskrcnn.settings import ModelSettings
from core.maskrcnn.zoo_models import lsj_settings, resnet_settings, resnext_settings
from core.paths import user_cache_folder
from core.weights import ap_in_words, kind_of_model

BASE_ADDRESS = "https://dl.fbaipublicfiles.com/detectron2/"
LICENCE_IN_SHORT = "CC BY-SA 3.0"
_IN_EPOCHS = {"1x": "1x schedule (12 epochs)", "3x": "3x schedule (37 epochs)"}
LICENCE = f"Creative Commons Attribution-ShareAlike 3.0 ({LICENCE_IN_SHORT})"

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
"""By ascending category id, which is the order of the zoo's class indices."""


@dataclass(frozen=True, slots=True)
class ZooEntry:
    """One published file of weights."""

    path: str
    """Below BASE_ADDRESS: a folder, the name, a number, and the file."""
    settings: ModelSettings
    """How the model is built."""
    schedule: str
    """How long it was trained, in a word or two."""
    box_ap: float
    mask_ap: float | None
    """On COCO val2017, in percent, as published; None where there are no masks."""
    n_bytes: int
    """About: four for each parameter and buffer of the model, counted."""
    class_names: tuple[str, ...] = COCO_CLASSES
    """In the order of the model's classes."""
    licence: str = LICENCE

    @property
    def name(self) -> str:
        """As detectron2 calls its config."""
        return self.path.split("/")[1]

    @property
    def file_name(self) -> str:
        """What the file is called, there and here."""
        return self.path.rsplit("/", 1)[1]

    @property
    def hash_name(self) -> str:
        """Of the one sum that is known of it, as hashlib calls it."""
        return "md5"

    @property
    def hash_prefix(self) -> str:
        """The first digits of the file's MD5: the name ends in them, MODEL_ZOO.md says."""
        return self.file_name.rsplit("_", 1)[1].removesuffix(".pkl")

    @property
    def address(self) -> str:
        """Where it is published."""
        return BASE_ADDRESS + self.path

    @property
    def has_masks(self) -> bool:
        """Whether it finds outlines, not boxes alone."""
        return self.settings.mask_on

    @property
    def short_title(self) -> str:
        """What it is, in a few words."""
        kind = "Mask R-CNN" if self.has_masks else "Faster R-CNN"
        family = "X" if self.settings.groups > 1 else "R"
        return f"{kind} {family}{self.settings.depth}, {self.schedule}"

    @property
    def title(self) -> str:
        """What it is, in a line."""
        kind = kind_of_model(has_masks=self.has_masks)
        ap = ap_in_words(self.box_ap, self.mask_ap)
        trained = self.schedule.replace("LSJ", "large-scale jitter,")
        trained = _IN_EPOCHS.get(self.schedule, trained)
        return f"{kind}, {self.settings.backbone_title}, {trained}, COCO's 80 classes, {ap}"


def _mask_rcnn(
    path: str, settings: ModelSettings, schedule: str, *, box_ap: float, mask_ap: float, n_mb: int
) -> ZooEntry:
    path = f"COCO-InstanceSegmentation/mask_rcnn_{path}"
    return ZooEntry(path, settings, schedule, box_ap, mask_ap, n_mb * 1_000_000)


def _faster_rcnn(
    path: str, settings: ModelSettings, schedule: str, *, box_ap: float, n_mb: int
) -> ZooEntry:
    path = f"COCO-Detection/faster_rcnn_{path}"
    return ZooEntry(path, settings, schedule, box_ap, None, n_mb * 1_000_000)


def _lsj(depth: int, epochs: int, file: str, *, box_ap: float, mask_ap: float) -> ZooEntry:
    """Of the table "New baselines using Large-Scale Jitter and Longer Training Schedule"."""
    path = f"new_baselines/mask_rcnn_R_{depth}_FPN_{epochs}ep_LSJ/{file}"
    n_mb = {50: 185, 101: 262}[depth]
    schedule = f"LSJ {epochs} epochs"
    return ZooEntry(path, lsj_settings(depth), schedule, box_ap, mask_ap, n_mb * 1_000_000)


_X101, _X101_BOXES = resnext_settings(), resnext_settings(mask_on=False)
_R50, _R50_BOXES = resnet_settings(50), resnet_settings(50, mask_on=False)
_R101, _R101_BOXES = resnet_settings(101), resnet_settings(101, mask_on=False)

# fmt: off
_ENTRIES = (
    _lsj(50, 400, "42019571/model_final_14d201.pkl", box_ap=47.4, mask_ap=42.5),
    _lsj(50, 200, "42047638/model_final_89a8d3.pkl", box_ap=46.3, mask_ap=41.7),
    _lsj(50, 100, "42047764/model_final_bb69de.pkl", box_ap=44.6, mask_ap=40.3),
    _lsj(101, 400, "42073830/model_final_f96b26.pkl", box_ap=48.9, mask_ap=43.7),
    _lsj(101, 200, "42131867/model_final_0bb7ae.pkl", box_ap=48.0, mask_ap=43.1),
    _lsj(101, 100, "42025812/model_final_4f7b58.pkl", box_ap=46.4, mask_ap=41.6),
    _mask_rcnn(
        "R_50_FPN_3x/137849600/model_final_f10217.pkl", _R50, "3x",
        box_ap=41.0, mask_ap=37.2, n_mb=178,
    ),
    _mask_rcnn(
        "R_50_FPN_1x/137260431/model_final_a54504.pkl", _R50, "1x",
        box_ap=38.6, mask_ap=35.2, n_mb=178,
    ),
    _mask_rcnn(
        "R_101_FPN_3x/138205316/model_final_a3ec72.pkl", _R101, "3x",
        box_ap=42.9, mask_ap=38.6, n_mb=254,
    ),
    _mask_rcnn(
        "X_101_32x8d_FPN_3x/139653917/model_final_2d9806.pkl", _X101, "3x",
        box_ap=44.3, mask_ap=39.5, n_mb=431,
    ),
    _faster_rcnn(
        "R_50_FPN_3x/137849458/model_final_280758.pkl", _R50_BOXES, "3x", box_ap=40.2, n_mb=167
    ),
    _faster_rcnn(
        "R_50_FPN_1x/137257794/model_final_b275ba.pkl", _R50_BOXES, "1x", box_ap=37.9, n_mb=167
    ),
    _faster_rcnn(
        "R_101_FPN_3x/137851257/model_final_f6e8b1.pkl", _R101_BOXES, "3x", box_ap=42.0, n_mb=243
    ),
    _faster_rcnn(
        "X_101_32x8d_FPN_3x/139173657/model_final_68b088.pkl", _X101_BOXES, "3x",
        box_ap=43.0, n_mb=421,
    ),
)
# fmt: on
ZOO = {entry.name: entry for entry in _ENTRIES}

USUAL_ON_GPU = "mask_rcnn_R_50_FPN_400ep_LSJ"
USUAL_ON_CPU = "mask_rcnn_R_50_FPN_3x"
"""5 points of mask AP less, and on a CPU 1.6 times as fast: the other one's box head is heavy."""


def weights_folder() -> Path:
    """Where downloaded weights are kept; it can be deleted."""
    return user_cache_folder() / "weights"


def zoo_path(name: str, *, folder: Path | None = None) -> Path:
    """Where the weights of this name lie once they are downloaded, or put there by hand.

    Raises:
        KeyError: the zoo has none of this name.
    """
    return (folder or weights_folder()) / ZOO[name].file_name


def entry_of(weights: str) -> ZooEntry | None:
    """The entry of this name, or of a file that still bears the name it is published by."""
    by_file = {entry.file_name: entry for entry in ZOO.values()}
    return ZOO.get(weights) or by_file.get(Path(weights).name)
