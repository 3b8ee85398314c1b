"""Weights into a model, and out of one for detectron2."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.atomic import as_meant, reason_of, replacement_of
from core.errors import AppError
from core.maskrcnn.fit import misfit
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.settings import ModelSettings
from core.maskrcnn.weights_file import WeightsFile, read_weights
from core.types import Json
from core.wording import listed

__all__ = [
    "WeightsFile",
    "fitting",
    "fitting_model",
    "load_into",
    "read_weights",
    "require_fit",
    "save_whole",
    "start_from",
    "write_checkpoint",
]

_OF_PYRAMID = "backbone.fpn_"
_COUNTS = ".num_batches_tracked"
"""A batch norm counts its batches, and nothing here reads it."""


def load_into(model: MaskRCNN, weights: WeightsFile) -> tuple[str, ...]:
    """Puts all weights into the model, which must need them exactly so.

    Returns:
        Names in the file that the model has no use for.

    Raises:
        AppError: some are missing, have another shape, or are not finite.
    """
    wanted = _wanted(model)
    found = fitting(weights, wanted, settings=model.settings)
    with torch.no_grad():
        for name, target in wanted.items():
            target.copy_(found[name])
        for name, target in model.state_dict().items():
            counted = weights.state.get(name)
            if name.endswith(_COUNTS) and counted is not None and counted.shape == target.shape:
                target.copy_(counted)  # for nothing but to come out as it went in
    return tuple(name for name in weights.state if name not in wanted)


def fitting(
    weights: WeightsFile, wanted: Mapping[str, Tensor], *, settings: ModelSettings | None = None
) -> dict[str, Tensor]:
    """The parameters that a model wants, of the file.

    Args:
        weights: the file.
        wanted: what each looks like.
        settings: of the model; None: any of its norms may lack statistics.

    Raises:
        AppError: some are missing, have another shape, or are not finite.
    """
    found = _all_found(weights, wanted, settings)
    _check_fit(weights, wanted, found)
    _check_finite(weights, found)
    return {name: _there(value) for name, value in found.items()}


def fitting_model(settings: ModelSettings, weights: WeightsFile) -> MaskRCNN:
    """The model of these settings with the weights in it; it is built once it is known to fit.

    A config that asks for a model of a thousand gigabytes is thus refused in a sentence.

    Raises:
        AppError: as load_into.
    """
    require_fit(settings, weights)
    model = MaskRCNN(settings)
    load_into(model, weights)
    return model


def require_fit(settings: ModelSettings, weights: WeightsFile) -> None:
    """Nothing, where the weights are those of such a model; none is built.

    Raises:
        AppError: some are missing or have another shape; it names them.
    """
    with torch.device("meta"):  # shapes without numbers
        wanted = _wanted(MaskRCNN(settings))
    _check_fit(weights, wanted, _all_found(weights, wanted, settings))


def _check_fit(
    weights: WeightsFile, wanted: Mapping[str, Tensor], found: Mapping[str, Tensor | None]
) -> None:
    theirs = dict(weights.state) | {
        name: value for name, value in found.items() if value is not None
    }
    said = misfit(_shapes(wanted), _shapes(theirs))
    if said:
        raise AppError(
            f"The weights {weights.path.name} do not fit their config. {said}. Choose the"
            " config.yaml that was written beside these weights, or other weights."
        )


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {
        name: tuple(value.shape) for name, value in tensors.items() if not name.endswith(_COUNTS)
    }


def start_from(
    model: MaskRCNN,
    weights: WeightsFile,
    *,
    weights_class_names: Sequence[str],
    class_names: Sequence[str],
) -> str:
    """Puts what fits into a fresh model to be fine-tuned; the rest stays as it was drawn.

    What the weights know of a class goes to the class of the same name, and background stays
    background.

    Args:
        model: the model; its classes are class_names.
        weights: where to start.
        weights_class_names: the classes of the weights, in their order; empty if unknown.
        class_names: the classes of the model.

    Returns:
        What starts anew, in a sentence for the user; empty if nothing does.

    Raises:
        AppError: nothing of the weights fits, or some are not finite.
    """
    wanted = _wanted(model)
    there = _all_found(weights, wanted, model.settings)
    pairs = [
        (weights_class_names.index(name), place)
        for place, name in enumerate(class_names)
        if name in weights_class_names
    ]
    rows = _class_rows(model.settings.num_classes)
    anew, fitting = [], {}
    for name, target in wanted.items():
        value = there[name]
        if value is None or value.shape[1:] != target.shape[1:]:
            anew.append(name)
        elif name in rows and rows[name].is_by_class(target):
            fitting[name] = rows[name].merged(target, value, pairs)
        elif value.shape == target.shape:
            fitting[name] = value
        else:
            anew.append(name)
    if not fitting:
        raise AppError(
            f"Nothing in {weights.path.name} fits this model. Choose other weights, or the config "
            "that belongs to them."
        )
    _check_finite(weights, fitting)
    with torch.no_grad():
        for name, value in fitting.items():
            wanted[name].copy_(value)
    known = {place for _, place in pairs}
    return _anew(anew, [n for place, n in enumerate(class_names) if place not in known])


def detectron2_order(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The parameters in the order in which detectron2's own model lists them: its pyramid makes its
    own convolutions before it takes over the ResNet."""
    first = {name: value for name, value in state.items() if name.startswith(_OF_PYRAMID)}
    return {**first, **state}


def write_checkpoint(
    path: Path,
    model: MaskRCNN,
    *,
    iteration: int,
    class_names: Sequence[str],
    extras: Mapping[str, Json] | None = None,
    half_precision: bool = False,
) -> None:
    """Writes a checkpoint that detectron2 loads; what was there stays if that fails.

    Args:
        path: the file.
        model: the model, not a folded one.
        iteration: how many iterations it has seen.
        class_names: as many as the model has classes.
        extras: more to keep, in text and numbers under names of its own.
        half_precision: whether convolutions and linear layers take two bytes a number, not four.

    Raises:
        AppError: the file cannot be written.
    """
    if len(class_names) != model.settings.num_classes:
        raise ValueError(f"{len(class_names)} names for {model.settings.num_classes} classes")
    state = {name: value.detach().cpu() for name, value in model.state_dict().items()}
    state = detectron2_order(state)
    if half_precision:
        state = {name: _halved(value) for name, value in state.items()}
    content = {**(extras or {}), "model": state, "iteration": iteration}
    content["class_names"] = list(class_names)
    save_whole(path, content)


def _halved(value: Tensor) -> Tensor:
    # Norms and biases are a hundredth of the file, and a variance may be too large or too small.
    if value.dim() < 2 or value.dtype != torch.float32:
        return value
    half = value.half()
    return half if bool(torch.isfinite(half).all()) else value


def save_whole(path: Path, content: Mapping[str, Any]) -> None:
    """torch.save of the content in the place of the file, or what was there stays.

    Raises:
        AppError: the file cannot be written.
    """
    try:
        # not to the path: torch's own writing of it says nothing of a full disk
        with replacement_of(path) as temporary, temporary.open("wb") as file:
            torch.save(content, file)
    except RuntimeError as error:  # torch turns a full disk into one
        cause = error.__context__
        reason = reason_of(cause) if isinstance(cause, OSError) else str(error).splitlines()[0]
        raise AppError(
            f"{as_meant(path)} was not saved: {reason.rstrip('.')}. Choose"
            " another folder if that does not help; what was there before is untouched."
        ) from error


def _wanted(model: MaskRCNN) -> dict[str, Tensor]:
    return {name: value for name, value in model.state_dict().items() if not name.endswith(_COUNTS)}


def _all_found(
    weights: WeightsFile, wanted: Mapping[str, Tensor], settings: ModelSettings | None
) -> dict[str, Tensor | None]:
    """What the weights have of each parameter; None where they lack it."""
    return {name: _found(weights, name, like, settings) for name, like in wanted.items()}


def _found(
    weights: WeightsFile, name: str, like: Tensor, settings: ModelSettings | None
) -> Tensor | None:
    value = weights.state.get(name)
    norm, _, part = name.rpartition(".")
    if value is not None or f"{norm}.weight" not in weights.state:
        return value
    # Converted from Caffe2 a frozen norm has no statistics: they are in its scale and shift. Where
    # the config asks for one that learns, the weights have another kind of norm: GN lacks them too.
    if settings is not None and _norm_of(name, settings) != "FrozenBN":
        return None
    if part == "running_var":
        return torch.ones(like.shape)
    return torch.zeros(like.shape) if part == "running_mean" else None


def _norm_of(name: str, settings: ModelSettings) -> str:
    """The norm that the config asks for where this parameter is."""
    norms = (
        ("backbone.bottom_up.", settings.backbone_norm),
        ("backbone.", settings.fpn_norm),
        ("roi_heads.box_head.", settings.box_norm),
        ("roi_heads.mask_head.", settings.mask_norm),
    )
    return next((norm for start, norm in norms if name.startswith(start)), "")


def _there(value: Tensor | None) -> Tensor:
    assert value is not None
    return value


def _check_finite(weights: WeightsFile, found: Mapping[str, Tensor | None]) -> None:
    bad = [
        name
        for name, value in found.items()
        if value is not None and not bool(torch.isfinite(value).all())
    ]
    if bad:
        raise AppError(
            f"The weights {weights.path.name} hold numbers that are not finite (in {listed(bad)}): "
            "their training diverged, or the file is broken. Choose an earlier checkpoint."
        )


@dataclass(frozen=True, slots=True)
class _Rows:
    """A parameter whose rows belong to classes."""

    per_class: int
    has_background: bool
    num_classes: int

    def is_by_class(self, target: Tensor) -> bool:
        """Whether it has rows for each class, not the same ones for all."""
        return len(target) == self.num_classes * self.per_class + self.has_background

    def merged(self, target: Tensor, value: Tensor, pairs: Iterable[tuple[int, int]]) -> Tensor:
        """The target, with rows of classes that both have; pairs of theirs and ours."""
        result = target.detach().cpu().clone()
        classes = (len(value) - self.has_background) // self.per_class
        for theirs, ours in pairs:
            if theirs < classes:
                rows = slice(theirs * self.per_class, (theirs + 1) * self.per_class)
                result[ours * self.per_class : (ours + 1) * self.per_class] = value[rows]
        if self.has_background:
            result[-1] = value[-1]
        return result


def _class_rows(num_classes: int) -> dict[str, _Rows]:
    layers = {
        "roi_heads.box_predictor.cls_score": _Rows(1, True, num_classes),
        "roi_heads.box_predictor.bbox_pred": _Rows(4, False, num_classes),
        "roi_heads.mask_head.predictor": _Rows(1, False, num_classes),
    }
    return {f"{name}.{part}": rows for name, rows in layers.items() for part in ("weight", "bias")}


def _anew(names: Sequence[str], classes: Sequence[str]) -> str:
    said = []
    if classes:
        said.append(f"the classes {', '.join(classes)}, which the weights do not know by name")
    if names:
        layers = dict.fromkeys(name.rsplit(".", 1)[0] for name in names)
        said.append(f"{listed(list(layers))}, which the weights lack or have in another size")
    return f"New, and to be learnt from the start: {'; '.join(said)}." if said else ""
