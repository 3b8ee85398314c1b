"""ModelSettings from the text of a detectron2 config.yaml, and back."""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import yaml

from core.errors import AppError
from core.maskrcnn.config_base import (
    BASE_KEY,
    COMMENT,
    LARGEST_TEXT,
    published_base,
    read_document,
)
from core.maskrcnn.settings import (
    DEFAULTS,
    KEY_OF,
    ModelSettings,
    refusal,
    small_settings,
    standard_settings,
)
from core.wording import one_line

__all__ = [
    "ModelSettings",
    "class_names_from_yaml",
    "settings_from_yaml",
    "settings_to_yaml",
    "small_settings",
    "standard_settings",
]

_DEEPEST_KEY = 4
_LONGEST_LITERAL = 1_000
_MOST_KEYS = 2_000
_SECTIONS = ("MODEL", "INPUT", "TEST")
"""Nothing in SOLVER, DATASETS, DATALOADER ... changes what a model computes."""

_FIXED: dict[str, tuple[object, tuple[object, ...]]] = {
    # key: detectron2's default, and the values that this family of models can honour
    "MODEL.META_ARCHITECTURE": ("GeneralizedRCNN", ("GeneralizedRCNN",)),
    "MODEL.KEYPOINT_ON": (False, (False,)),
    "MODEL.LOAD_PROPOSALS": (False, (False,)),
    "MODEL.BACKBONE.NAME": ("build_resnet_backbone", ("build_resnet_fpn_backbone",)),
    "MODEL.RESNETS.OUT_FEATURES": (["res4"], (["res2", "res3", "res4", "res5"],)),
    "MODEL.RESNETS.DEFORM_ON_PER_STAGE": ([False] * 4, ([False] * 4,)),
    "MODEL.RESNETS.RES5_DILATION": (1, (1,)),
    "MODEL.FPN.FUSE_TYPE": ("sum", ("sum",)),
    "MODEL.FPN.IN_FEATURES": ([], (["res2", "res3", "res4", "res5"],)),
    "MODEL.PROPOSAL_GENERATOR.NAME": ("RPN", ("RPN",)),
    "MODEL.ANCHOR_GENERATOR.NAME": ("DefaultAnchorGenerator", ("DefaultAnchorGenerator",)),
    "MODEL.RPN.HEAD_NAME": ("StandardRPNHead", ("StandardRPNHead",)),
    "MODEL.RPN.IN_FEATURES": (["res4"], (["p2", "p3", "p4", "p5", "p6"],)),
    "MODEL.RPN.IOU_LABELS": ([0, -1, 1], ([0, -1, 1],)),
    "MODEL.RPN.BBOX_REG_LOSS_TYPE": ("smooth_l1", ("smooth_l1",)),
    "MODEL.ROI_HEADS.NAME": ("Res5ROIHeads", ("StandardROIHeads",)),
    "MODEL.ROI_HEADS.IN_FEATURES": (["res4"], (["p2", "p3", "p4", "p5"],)),
    "MODEL.ROI_HEADS.IOU_LABELS": ([0, 1], ([0, 1],)),
    "MODEL.ROI_BOX_HEAD.NAME": ("", ("FastRCNNConvFCHead",)),
    "MODEL.ROI_BOX_HEAD.POOLER_TYPE": ("ROIAlignV2", ("ROIAlignV2",)),
    "MODEL.ROI_BOX_HEAD.BBOX_REG_LOSS_TYPE": ("smooth_l1", ("smooth_l1",)),
    "MODEL.ROI_BOX_HEAD.TRAIN_ON_PRED_BOXES": (False, (False,)),
    "MODEL.ROI_BOX_HEAD.USE_FED_LOSS": (False, (False,)),
    "MODEL.ROI_BOX_HEAD.USE_SIGMOID_CE": (False, (False,)),
    "MODEL.ROI_MASK_HEAD.NAME": ("MaskRCNNConvUpsampleHead", ("MaskRCNNConvUpsampleHead",)),
    "MODEL.ROI_MASK_HEAD.POOLER_TYPE": ("ROIAlignV2", ("ROIAlignV2",)),
    "TEST.AUG.ENABLED": (False, (False,)),
}
_HARMLESS_OF_MODEL = (
    "MODEL.WEIGHTS",
    "MODEL.DEVICE",
    "MODEL.RETINANET.",
    "MODEL.SEM_SEG_HEAD.",
    "MODEL.PANOPTIC_FPN.",
    "MODEL.ROI_KEYPOINT_HEAD.",
    "MODEL.ROI_BOX_CASCADE_HEAD.",
    "MODEL.ANCHOR_GENERATOR.ANGLES",
    "MODEL.RESNETS.DEFORM_MODULATED",
    "MODEL.RESNETS.DEFORM_NUM_GROUPS",
    "MODEL.ROI_BOX_HEAD.FED_LOSS_",
)
"""Keys of heads that are off, or that nothing here reads."""


def settings_from_yaml(text: str, *, base: ModelSettings | None = None) -> ModelSettings:
    """The settings that a detectron2 config asks for.

    Keys that are left out have detectron2's own defaults, or those of base: the settings of the
    config that this one builds on.

    Raises:
        AppError: the text is no plain YAML config, or a key asks for what cannot be honoured; the
            sentence names the key, its value and what is possible.
    """
    document = read_document(text)
    if base is None and BASE_KEY in document:
        base = _settings_of_base(document[BASE_KEY])
    if document.get("VERSION", 2) != 2:
        raise refusal("VERSION", document["VERSION"], "2; let detectron2 upgrade the config first")
    given = dict(_flat({key: document[key] for key in _SECTIONS if key in document}))
    _check_fixed(given, has_base=base is not None)
    _check_known(given)
    values = dict(DEFAULTS) if base is None else asdict(base)
    for name, key in KEY_OF.items():
        if key in given:
            values[name] = _converted(key, given[key], DEFAULTS[name])
    return ModelSettings(**values)


def settings_to_yaml(settings: ModelSettings, class_names: Sequence[str]) -> str:
    """A config.yaml that detectron2 merges as it is; the names ride in its first line, a comment.

    The names must be as many as settings.num_classes, or none.
    """
    if class_names and len(class_names) != settings.num_classes:
        raise ValueError(f"{len(class_names)} names for {settings.num_classes} classes")
    tree: dict[str, Any] = {"VERSION": 2}
    values = {key: allowed[0] for key, (_, allowed) in _FIXED.items()}
    values |= {KEY_OF[name]: _plain(value) for name, value in asdict(settings).items()}
    for key, value in values.items():
        *parents, last = key.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    comment = COMMENT + json.dumps({"class_names": list(class_names)})
    return f"{comment}\n{_dumped(tree)}"


def class_names_from_yaml(text: str) -> tuple[str, ...]:
    """The class names in the comment that settings_to_yaml writes; empty where there is none.

    Raises:
        AppError: the comment is there and cannot be read.
    """
    for line in text[:LARGEST_TEXT].splitlines():
        if not line.startswith(COMMENT):
            continue
        try:
            names = json.loads(line.removeprefix(COMMENT))["class_names"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise AppError(_DAMAGED_NAMES) from error
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise AppError(_DAMAGED_NAMES)
        return tuple(names)
    return ()


_DAMAGED_NAMES = (
    "The line with the class names in the model's config is damaged. Correct the line that "
    "starts with '# maskloop:', or delete it and give the class names in a file."
)


class _WithoutAnchors(yaml.SafeDumper):
    """Writes a list that occurs twice twice: &id001 is hard on people."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _dumped(tree: Mapping[str, Any]) -> str:
    text: str = yaml.dump(tree, Dumper=_WithoutAnchors, default_flow_style=None, width=100)
    return text


def _settings_of_base(base: object) -> ModelSettings:
    """Of a config that stands alone, and builds on one that detectron2 publishes."""
    if not isinstance(base, str):
        raise AppError(
            f"The model's config builds on {one_line(repr(base))} ({BASE_KEY}), which is no file."
        )
    return settings_from_yaml(yaml.safe_dump(published_base(base)))


def _flat(tree: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Keys with dots, and values that are no mappings. A crafted tree must not grow without end."""
    seen = 0
    stack: list[tuple[str, Mapping[Any, Any]]] = [(prefix, tree)]
    while stack:
        start, node = stack.pop()
        for key, value in node.items():
            seen += 1
            name = f"{start}{key}"
            if seen > _MOST_KEYS or name.count(".") >= _DEEPEST_KEY:
                raise AppError(
                    "The model's config is nested as no config of detectron2 is (at"
                    f" {one_line(name)}). Choose the config.yaml that it wrote beside the weights."
                )
            if isinstance(value, Mapping) and value:
                stack.append((name + ".", value))
            else:
                yield name, value


def _check_fixed(given: Mapping[str, Any], *, has_base: bool) -> None:
    for key, (default, allowed) in _FIXED.items():
        if key not in given and has_base:
            continue
        value = _literal(given.get(key, default))
        value = list(value) if isinstance(value, tuple) else value
        # True == 1 in Python, and a config that says so means something else.
        if not any(value == good and type(value) is type(good) for good in allowed):
            left_out = "" if key in given else " (detectron2's default, as the key is left out)"
            possible = " or ".join(repr(good) for good in allowed) + left_out
            raise refusal(key, value, possible)


def _check_known(given: Mapping[str, Any]) -> None:
    known = {*KEY_OF.values(), *_FIXED}
    for key, value in given.items():
        if not key.startswith("MODEL.") or key in known or key.startswith(_HARMLESS_OF_MODEL):
            continue
        if any(other.startswith(key + ".") for other in known) and not value:
            continue
        raise refusal(key, value, "no such key: detectron2's Mask R-CNN does not know it")


def _literal(value: Any) -> Any:
    """detectron2 reads text that is a Python literal as its value: (1, 2) and 1e-3, say."""
    if not isinstance(value, str) or len(value) > _LONGEST_LITERAL:
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return value


def _converted(key: str, value: Any, default: Any) -> Any:
    """The value with the type that its default has."""
    if isinstance(default, str):
        if value is None or isinstance(value, str):
            return value or ""
        raise refusal(key, value, f"a text such as {default!r}")
    value = _literal(value)
    try:
        if isinstance(default, bool):
            return _bool(value)
        if isinstance(default, tuple):
            return _tuple(value, default)
        return _number(value, default)
    except (ValueError, OverflowError) as error:  # of what has no end, too
        raise refusal(key, value, f"a value such as {_plain(default)!r}") from error


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not true or false")
    return value


def _number(value: Any, like: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    if isinstance(like, int):
        if value != int(value):
            raise ValueError("not a whole number")
        return int(value)
    return float(value)


def _tuple(value: Any, like: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("not a list")
    if isinstance(like[0], tuple) and not any(isinstance(item, list | tuple) for item in value):
        value = [value]  # one list of sizes is for all levels
    if isinstance(like[0], tuple):
        return tuple(_tuple(item, like[0]) for item in value)
    return tuple(_number(item, like[0]) for item in value)


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
