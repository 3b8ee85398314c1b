"""What models of all norms and heads find, held against detectron2's own (layout_outputs.json)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import yaml

from core.maskrcnn.config import settings_from_yaml, standard_settings
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.paste import whole_mask
from tests.core.maskrcnn.seeded_weights import seeded

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "layout_outputs.json").read_text())
MODELS = {model["name"]: model for model in GOLDEN["models"]}


def _model(golden: dict[str, Any]) -> MaskRCNN:
    tree: dict[str, Any] = {}
    for key, value in {**GOLDEN["small"], **GOLDEN["test"], **golden["config"]}.items():
        *parents, last = key.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    model = MaskRCNN(settings_from_yaml(yaml.safe_dump(tree), base=standard_settings()))
    state = model.state_dict()
    arrays = seeded([(name, tuple(value.shape)) for name, value in state.items()], golden["seed"])
    for name, array in arrays.items():
        state[name].copy_(torch.from_numpy(array))
    return model


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_every_norm_and_head_finds_what_detectron2_finds(
    name: str, golden_image: Callable[[str], npt.NDArray[np.uint8]]
) -> None:
    wanted = MODELS[name]["expected"]
    found = _model(MODELS[name]).detect([golden_image("odd_319x241.png")])[0]
    assert len(found) > 0
    assert found.class_ids.tolist() == wanted["classes"]
    np.testing.assert_allclose(found.boxes, wanted["boxes_xyxy"], rtol=0, atol=1e-3)
    np.testing.assert_allclose(found.scores, wanted["scores"], rtol=0, atol=5e-5)
    if found.masks is None:
        assert "mask_pixels" not in wanted
        return
    pixels = [
        int(whole_mask(crop, box, found.size_hw).sum())
        for crop, box in zip(found.masks, found.boxes, strict=True)
    ]
    np.testing.assert_allclose(pixels, wanted["mask_pixels"], rtol=0, atol=2)
