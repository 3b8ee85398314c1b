"""torchvision's Mask R-CNN and Faster R-CNN from files of weights that nobody trusts.

Which of its builders made a model, and for how many classes, is read from the names and shapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

from core.errors import AppError
from core.maskrcnn.source import HasShape, placeholder_names
from core.maskrcnn.weights_file import WeightsFile, read_weights
from core.maskrcnn.zoo import COCO_CLASSES
from core.torchvision_models.published import ENTRIES, entry_of, path_of
from core.wording import listed

_BACKGROUND = 1
"""Labels count from it: torchvision's 0 is background."""
_N_COCO_LABELS = 91
"""COCO's category ids with background, gaps included."""
_MOST_LABELS = 16_385
"""The model is built before its weights are held against it: it must not fill the memory."""
_NOT_CLASSES = frozenset({"__background__", "N/A"})
_COUNTERS = "num_batches_tracked"


@dataclass(frozen=True, slots=True)
class Classes:
    """What the labels of a model mean."""

    names: tuple[str, ...]
    labels: tuple[int, ...]
    """Of each name; a label of none means nothing."""
    are_named: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file of weights with what it says of its model."""

    weights: WeightsFile
    builder: str
    """As in torchvision.models.detection."""
    n_labels: int
    """Background among them."""
    classes: Classes

    @property
    def has_masks(self) -> bool:
        """Whether the model outlines what it finds."""
        return self.builder.startswith("mask")

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed, a sentence each."""
        return (self.classes.note,) if self.classes.note else ()


def loaded(weights: str, class_names: Sequence[str]) -> Loaded:
    """Reads published weights that are here, or a file.

    Args:
        weights: a published name or a file.
        class_names: as a person gave them; empty: as they are known.

    Raises:
        AppError: there is no such file, it cannot be read, it is of no model of torchvision's that
            is known here, or the names are too many or too few.
    """
    path = path_of(weights)
    if not path.is_file():
        raise AppError(_sentence_about_absence(weights, path))
    file = read_weights(path)
    builder = builder_of(file.state, path.name)
    n_labels = _n_labels(file.state["roi_heads.box_predictor.cls_score.weight"].shape, path.name)
    is_coco = entry_of(weights) is not None
    classes = classes_of(path.name, n_labels, tuple(class_names), is_coco=is_coco)
    return Loaded(file, builder, n_labels, classes)


def _n_labels(shape: Sequence[int], file_name: str) -> int:
    """Of a model, of the shape of its layer of classes: background among them."""
    if len(shape) == 2 and _BACKGROUND < shape[0] <= _MOST_LABELS:
        return shape[0]
    raise AppError(
        f"{file_name} holds no Mask R-CNN or Faster R-CNN of torchvision's: its layer of classes"
        " knows none, or more than any model. Choose other weights."
    )


def model_of(found: Loaded, *, score: float | None) -> nn.Module:
    """The model with its weights, in evaluation mode, on the CPU.

    Args:
        found: the weights.
        score: detections of less are dropped; None: torchvision's usual, 0.05.

    Raises:
        AppError: the weights do not fit, or some are not finite.
    """
    builder = getattr(torchvision.models.detection, found.builder)
    settings = {} if score is None else {"box_score_thresh": score}
    model: nn.Module = builder(
        weights=None, weights_backbone=None, num_classes=found.n_labels, **settings
    )
    _fill(model, found.weights)
    if found.builder in ("maskrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn"):
        # As torchvision does for its COCO_V1, which nearly all others were fine-tuned from.
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = 0.0
    return model.eval()


def builder_of(state: Mapping[str, HasShape], file_name: str) -> str:
    """The builder whose models have such names.

    Raises:
        AppError: none has.
    """
    if any(name.startswith("backbone.bottom_up.") for name in state):
        raise AppError(
            f"{file_name} holds a model as detectron2 names it. Choose the engine maskrcnn, or"
            " weights of torchvision."
        )
    if "roi_heads.box_predictor.cls_score.weight" not in state:
        raise AppError(
            f"{file_name} holds no Mask R-CNN or Faster R-CNN as torchvision names its parameters."
            " Choose other weights, or another engine."
        )
    kind = "mask" if "roi_heads.mask_predictor.mask_fcn_logits.weight" in state else "faster"
    is_v2 = "rpn.head.conv.1.0.weight" in state
    backbone = "resnet50_fpn_v2" if is_v2 else "resnet50_fpn"
    if "backbone.body.0.0.weight" in state:
        backbone = "mobilenet_v3_large_fpn"
    builder = f"{kind}rcnn_{backbone}"
    n_blocks = sum(
        name.startswith("backbone.body.layer3.") and name.endswith(".conv1.weight")
        for name in state
    )
    is_other_depth = "resnet50" in backbone and n_blocks != 6
    if builder not in ENTRIES or is_other_depth:
        raise AppError(
            f"{file_name} holds a model of torchvision's with another backbone than those that"
            f" are read: {listed(sorted(ENTRIES))}."
        )
    return builder


def classes_of(file_name: str, n_labels: int, given: tuple[str, ...], *, is_coco: bool) -> Classes:
    """What the labels mean: as a person says, as COCO's ids say, or numbered.

    Args:
        file_name: for sentences.
        n_labels: of the model, background among them.
        given: a person's names; empty: none. For a model of COCO's ids they name its 80 classes, or
            all 90 ids.
        is_coco: whether the file is one that torchvision publishes.

    Raises:
        AppError: the names are too many or too few.
    """
    all_labels = tuple(range(_BACKGROUND, n_labels))
    if len(given) == len(all_labels) and given:
        return Classes(given, all_labels)
    if n_labels == _N_COCO_LABELS and len(given) in (0, len(COCO_CLASSES)):
        note = (
            ""
            if is_coco or given
            else (
                f"Nothing names the classes of {file_name}. It has as many as COCO has ids, so they"
                " are taken to be COCO's. If they are not, give their names, one a line."
            )
        )
        return Classes(given or COCO_CLASSES, _coco_labels(), note=note)
    if given:
        raise AppError(
            f"{file_name} has {len(all_labels)} classes beside background, but {len(given)} names"
            " were given. Give one name for each class, in the order of training, without"
            " background."
        )
    note = (
        f"Nothing names the {len(all_labels)} classes of {file_name}: they are called class 1 to"
        f" class {len(all_labels)}. Give their names, one a line, in the order of training."
    )
    return Classes(placeholder_names(len(all_labels)), all_labels, are_named=False, note=note)


def _coco_labels() -> tuple[int, ...]:
    """The labels of COCO's 80 classes, in their order."""
    weights = torchvision.models.detection.MaskRCNN_ResNet50_FPN_Weights.COCO_V1
    categories = weights.meta["categories"]
    return tuple(label for label, name in enumerate(categories) if name not in _NOT_CLASSES)


def _fill(model: nn.Module, weights: WeightsFile) -> None:
    broken = [name for name, value in weights.state.items() if not _is_finite(value)]
    if broken:
        raise AppError(
            f"{weights.path.name} holds numbers that are not finite, in {listed(broken)}: its"
            " training failed. Choose other weights."
        )
    try:
        wrong: Any = model.load_state_dict(dict(weights.state), strict=False)
    except RuntimeError as error:
        raise AppError(_sentence_about_misfit(weights.path, str(error).splitlines()[1:])) from error
    missing = [name for name in wrong.missing_keys if not name.endswith(_COUNTERS)]
    if missing or wrong.unexpected_keys:
        said = [f"{name} is missing" for name in missing]
        said += [f"{name} has no place" for name in wrong.unexpected_keys]
        raise AppError(_sentence_about_misfit(weights.path, said))


def _is_finite(value: Tensor) -> bool:
    return not value.is_floating_point() or bool(torch.isfinite(value).all())


def _sentence_about_misfit(path: Path, said: Sequence[str]) -> str:
    which = listed([one.strip().rstrip(".") for one in said])
    return (
        f"The weights {path.name} do not fit torchvision's model: {which}. They are probably of a"
        " model with other heads than torchvision's builders give it."
    )


def _sentence_about_absence(weights: str, path: Path) -> str:
    if weights in ENTRIES:
        return f"The weights {weights} have not been downloaded to {path}."
    return (
        f"There are no weights at {path}. Give a file, or one of torchvision's names:"
        f" {', '.join(ENTRIES)}."
    )
