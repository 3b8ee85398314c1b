"""What the default engine makes of names, devices and files that do not fit."""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.configs import EngineConfig
from core.engines import maskrcnn
from core.engines.maskrcnn import MaskRCNNEngine, load, usable_device, why_not
from core.errors import AppError
from core.maskrcnn.config import class_names_from_yaml, settings_from_yaml, settings_to_yaml

pytestmark = pytest.mark.usefixtures("kept_threads")

GOLDEN = Path(__file__).parents[2] / "golden"
NAMES = ("circle", "square", "triangle", "star", "bar")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The tiny model with a config beside it that names no classes."""
    shutil.copy(GOLDEN / "mask_rcnn_tiny.yaml", tmp_path / "tiny.yaml")
    return Path(shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", tmp_path / "tiny.pth"))


def loaded(weights: Path, *, names: tuple[str, ...] = ()) -> MaskRCNNEngine:
    return load(EngineConfig(str(weights), class_names=names, device="cpu"))


def test_given_names_are_the_engines(weights: Path) -> None:
    engine = loaded(weights, names=NAMES)
    assert tuple(engine.class_names) == NAMES
    assert list(engine.notes) == []


def test_names_ride_in_the_config(weights: Path) -> None:
    beside = weights.with_suffix(".yaml")
    beside.write_text(settings_to_yaml(settings_from_yaml(beside.read_text()), class_names=NAMES))
    assert class_names_from_yaml(beside.read_text()) == NAMES
    assert tuple(loaded(weights).class_names) == NAMES


def test_classes_that_nothing_names_are_numbered_with_a_note(weights: Path) -> None:
    engine = loaded(weights)
    assert list(engine.class_names) == ["class 1", "class 2", "class 3", "class 4", "class 5"]
    assert "Nothing names the 5 classes of tiny.pth" in engine.notes[0]


def test_a_wrong_number_of_names_is_refused(weights: Path) -> None:
    with pytest.raises(AppError, match=r"tiny.pth has 5 classes, but 2 names were given"):
        loaded(weights, names=("circle", "square"))


def test_weights_of_another_size_than_the_config_are_refused(weights: Path) -> None:
    shutil.copy(GOLDEN / "faster_rcnn_tiny.yaml", weights.with_suffix(".yaml"))
    shutil.copy(GOLDEN / "mask_rcnn_tiny.yaml", weights.with_name("other.yaml"))
    shutil.copy(GOLDEN / "faster_rcnn_tiny.pth", weights)
    config = EngineConfig(str(weights), model_config=str(weights.with_name("other.yaml")))
    with pytest.raises(AppError):
        load(config)


def test_what_is_no_weights_is_refused(weights: Path) -> None:
    weights.write_bytes(b"not weights")
    with pytest.raises(AppError):
        loaded(weights)


def test_an_unheard_device_is_refused(weights: Path) -> None:
    with pytest.raises(AppError, match="device abacus cannot be used"):
        load(EngineConfig(str(weights), device="abacus"))


def test_a_gpu_that_is_not_there_is_refused_when_asked_for_by_name() -> None:
    with pytest.raises(AppError, match="device cuda:99 cannot be used"):
        usable_device("cuda:99")


def test_auto_falls_back_to_the_cpu_when_the_gpu_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA error: no kernel image is available for execution on the device")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "zeros", refuse)
    device, notes = usable_device("auto")
    assert device == "cpu"
    assert "no kernel image" in notes[0]


def test_too_little_memory_is_told_in_a_sentence(weights: Path) -> None:
    engine = loaded(weights)
    engine._model.backbone.register_forward_pre_hook(_fail)
    with pytest.raises(AppError, match="The device cpu has too little memory"):
        engine.predict([np.zeros((64, 64, 3), np.uint8)])


def test_doing_with_less_memory_is_noted_once(weights: Path) -> None:
    engine = loaded(weights)
    hook = engine._model.backbone.register_forward_pre_hook(_fail_where_large)
    image = np.zeros((64, 64, 3), np.uint8)
    assert [len(engine.predict([image] * 2)), len(engine.predict([image] * 2))] == [2, 2]
    assert [note for note in engine.notes if "too little memory" in note] == [
        "The device cpu had too little memory: from here on it looks at images 1 at a time, and"
        " at 75 % of the usual size. Close what else uses it and begin again to have it all."
    ]
    hook.remove()


def _fail(*_: object) -> None:
    raise torch.OutOfMemoryError("2 GiB asked for")


def _fail_where_large(_: object, given: tuple[torch.Tensor]) -> None:
    if given[0].shape[2] > 200:
        _fail()


def test_a_core_stays_free_unless_the_environment_says_otherwise(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(4)), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    loaded(weights)
    assert torch.get_num_threads() == 3
    torch.set_num_threads(1)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    loaded(weights)
    assert torch.get_num_threads() == 1


def test_a_machine_without_torch_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert why_not() == ""
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert "pip install torch torchvision" in why_not()


def test_it_is_offered_as_the_default() -> None:
    assert EngineConfig("w").engine == maskrcnn.SPEC.name


def test_the_next_box_in_the_same_image_costs_no_second_look(weights: Path) -> None:
    engine = loaded(weights)
    looks: list[object] = []
    engine._model.backbone.register_forward_pre_hook(lambda *_: looks.append(1))
    image, other = (np.full((64, 80, 3), grey, np.uint8) for grey in (90, 91))

    for pixels, place in ((image, 5), (image.copy(), 20), (other, 5)):
        box = np.array([[place, 5, place + 30, 40]], np.float32)
        assert len(engine.in_boxes(pixels, box)) == 1

    assert len(looks) == 2


def test_a_prediction_gets_the_memory_that_the_last_look_took(weights: Path) -> None:
    engine = loaded(weights)
    image, box = np.full((64, 80, 3), 90, np.uint8), np.array([[5, 5, 35, 40]], np.float32)
    engine.in_boxes(image, box)
    looks: list[object] = []
    engine._model.backbone.register_forward_pre_hook(lambda *_: looks.append(1))
    engine.predict([image])
    engine.in_boxes(image, box)
    assert len(looks) == 2
