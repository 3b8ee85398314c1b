"""What is found with fixed shapes, held against what the model finds the usual way."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from core.configs import EngineConfig
from core.engines import maskrcnn
from core.maskrcnn import static_detection, static_heads, static_nms, static_proposals
from core.maskrcnn.config import ModelSettings, small_settings
from core.maskrcnn.fold import halved
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.preprocess import network_pixels, normalised_batch
from core.maskrcnn.roi_heads import RawDetections
from core.maskrcnn.static_detection import StaticDetection, suits, without_waiting
from core.types import Detections
from tests.core.maskrcnn.seeded_weights import seeded
from tests.core.maskrcnn.tape import Tape

Pixels = npt.NDArray[np.uint8]


@pytest.fixture
def images(golden: Path, golden_image: Callable[[str], Pixels]) -> list[Pixels]:
    return [golden_image(file.name) for file in sorted((golden / "images").iterdir())]


def _random_model(**changes: Any) -> MaskRCNN:
    """With weights from a seed, and undecided enough to find a lot."""
    usual = {
        "min_size_test": 160,
        "max_size_test": 224,
        "rpn_pre_nms_test": 200,
        "rpn_post_nms_test": 60,
        "score_threshold": 0.1,
    }
    model = MaskRCNN(replace(small_settings(3), **{**usual, **changes})).eval()
    state = model.state_dict()
    shapes = [(name, tuple(value.shape)) for name, value in state.items()]
    for name, array in seeded(shapes, 5).items():
        state[name].copy_(torch.from_numpy(array))
    state["roi_heads.box_predictor.cls_score.weight"] *= 0.05
    return model


def _both(model: MaskRCNN, image: Pixels) -> tuple[Detections, Detections]:
    """Found the usual way and with fixed shapes."""
    usual = model.detect([image])[0]
    model.static = StaticDetection(model, record=Tape())
    found = model.detect([image])[0]
    model.static = None
    return usual, found


def _assert_same(found: Detections, usual: Detections, *, masks: float = 1e-5) -> None:
    assert found.class_ids.tolist() == usual.class_ids.tolist()
    np.testing.assert_allclose(found.boxes, usual.boxes, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.scores, usual.scores, rtol=0, atol=1e-6)
    assert (found.masks is None) == (usual.masks is None)
    if found.masks is not None:
        assert found.masks.shape == usual.masks.shape
        np.testing.assert_allclose(found.masks, usual.masks, rtol=0, atol=masks)


@pytest.mark.parametrize("name", ["mask_rcnn_tiny", "faster_rcnn_tiny", "mask_rcnn_lsj_tiny"])
def test_golden_models_find_the_same(
    name: str, golden_model: Callable[[str], MaskRCNN], images: list[Pixels],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    model = golden_model(name)
    monkeypatch.setattr(static_detection.StaticDetection, "_usual", _never)
    for image in images:
        usual, found = _both(model, image)
        assert len(usual) > 0
        _assert_same(found, usual)


def _never(*_: object) -> RawDetections:
    raise AssertionError("an image went the usual way")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"box_is_class_agnostic": True},
        {"mask_is_class_agnostic": True},
        {"mask_on": False},
        {"box_sampling_ratio": 2, "mask_sampling_ratio": 2},
        {"rpn_min_box_px": 12},
        {"detections_per_image": 5},
        {"rpn_pre_nms_test": 60, "rpn_post_nms_test": 5000},  # more than there are
        {"anchor_sizes": ((16.0,), (32.0,), (64.0,), (128.0,), (256.0,))},
        {"score_threshold": 0.999},
    ],
    ids=str,
)
def test_random_models_of_all_kinds_find_the_same(
    changes: dict[str, Any], images: list[Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_detection.StaticDetection, "_usual", _never)
    usual, found = _both(_random_model(**changes), images[0])
    assert (len(usual) == 0) == ("score_threshold" in changes)
    _assert_same(found, usual)


def test_where_all_scores_are_equal_the_order_is_the_same(images: list[Pixels]) -> None:
    model = _random_model()
    with torch.no_grad():
        for layer in (
            model.roi_heads.box_predictor.cls_score,
            model.proposal_generator.rpn_head.objectness_logits,
        ):
            layer.weight.zero_()
            layer.bias.zero_()
    usual, found = _both(model, images[0])
    assert set(usual.scores.tolist()) == {0.25}
    _assert_same(found, usual)


def test_in_half_precision_it_finds_the_same(images: list[Pixels]) -> None:
    usual, found = _both(halved(_random_model()), images[0])
    assert len(usual) > 0
    _assert_same(found, usual, masks=1e-3)


def _inputs(images: Sequence[Pixels], settings: ModelSettings) -> list[Tensor]:
    """Of different sizes, and of one size where they are padded."""
    cut = [image[: 150 + 3 * place, : 190 - 5 * place] for place, image in enumerate(images)]
    return [network_pixels(image, settings) for image in cut]


def _assert_same_raw(found: RawDetections, usual: RawDetections) -> None:
    assert found.classes.tolist() == usual.classes.tolist()
    torch.testing.assert_close(found.boxes, usual.boxes, rtol=0, atol=1e-3)
    torch.testing.assert_close(found.scores, usual.scores, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.masks, usual.masks, rtol=0, atol=1e-4)


@pytest.fixture
def batch_of_three(images: list[Pixels]) -> tuple[MaskRCNN, list[Tensor], list[RawDetections]]:
    """A model, its inputs, and what is in each: alone, the usual way."""
    model = _random_model()
    inputs = _inputs(images[:3], model.settings)
    with torch.inference_mode():
        usual = [model._found([one])[0] for one in inputs]
    assert min(len(one.boxes) for one in usual) > 0
    return model, inputs, usual


def _found(static: StaticDetection, model: MaskRCNN, inputs: list[Tensor]) -> list[RawDetections]:
    batch = normalised_batch(inputs, model.pixel_mean, model.pixel_std)
    with torch.inference_mode():
        return static.found(batch, [(one.shape[1], one.shape[2]) for one in inputs])


def test_images_of_different_sizes_in_one_batch_are_as_each_alone(
    batch_of_three: tuple[MaskRCNN, list[Tensor], list[RawDetections]],
) -> None:
    model, inputs, usual = batch_of_three
    tape = Tape()
    static = StaticDetection(model, record=tape)
    for _ in range(3):  # plainly, recorded, replayed
        for one, other in zip(_found(static, model, inputs), usual, strict=True):
            _assert_same_raw(one, other)
    assert (len(tape.recorded), len(tape.replayed)) == (1, 2)


def test_a_recording_of_one_shape_does_not_spoil_what_another_found(
    batch_of_three: tuple[MaskRCNN, list[Tensor], list[RawDetections]],
) -> None:
    model, inputs, usual = batch_of_three
    static = StaticDetection(model, record=Tape())
    for _ in range(3):
        pair = _found(static, model, inputs[:2])
        single = _found(static, model, inputs[2:])
        for one, other in zip(pair + single, usual, strict=True):
            _assert_same_raw(one, other)


@pytest.fixture
def usual_ways(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The sizes of images that went the usual way as well."""
    sizes: list[tuple[int, int]] = []
    usual = StaticDetection._usual

    def noted(self: StaticDetection, layers: Any, size_hw: tuple[int, int]) -> RawDetections:
        sizes.append(size_hw)
        return usual(self, layers, size_hw)

    monkeypatch.setattr(StaticDetection, "_usual", noted)
    return sizes


def test_more_candidates_than_places_take_the_usual_way_and_only_these(
    batch_of_three: tuple[MaskRCNN, list[Tensor], list[RawDetections]],
    usual_ways: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, inputs, usual = batch_of_three
    counts = [_n_candidates(model, one) for one in inputs]
    most = sorted(counts)[1]
    assert counts.count(max(counts)) == 1
    assert most < max(counts)
    monkeypatch.setattr(static_heads, "MOST_CANDIDATES", most)
    found = _found(StaticDetection(model, record=Tape()), model, inputs)
    crowded = inputs[counts.index(max(counts))]
    assert usual_ways == [(crowded.shape[1], crowded.shape[2])]
    for one, other in zip(found, usual, strict=True):
        _assert_same_raw(one, other)


def _n_candidates(model: MaskRCNN, pixels: Tensor) -> int:
    sizes = [(pixels.shape[1], pixels.shape[2])]
    with torch.inference_mode():
        features = model._features([pixels])
        scores, _ = model.roi_heads._box_outputs(
            features, model.proposal_generator(features, sizes)
        )
    return int((scores.softmax(1)[:, :-1] > model.settings.score_threshold).sum())


@pytest.mark.parametrize("stage", [static_proposals, static_heads])
def test_suppression_that_needs_more_passes_takes_the_usual_way(
    stage: Any,
    batch_of_three: tuple[MaskRCNN, list[Tensor], list[RawDetections]],
    usual_ways: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, inputs, usual = batch_of_three
    too_few = functools.partial(static_nms.kept_greedily, passes=1)
    monkeypatch.setattr(stage, "kept_greedily", too_few)
    found = _found(StaticDetection(model, record=Tape()), model, inputs)
    assert usual_ways
    for one, other in zip(found, usual, strict=True):
        _assert_same_raw(one, other)


def test_it_is_given_up_where_most_images_take_the_usual_way(
    images: list[Pixels], usual_ways: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_heads, "MOST_CANDIDATES", 1)
    monkeypatch.setattr(static_detection, "_PATIENCE", 2)
    model = _random_model()
    usual = model.detect([images[0]])[0]
    model.static = StaticDetection(model, record=Tape())
    for _ in range(4):
        _assert_same(model.detect([images[0]])[0], usual)
    assert len(usual_ways) == 2
    assert not model.static.is_worth_it


def test_weights_that_overflow_find_nothing(images: list[Pixels]) -> None:
    model = _random_model()
    with torch.no_grad():
        for level in range(2, 6):
            model.backbone.get_submodule(f"fpn_output{level}").bias.fill_(torch.nan)
    usual, found = _both(model, images[0])
    assert len(usual) == len(found) == 0
    assert found.masks is not None
    assert found.masks.shape == (0, 28, 28)


class _FullWhile:
    """Fails as a full GPU does, while something holds."""

    def __init__(self, model: MaskRCNN, holds: Callable[[], bool]) -> None:
        self.failed = 0
        self._holds = holds
        model.roi_heads.box_head.register_forward_pre_hook(self._take)

    def _take(self, *_: object) -> None:
        if self._holds():
            self.failed += 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")


def test_recordings_are_let_go_where_their_memory_is_needed(
    batch_of_three: tuple[MaskRCNN, list[Tensor], list[RawDetections]],
) -> None:
    model, inputs, usual = batch_of_three
    tape = Tape()
    static = StaticDetection(model, record=tape)
    full = _FullWhile(model, lambda: static._layers.holds_memory)
    for _ in range(3):
        for one, other in zip(_found(static, model, inputs), usual, strict=True):
            _assert_same_raw(one, other)
    assert (full.failed, len(tape.recorded)) == (1, 1)


def test_too_little_memory_without_recordings_is_told(
    batch_of_three: tuple[MaskRCNN, list[Tensor], list[RawDetections]],
) -> None:
    model, inputs, _ = batch_of_three
    full = _FullWhile(model, lambda: True)
    with pytest.raises(torch.OutOfMemoryError):
        _found(StaticDetection(model, record=Tape()), model, inputs)
    assert full.failed == 1


@pytest.mark.parametrize(
    "changes",
    [{"detections_per_image": -1}, {"rpn_pre_nms_test": 6000}, {"detections_per_image": 5000}],
    ids=str,
)
def test_without_a_bound_it_does_not_suit(changes: dict[str, Any]) -> None:
    assert suits(small_settings(3))
    assert not suits(replace(small_settings(3), **changes))


def test_a_cpu_goes_on_as_it_did() -> None:
    assert without_waiting(_random_model()).static is None


@pytest.mark.parametrize("exact", [True, False])
def test_an_engine_detects_this_way_unless_it_is_to_be_exact(
    golden: Path, monkeypatch: pytest.MonkeyPatch, *, exact: bool
) -> None:
    asked: list[MaskRCNN] = []

    def noted(model: MaskRCNN) -> MaskRCNN:
        asked.append(model)
        return model

    monkeypatch.setattr(static_detection, "without_waiting", noted)
    weights = str(golden / "mask_rcnn_tiny.pth")
    maskrcnn.load(EngineConfig(weights, device="cpu", exact=exact))
    assert len(asked) == (0 if exact else 1)
