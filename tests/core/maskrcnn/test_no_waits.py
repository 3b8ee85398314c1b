"""Detecting with fixed shapes makes the host wait for the device once, at the end.

Of a GPU there is only what torch itself knows of one: tensors without values that say they lie
there, and refuse what needs values or lies elsewhere.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import DynamicOutputShapeException, FakeTensorMode

from core.maskrcnn.config import small_settings
from core.maskrcnn.fold import halved
from core.maskrcnn.model import MaskRCNN
from core.maskrcnn.static_detection import StaticDetection, without_waiting
from tests.core.maskrcnn.tape import Tape
from tests.core.maskrcnn.waits import Waits, aten, is_between_devices

SIZES_HW = [(90, 120), (96, 128)]


def _model(**changes: Any) -> MaskRCNN:
    torch.manual_seed(0)
    settings = replace(
        small_settings(3), rpn_pre_nms_test=50, rpn_post_nms_test=30, score_threshold=0.1, **changes
    )
    return MaskRCNN(settings).eval()


@pytest.fixture
def batch() -> Tensor:
    torch.manual_seed(1)
    return torch.randn(2, 3, 96, 128) * 50


MODELS = pytest.mark.parametrize(
    "changes", [{}, {"mask_on": False}, {"box_is_class_agnostic": True}], ids=str
)


@MODELS
def test_nothing_is_read_before_the_end(batch: Tensor, changes: dict[str, Any]) -> None:
    model = _model(**changes)
    static = StaticDetection(model, record=Tape())
    with torch.no_grad(), Waits() as waits:
        found = static.found(batch, SIZES_HW)
    assert min(len(one.boxes) for one in found) > 0
    assert waits.n_ops > 100
    assert waits.seen == []


def test_the_usual_way_is_seen_to_wait(batch: Tensor) -> None:
    model = _model()
    with torch.no_grad(), Waits() as waits:
        proposals = model.proposal_generator(model.backbone(batch), SIZES_HW)
        model.roi_heads(model.backbone(batch), proposals, SIZES_HW)
    kinds = set(waits.seen)
    assert {"aten.index.Tensor", "aten.nonzero.default", "torchvision.nms.default"} <= kinds
    assert "aten.lift_fresh.default" in kinds
    assert len(waits.seen) > 20


@pytest.mark.parametrize(
    "wait",
    [
        lambda x: x[x > 0],
        lambda x: x.masked_select(x > 0),
        lambda x: x.unique(),
        lambda x: x.sum().item(),
        lambda x: bool((x > 0).any()),
        lambda x: torch.where(x > 0, x, 0.0),
        lambda x: x.new_tensor([1.0]),
        lambda x: x.index_put_((x > 0,), x.new_zeros(())),
        lambda x: torch.repeat_interleave(torch.ones(3, dtype=torch.int64)),
        lambda x: torch.equal(x, x),
    ],
)
def test_each_kind_of_waiting_is_seen(wait: Any) -> None:
    with torch.no_grad(), Waits() as waits:
        x = torch.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 1))
        assert waits.seen == []
        wait(x)
    assert waits.seen


class _ReadByTheHostError(Exception):
    pass


class _UntilRead(Waits):
    """Stops at the first copy from the GPU; notes what is copied to it."""

    def __init__(self) -> None:
        super().__init__()
        self.copied: list[tuple[torch.dtype, tuple[int, ...]]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if is_between_devices(func, args, kwargs) and args[0].device.type == "cuda":
            raise _ReadByTheHostError(tuple(args[0].shape))
        if is_between_devices(func, args, kwargs):
            self.copied.append((args[0].dtype, tuple(args[0].shape)))
        return super().__torch_dispatch__(func, types, args, kwargs)


@pytest.mark.parametrize(
    ("changes", "in_half", "n_before"),
    [
        ({}, True, 0),
        ({}, True, 1),
        ({}, True, 2),
        ({"mask_on": False}, False, 2),
        ({"box_is_class_agnostic": True}, True, 1),
    ],
)
def test_on_a_gpu_the_first_thing_read_is_all_that_was_found(
    changes: dict[str, Any], n_before: int, *, in_half: bool
) -> None:
    model = _model(**changes)
    with torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True) as mode:
        on_gpu = _as_on_gpu(halved(model) if in_half else model, mode)
        static = StaticDetection(on_gpu, record=Tape())
        batch = torch.empty(2, 3, 96, 128, device="cuda", dtype=on_gpu.precision)
        for _ in range(n_before):  # so that it is computed plainly, recorded, replayed
            static._layers(batch)
        watch = _UntilRead()
        with watch, pytest.raises(_ReadByTheHostError) as caught:
            static.found(batch, SIZES_HW)
    of_each = 6 + (28 * 28 if model.settings.mask_on else 0)
    assert caught.value.args == ((2, 2 + 30 * 3 * of_each),)  # 30 proposals of 3 classes
    assert watch.n_ops > 100
    assert watch.seen == []


def test_on_a_gpu_the_usual_way_asks_how_much_is_left() -> None:
    model = _model()
    with torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True) as mode:
        on_gpu = _as_on_gpu(model, mode)
        batch = torch.empty(2, 3, 96, 128, device="cuda")
        features = on_gpu.backbone(batch)
        with Waits() as waits, pytest.raises(DynamicOutputShapeException):
            on_gpu.proposal_generator(features, SIZES_HW)
    assert waits.seen


def _as_on_gpu(model: MaskRCNN, mode: FakeTensorMode) -> MaskRCNN:
    """The model with parameters and buffers that say they lie on a GPU."""

    def there(value: Tensor) -> Tensor:
        return mode.from_tensor(value.detach()).to("cuda")

    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            module._parameters[name] = nn.Parameter(there(parameter), requires_grad=False)
        for name, buffer in module.named_buffers(recurse=False):
            module._buffers[name] = there(buffer)
    assert model.device.type == "cuda"
    return model


def test_a_model_on_a_gpu_detects_this_way() -> None:
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        assert without_waiting(_as_on_gpu(_model(), mode)).static is not None
        unbounded = _as_on_gpu(_model(detections_per_image=-1), mode)
        assert without_waiting(unbounded).static is None


def test_copies_to_the_device_are_seen() -> None:
    with FakeTensorMode():
        there = torch.empty(2, device="cuda")
        here = torch.empty(2)
        assert is_between_devices(aten._to_copy.default, (here,), {"device": there.device})
        assert not is_between_devices(aten._to_copy.default, (here,), {"dtype": torch.half})
        assert is_between_devices(aten.copy_.default, (there, here), {})


def test_on_a_gpu_images_are_detected_in_without_waiting_from_their_bytes_on() -> None:
    detect = MaskRCNN.detect.__wrapped__  # without inference mode, see Waits
    model = halved(_model(min_size_test=0))
    with torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True) as mode:
        on_gpu = without_waiting(_as_on_gpu(model, mode))
        images = [np.zeros((96, 128, 3), np.uint8)] * 2
        with _UntilRead() as watch, pytest.raises(_ReadByTheHostError) as caught:
            detect(on_gpu, images)
    assert caught.value.args == ((2, 2 + 30 * 3 * (6 + 28 * 28)),)
    assert watch.copied == [(torch.uint8, (96, 128, 3))] * 2 + [(torch.float32, (2, 4))]
