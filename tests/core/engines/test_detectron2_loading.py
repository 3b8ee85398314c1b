"""Weights come into detectron2's model without detectron2 opening their file.

With a stand-in for detectron2, and with itself where it is importable.
"""

import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from core.configs import EngineConfig
from core.engines.detectron2 import Detectron2Engine, load, why_not
from core.errors import AppError
from core.maskrcnn.weights_file import read_weights
from tests.core.engines.stand_in_detectron2 import modules

pytestmark = pytest.mark.usefixtures("one_thread")

GOLDEN = Path(__file__).parents[2] / "golden"
MODELS = ("mask_rcnn_tiny", "mask_rcnn_lsj_tiny", "faster_rcnn_tiny")
FC = "roi_heads.box_head.fc1"


@pytest.fixture(autouse=True, params=["a stand-in", *([] if why_not() else ["itself"])])
def detectron2(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "a stand-in":
        for name, module in modules().items():
            monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A copy of tiny weights with their config, to be written anew."""
    shutil.copy(GOLDEN / "mask_rcnn_tiny.yaml", tmp_path / "own.yaml")
    return Path(shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", tmp_path / "own.pth"))


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("detectron2 has opened the file")


def engine_of(weights: Path) -> Detectron2Engine:
    """Loaded where nobody unpickles but the reader of this project."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((pickle, "load"), (pickle, "loads"), (torch, "load")):
            patch.setattr(module, name, refuse)
        return load(EngineConfig(str(weights), engine="detectron2", device="cpu"))


def without(weights: Path, *left_out: str, **more: torch.Tensor) -> dict[str, torch.Tensor]:
    """Writes the file anew, with other names; what it held."""
    held: dict[str, Any] = torch.load(weights, weights_only=True)["model"]
    kept = {name: value for name, value in held.items() if name not in left_out}
    torch.save({"model": {**kept, **more}}, weights)
    return held


@pytest.mark.parametrize("suffix", [".pth", ".pkl"])
@pytest.mark.parametrize("model", MODELS)
def test_the_model_gets_every_parameter_of_the_file(model: str, suffix: str) -> None:
    file = GOLDEN / (model + suffix)
    state = engine_of(file)._model.state_dict()
    learnt = {name: value for name, value in state.items() if "num_batches" not in name}
    held = read_weights(file).state
    assert all(torch.equal(value, held[name]) for name, value in learnt.items())


def test_names_that_only_detectron2_can_place_are_matched_by_it(weights: Path) -> None:
    held = without(weights, f"{FC}.weight", f"{FC}.bias")
    values = {f"box_head.fc1.{part}": held[f"{FC}.{part}"] for part in ("weight", "bias")}
    without(weights, **values)
    state = engine_of(weights)._model.state_dict()
    assert torch.equal(state[f"{FC}.weight"], held[f"{FC}.weight"])


def test_a_file_that_lacks_parameters_is_refused_by_their_names(weights: Path) -> None:
    without(weights, f"{FC}.weight")
    with pytest.raises(AppError, match=rf"{FC}.weight missing"):
        engine_of(weights)


def test_names_that_could_be_of_several_layers_are_refused_as_a_misfit(weights: Path) -> None:
    held = without(weights, f"{FC}.bias")
    without(weights, bias=held[f"{FC}.bias"])  # the next layer has one of the same shape
    with pytest.raises(AppError, match=rf"{FC}.bias missing"):
        engine_of(weights)


def test_parameters_of_another_shape_are_refused(weights: Path) -> None:
    without(weights, **{f"{FC}.bias": torch.zeros(7)})
    with pytest.raises(AppError, match=rf"{FC}.bias is 7 and should be"):
        engine_of(weights)


def test_a_file_that_runs_code_is_refused_before_detectron2_is_asked(
    weights: Path, tmp_path: Path
) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (tmp_path / "ran",)  # type: ignore[return-value]

    with weights.open("wb") as file:
        pickle.dump({"model": Evil(), "__author__": "nobody"}, file)
    with pytest.raises(AppError):
        engine_of(weights)
    assert not (tmp_path / "ran").exists()
