"""Parameters by name, shape and order, as detectron2's own models have them (layouts.json)."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from core.errors import AppError
from core.maskrcnn.checkpoint import detectron2_order
from core.maskrcnn.config import ModelSettings, settings_from_yaml, standard_settings
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.source import guessed_settings

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "layouts.json").read_text())
LAYOUTS = {layout["name"]: layout for layout in GOLDEN["layouts"]}
NOT_SHOWN = ("freeze_at", "stride_in_1x1", "anchor_sizes", "anchor_ratios", "pixel_std")
"""What weights do not show. mask_pooler_resolution changes no shape either."""
NORMS = {"FrozenBN": "FrozenBN", "GN": "GN", "": ""}
"""What a norm is taken for; batch norms of all kinds are one."""


def _state(index: int, start: str = "") -> Iterator[tuple[str, tuple[int, ...]]]:
    part = GOLDEN["parts"][index]
    if isinstance(part, list):
        yield start.rstrip("."), tuple(part)
        return
    for name, inner in part.items():
        yield from _state(inner, f"{start}{name}.")


def _settings(layout: dict[str, Any]) -> ModelSettings:
    tree: dict[str, Any] = {}
    small = GOLDEN["small"] if layout["is_small"] else {}
    for key, value in {**small, **layout["config"]}.items():
        *parents, last = key.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return settings_from_yaml(yaml.safe_dump(tree), base=standard_settings())


@pytest.mark.parametrize("name", LAYOUTS)
def test_parameters_are_detectron2s_by_name_shape_and_order(name: str) -> None:
    theirs = dict(_state(LAYOUTS[name]["state"]))
    with torch.device("meta"):
        model = MaskRCNN(_settings(LAYOUTS[name]))
    mine = detectron2_order(model.state_dict())
    assert {key: tuple(value.shape) for key, value in mine.items()} == theirs
    assert list(mine) == list(theirs)


def _shown(settings: ModelSettings) -> dict[str, Any]:
    """What of the settings weights show, each thing said in one way."""
    said = asdict(settings)
    for name in (*NOT_SHOWN, "mask_pooler_resolution"):
        said.pop(name)
    for part in ("backbone", "fpn", "box", "mask"):
        said[f"{part}_norm"] = NORMS.get(said[f"{part}_norm"], "BN")
    if settings.depth < 50:
        said.pop("width_per_group")
    before = settings.fpn_channels
    said["rpn_conv_dims"] = []
    for width in settings.rpn_conv_dims:
        before = before if width == -1 else width
        said["rpn_conv_dims"].append(before)
    used = {"box_conv_dim": "box_num_conv", "box_norm": "box_num_conv", "box_fc_dim": "box_num_fc"}
    used |= {"mask_norm": "mask_num_conv"}
    for name, count in used.items():
        if not said[count]:
            said.pop(name)
    if not settings.mask_on:
        said = {name: value for name, value in said.items() if not name.startswith("mask_")}
        said["mask_on"] = False
    if settings.num_classes == 1:
        said = {name: value for name, value in said.items() if "agnostic" not in name}
    return said


@pytest.mark.parametrize("name", [name for name in LAYOUTS if "anchors" not in name])
def test_what_weights_show_of_their_model_is_guessed(name: str) -> None:
    layout = LAYOUTS[name]
    state = {key: torch.empty(shape, device="meta") for key, shape in _state(layout["state"])}
    assert _shown(guessed_settings(state)) == _shown(_settings(layout))


def test_other_anchors_than_the_published_are_not_guessed() -> None:
    layout = LAYOUTS["anchors 2 sizes 4 ratios"]
    state = {key: torch.empty(shape, device="meta") for key, shape in _state(layout["state"])}
    with pytest.raises(AppError, match="have 8 anchors a place"):
        guessed_settings(state)
