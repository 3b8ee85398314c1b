"""Weights of one byte a number."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.errors import AppError
from core.maskrcnn.checkpoint import load_into, save_whole
from core.maskrcnn.config import standard_settings
from core.maskrcnn.eight_bits import in_eight_bits, in_floats
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.weights_file import read_weights

FILE = Path("model.pth")
Model = Callable[[str], MaskRCNN]


def plain(model: MaskRCNN) -> dict[str, torch.Tensor]:
    return {name: value.detach() for name, value in model.state_dict().items()}


def steps_of(small: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    return small[f"{name}.scale"]


def test_each_number_comes_back_within_a_step_of_its_output(golden_model: Model) -> None:
    state = plain(golden_model("mask_rcnn_tiny"))
    small = in_eight_bits(state)
    back = in_floats(FILE, small)
    assert set(back) == set(state)
    for name, value in state.items():
        if value.dim() < 2:
            assert torch.equal(back[name], value)
        elif f"{name}.scale" in small:
            step = steps_of(small, name)
            axis = 1 if ".deconv." in name else 0
            others = [one for one in range(value.dim()) if one != axis]
            torch.testing.assert_close(step, value.abs().amax(dim=others, keepdim=True) / 127)
            assert ((back[name] - value).abs() <= step).all(), name
        else:
            torch.testing.assert_close(back[name].float(), value, atol=1e-7, rtol=1e-3)


def test_the_errors_of_an_output_cancel_out(golden_model: Model) -> None:
    state = plain(golden_model("mask_rcnn_tiny"))
    small = in_eight_bits(state)
    back = in_floats(FILE, small)
    for name in (name.removesuffix(".int8") for name in small if name.endswith(".int8")):
        axis = 1 if ".deconv." in name else 0
        others = [one for one in range(state[name].dim()) if one != axis]
        left = (back[name] - state[name]).sum(dim=others, keepdim=True) / steps_of(small, name)
        assert left.abs().max() < 0.51, name


def test_layers_that_answer_stay_in_half_precision(golden_model: Model) -> None:
    small = in_eight_bits(plain(golden_model("mask_rcnn_tiny")))
    kept = {name for name, value in small.items() if value.dtype == torch.float16}
    assert kept >= {
        f"{layer}.weight"
        for layer in (
            "proposal_generator.rpn_head.objectness_logits",
            "proposal_generator.rpn_head.anchor_deltas",
            "roi_heads.box_predictor.cls_score",
            "roi_heads.box_predictor.bbox_pred",
            "roi_heads.mask_head.predictor",
        )
    }


def test_the_smallest_layers_stay_in_half_precision_up_to_a_fifth_of_all(
    golden_model: Model,
) -> None:
    state = plain(golden_model("mask_rcnn_tiny"))
    small = in_eight_bits(state)
    whole = [value.numel() for value in small.values() if value.dtype == torch.int8]
    answers = ("cls_score", "bbox_pred", "mask_head.predictor", "objectness", "anchor_deltas")
    kept = [
        value.numel()
        for name, value in small.items()
        if value.dtype == torch.float16 and not any(one in name for one in answers)
    ]
    assert max(kept) <= min(whole)
    assert 0.1 < sum(kept) / (sum(kept) + sum(whole)) <= 0.2


def test_an_r50_of_four_classes_has_45_mb_in_8_bits() -> None:
    with torch.device("meta"):
        named = MaskRCNN(standard_settings(50, num_classes=4)).state_dict()
    state = {name: torch.zeros(value.shape, dtype=value.dtype) for name, value in named.items()}
    small = in_eight_bits(state)
    # What the file has beside it is 0.2 MB of names.
    assert sum(value.numel() * value.element_size() for value in small.values()) < 44.75e6
    assert small["backbone.bottom_up.stem.conv1.weight"].dtype == torch.float16
    assert "backbone.bottom_up.res4.0.conv1.weight.int8" in small


def test_no_parameter_of_8_bits_has_a_name_that_detectron2_would_load(
    golden_model: Model,
) -> None:
    small = in_eight_bits(plain(golden_model("mask_rcnn_tiny")))
    whole = {name for name, value in small.items() if value.dtype == torch.int8}
    assert whole
    assert all(name.endswith(".weight.int8") for name in whole)
    assert not {name.removesuffix(".int8") for name in whole} & set(small)


def test_a_file_of_8_bits_is_read_as_any_other(golden_model: Model, tmp_path: Path) -> None:
    model = golden_model("mask_rcnn_tiny")
    file = tmp_path / "small.pth"
    names = ["disc", "square", "star", "blob", "bar"]
    save_whole(file, {"model": in_eight_bits(plain(model)), "class_names": names})
    read = read_weights(file)
    assert read.class_names == tuple(names)
    assert all(value.dtype != torch.int8 for value in read.state.values())
    load_into(MaskRCNN(model.settings), read)


def test_an_output_without_any_weight_stays_zero() -> None:
    state = {"a.weight": torch.tensor([[0.0, 0.0], [1.0, -2.0]])}
    small = in_eight_bits(state)
    assert small["a.weight.int8"].dtype == torch.int8
    assert torch.equal(in_floats(FILE, small)["a.weight"][0], torch.zeros(2))


WHOLE = torch.ones(2, 3, dtype=torch.int8)
BROKEN = {
    "no scale": {"a.int8": WHOLE},
    "a scale that would unfold it": {"a.int8": WHOLE, "a.scale": torch.ones(1000, 2, 3)},
    "a scale of another shape": {"a.int8": WHOLE, "a.scale": torch.ones(3, 1)},
    "a scale of another type": {"a.int8": WHOLE, "a.scale": WHOLE},
    "numbers of another type": {"a.int8": WHOLE.float(), "a.scale": torch.ones(2, 1)},
    "the parameter twice": {"a.int8": WHOLE, "a.scale": torch.ones(2, 1), "a": WHOLE.float()},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_numbers_and_scales_that_do_not_go_together_are_refused(kind: str) -> None:
    with pytest.raises(AppError, match="do not go together"):
        in_floats(FILE, BROKEN[kind])


def test_scales_that_are_no_numbers_are_refused(golden_model: Model, tmp_path: Path) -> None:
    model = golden_model("mask_rcnn_tiny")
    small = in_eight_bits(plain(model))
    next(value for name, value in small.items() if name.endswith(".scale")).fill_(float("nan"))
    save_whole(tmp_path / "small.pth", {"model": small})
    with pytest.raises(AppError, match="not finite"):
        load_into(MaskRCNN(model.settings), read_weights(tmp_path / "small.pth"))
