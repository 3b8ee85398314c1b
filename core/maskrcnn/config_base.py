"""A config.yaml together with the configs that it builds on (_BASE_), as one text."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from core.errors import AppError
from core.plain_yaml import PlainYamlError, plain_yaml
from core.types import Json
from core.wording import one_line

BASE_KEY = "_BASE_"
LARGEST_TEXT = 1_000_000
COMMENT = "# maskloop: "
_MOST_BASES = 20
_SCHEMES = ("detectron2://", "https://", "http://", "catalog://", "s3://", "//", "\\\\")
"""How names of what lies on another machine begin; the last two on Windows, which sends a person's
password, encrypted, to whichever machine is named."""


def config_text_of(path: Path) -> str:
    """The text of a config.yaml, with the files that it builds on worked in.

    A base that is not there and that detectron2 publishes (Base-RCNN-FPN.yaml, say) stays named in
    the text; settings_from_yaml knows it.

    Raises:
        AppError: it or one of its bases cannot be read, or is no config.
    """
    text = _text(path)
    if BASE_KEY not in text:
        return text
    tree = _merged(path, text, (), iter(range(_MOST_BASES)))
    own = [line for line in text.splitlines() if line.startswith(COMMENT)]
    # what a base says of class names is of its own classes
    return "\n".join([*own[:1], yaml.dump(tree, Dumper=_WithoutAnchors, sort_keys=False)])


def read_document(text: str) -> dict[Any, Any]:
    """The tree of a config.

    Raises:
        AppError: the text is no plain YAML, or no mapping.
    """
    if len(text) > LARGEST_TEXT:
        raise AppError(
            "The model's config is longer than a config can be. Choose the config.yaml that "
            "detectron2 wrote beside the weights."
        )
    try:
        document = plain_yaml(text)
    except PlainYamlError as error:
        raise AppError(
            f"The model's config cannot be read: {error}. Only plain values are read, never "
            "Python objects. Choose the config.yaml that detectron2 wrote beside the weights."
        ) from error
    if not isinstance(document, dict):
        raise AppError(
            "The model's config is not a list of keys and values as detectron2 writes it. Choose "
            "the config.yaml that it wrote beside the weights."
        )
    return document


class _WithoutAnchors(yaml.SafeDumper):
    """Writes a list that occurs twice twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for without end
            raise ValueError
        with path.open("rb") as file:
            content = file.read(LARGEST_TEXT + 1)
        if len(content) > LARGEST_TEXT:
            raise AppError(f"{path.name} is longer than a model's config can be.")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AppError(
            f"The model's config {path} cannot be read: it is no text. Choose the config.yaml that"
            " detectron2 wrote beside the weights."
        ) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "there can be no such file"
        raise AppError(f"The model's config {path} cannot be read: {why}.") from error


def _merged(path: Path, text: str, above: tuple[Path, ...], left: Iterator[int]) -> Json:
    """The tree of a config over the trees of its bases; each that is read takes one of `left`."""
    here = path.resolve()
    if here in above:
        names = " -> ".join(one.name for one in (*above, here))
        raise AppError(
            f"The model's configs build on each other in a circle ({BASE_KEY}: {names}). Correct"
            " one of them."
        )
    if next(left, None) is None:
        raise AppError(f"The model's config builds on more than {_MOST_BASES} others.")
    tree = read_document(text)
    bases = tree.pop(BASE_KEY, None)
    merged: dict[Any, Any] = {}
    for base in bases if isinstance(bases, list) else [] if bases is None else [bases]:
        if not isinstance(base, str):
            raise AppError(
                f"The model's config builds on {one_line(repr(base))} ({BASE_KEY}), which is no"
                " file."
            )
        merged = _over(_tree_of_base(base, path, (*above, here), left), merged)
    return _over(tree, merged)


def _tree_of_base(
    base: str, path: Path, above: tuple[Path, ...], left: Iterator[int]
) -> dict[Any, Any]:
    if base.startswith(_SCHEMES):
        base = one_line(base)
        raise AppError(
            f"The model's config {path.name} builds on {base} ({BASE_KEY}), and nothing is fetched"
            f" for a config. Put that file beside it and name it as `{BASE_KEY}:"
            f" {base.rsplit('/', 1)[-1]}`, or choose the complete config.yaml that detectron2"
            " writes into its output folder."
        )
    try:
        file = path.parent / Path(base).expanduser()
        is_there = file.is_file()
    except (OSError, ValueError, RuntimeError):  # no name of a file, or no such home
        file, is_there = path, False
    if is_there:
        return dict(_merged(file, _text(file), above, left))
    return published_base(base)


def published_base(base: str) -> dict[Any, Any]:
    """A config by the name under which detectron2 publishes it.

    Raises:
        AppError: it publishes none of this name that can be honoured.
    """
    name = base.replace("\\", "/").rsplit("/", 1)[-1]
    tree = _PUBLISHED.get(name)
    if tree is not None:
        return dict(tree)
    raise AppError(
        f"The model's config builds on another file ({BASE_KEY}: {one_line(base)}), which is not"
        " there. Put it beside the config, or choose the complete config.yaml that detectron2"
        " writes into its output folder."
    )


def _over(upper: Mapping[Any, Any], lower: Mapping[Any, Any]) -> dict[Any, Any]:
    """Both trees, the upper's values before the lower's. Trees are at most 50 levels deep."""
    both = dict(lower)
    for key, value in upper.items():
        below = both.get(key)
        if not isinstance(value, dict) or key not in both:
            both[key] = value
        elif isinstance(below, dict):
            both[key] = _over(value, below)
        else:
            raise AppError(
                f"The model's config has sections under {one_line(str(key))}, where the config that"
                " it builds on has a value. Correct one of them."
            )
    return both


def _fpn(**model: Json) -> dict[str, Json]:
    """Base-RCNN-FPN.yaml, and changes to it."""
    return {"MODEL": _over(model, _BASE_RCNN_FPN)}


_LEVELS = ["res2", "res3", "res4", "res5"]
_BASE_RCNN_FPN: dict[str, Json] = {
    "META_ARCHITECTURE": "GeneralizedRCNN",
    "BACKBONE": {"NAME": "build_resnet_fpn_backbone"},
    "RESNETS": {"OUT_FEATURES": _LEVELS},
    "FPN": {"IN_FEATURES": _LEVELS},
    "ANCHOR_GENERATOR": {
        "SIZES": [[32], [64], [128], [256], [512]],
        "ASPECT_RATIOS": [[0.5, 1.0, 2.0]],
    },
    "RPN": {
        "IN_FEATURES": ["p2", "p3", "p4", "p5", "p6"],
        "PRE_NMS_TOPK_TRAIN": 2000,
        "PRE_NMS_TOPK_TEST": 1000,
        "POST_NMS_TOPK_TRAIN": 1000,
        "POST_NMS_TOPK_TEST": 1000,
    },
    "ROI_HEADS": {"NAME": "StandardROIHeads", "IN_FEATURES": ["p2", "p3", "p4", "p5"]},
    "ROI_BOX_HEAD": {"NAME": "FastRCNNConvFCHead", "NUM_FC": 2, "POOLER_RESOLUTION": 7},
    "ROI_MASK_HEAD": {
        "NAME": "MaskRCNNConvUpsampleHead",
        "NUM_CONV": 4,
        "POOLER_RESOLUTION": 14,
    },
}
"""What detectron2's config of this name says of the model."""
_X101: dict[str, Json] = {
    "PIXEL_STD": [57.375, 57.12, 58.395],
    "RESNETS": {"DEPTH": 101, "NUM_GROUPS": 32, "WIDTH_PER_GROUP": 8, "STRIDE_IN_1X1": False},
}
_NORMED_HEADS: dict[str, Json] = {"NAME": "FastRCNNConvFCHead", "NUM_CONV": 4, "NUM_FC": 1}


def _normed(norm: str, **resnets: Json) -> dict[str, Json]:
    return _fpn(
        MASK_ON=True,
        RESNETS={"DEPTH": 50, "NORM": norm, **resnets},
        FPN={"NORM": norm},
        ROI_BOX_HEAD={**_NORMED_HEADS, "NORM": norm},
        ROI_MASK_HEAD={"NORM": norm},
    )


_PUBLISHED: dict[str, dict[str, Json]] = {
    "Base-RCNN-FPN.yaml": _fpn(),
    **{
        f"{kind}_rcnn_R_{depth}_FPN_{times}x.yaml": _fpn(
            MASK_ON=kind == "mask", RESNETS={"DEPTH": depth}
        )
        for kind in ("mask", "faster")
        for depth in (50, 101)
        for times in (1, 3)
    },
    **{
        f"{kind}_rcnn_X_101_32x8d_FPN_3x.yaml": _fpn(MASK_ON=kind == "mask", **_X101)
        for kind in ("mask", "faster")
    },
    "mask_rcnn_R_50_FPN_3x_gn.yaml": _normed("GN", STRIDE_IN_1X1=False),
    "mask_rcnn_R_50_FPN_3x_syncbn.yaml": _normed("SyncBN", STRIDE_IN_1X1=True),
}
"""detectron2's own configs that others build on, by their file names: configs/ in its source."""
