"""The published models as they are built here, against what detectron2 itself said of them."""

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.maskrcnn.checkpoint import load_into, read_weights
from core.maskrcnn.config import settings_from_yaml
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.settings import KEY_OF, ModelSettings
from core.maskrcnn.zoo import USUAL_ON_CPU, USUAL_ON_GPU, ZOO

GOLDEN = Path(__file__).parents[2] / "golden"
RECORDED: dict[str, Any] = json.loads((GOLDEN / "zoo.json").read_text())["models"]
_NOT_COMPARED = ("num_batches_tracked", "pixel_mean", "pixel_std")


def state_of(settings: ModelSettings) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the model; no memory is taken for its numbers."""
    with torch.device("meta"):
        model = MaskRCNN(settings)
    return {
        name: tuple(value.shape)
        for name, value in model.state_dict().items()
        if not name.endswith(_NOT_COMPARED)
    }


def test_the_zoo_has_what_detectron2_publishes_of_this_family() -> None:
    assert sorted(ZOO) == sorted(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_names_and_shapes_of_every_model_are_detectron2s(name: str) -> None:
    state = state_of(ZOO[name].settings)
    lines = [f"{key} {'x'.join(map(str, shape))}" for key, shape in sorted(state.items())]
    found = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert found == RECORDED[name]["names_and_shapes"]


@pytest.mark.parametrize("name", RECORDED)
def test_every_setting_of_every_model_is_detectron2s(name: str) -> None:
    settings = ZOO[name].settings
    ours = {key: getattr(settings, field) for field, key in KEY_OF.items()}
    assert json.loads(json.dumps(ours)) == RECORDED[name]["config"]


@pytest.mark.parametrize("name", RECORDED)
def test_address_ap_and_size_of_every_entry_are_the_published_ones(name: str) -> None:
    entry, recorded = ZOO[name], RECORDED[name]
    assert entry.name == name
    assert entry.address == recorded["address"]
    assert (entry.box_ap, entry.mask_ap) == (recorded["box_ap"], recorded["mask_ap"])
    assert entry.n_bytes == round(4 * recorded["numbers"] / 1e6) * 1_000_000
    assert entry.address.endswith(f"model_final_{entry.hash_prefix}.pkl")
    assert len(entry.hash_prefix) == 6


def test_the_usual_one_on_a_gpu_is_the_best_r50() -> None:
    of_r50 = [one for one in ZOO.values() if one.settings.depth == 50]
    assert ZOO[USUAL_ON_GPU] == max(of_r50, key=lambda one: one.mask_ap or 0)
    assert ZOO[USUAL_ON_GPU].mask_ap == 42.5


def test_the_usual_one_on_a_cpu_has_the_light_heads() -> None:
    usual = ZOO[USUAL_ON_CPU]
    assert (usual.mask_ap, usual.settings.box_num_conv, usual.settings.box_num_fc) == (37.2, 0, 2)


def test_no_two_entries_are_called_the_same() -> None:
    for said in ("short_title", "title", "file_name", "hash_prefix"):
        assert len({getattr(one, said) for one in ZOO.values()}) == len(ZOO)


def _plain(state: dict[str, Any]) -> dict[str, Any]:
    return state


def _of_the_zoo(state: dict[str, Any]) -> dict[str, Any]:
    return {"model": state, "__author__": "Detectron2 Model Zoo"}


def _of_a_lazy_config(state: dict[str, Any]) -> dict[str, Any]:
    """As tools/lazyconfig_train_net.py saves it: its trainer's state beside the model's."""
    trainer = {"iteration": 4, "_trainer": {"optimizer": {"state": {}, "param_groups": []}}}
    return {"model": state, "trainer": trainer, "iteration": 4}


def _of_several_gpus(state: dict[str, Any]) -> dict[str, Any]:
    return _of_a_lazy_config({f"module.{name}": value for name, value in state.items()})


@pytest.mark.parametrize("layout", [_plain, _of_the_zoo, _of_a_lazy_config, _of_several_gpus])
def test_lsj_weights_are_read_in_every_layout_they_may_be_saved_in(
    layout: Callable[[dict[str, Any]], dict[str, Any]], tmp_path: Path
) -> None:
    saved = pickle.loads((GOLDEN / "mask_rcnn_lsj_tiny.pkl").read_bytes())["model"]
    (tmp_path / "w.pkl").write_bytes(pickle.dumps(layout(saved)))
    model = MaskRCNN(settings_from_yaml((GOLDEN / "mask_rcnn_lsj_tiny.yaml").read_text()))
    no_use = load_into(model, read_weights(tmp_path / "w.pkl"))
    assert [name for name in no_use if not name.endswith("num_batches_tracked")] == []
    for name, value in model.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(value, saved[name], err_msg=name)
