"""Too little memory: the model's backbone fails as on a full GPU where it is given too much."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
import torch

from core.maskrcnn.memory import WithinMemory, is_out_of_memory
from core.maskrcnn.model import MaskRCNN
from core.types import Detections

Pixels = npt.NDArray[np.uint8]


class _Full:
    """A model in a memory that holds so many images of the usual size at once."""

    def __init__(self, model: MaskRCNN, *, room: float) -> None:
        self.tried: list[tuple[int, float]] = []
        self._model, self._room, self._asked = model, room, 0.0
        model.backbone.register_forward_pre_hook(self._take)

    def detect(self, images: Sequence[Pixels], scale: float) -> list[Detections]:
        self.tried.append((len(images), scale))
        self._asked = len(images) * scale**2
        return self._model.detect(images, scale=scale)

    def _take(self, *_: object) -> None:
        if self._asked > self._room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")


@pytest.fixture
def images(golden_image: Callable[[str], Pixels]) -> list[Pixels]:
    names = ("odd_319x241.png", "tall_187x333.png", "wide_333x200.png")
    return [golden_image(names[place % 3]) for place in range(5)]


@pytest.fixture
def model(golden_model: Callable[[str], MaskRCNN]) -> MaskRCNN:
    return golden_model("mask_rcnn_tiny")


def test_a_batch_is_halved_until_it_fits_and_results_keep_their_order(
    model: MaskRCNN, images: list[Pixels]
) -> None:
    wanted = model.detect(images)
    full = _Full(model, room=1.5)
    found, said = WithinMemory(full.detect, device="cuda:0").detect(images)
    assert full.tried == [(5, 1.0), (2, 1.0), *[(1, 1.0)] * 5]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one.boxes, other.boxes)
    assert "had too little memory" in said
    assert "1 at a time." in said


def test_a_single_image_that_does_not_fit_is_looked_at_smaller(
    model: MaskRCNN, images: list[Pixels]
) -> None:
    full = _Full(model, room=0.6)
    found, said = WithinMemory(full.detect, device="cuda:0").detect(images[:1])
    assert full.tried == [(1, 1.0), (1, 0.75)]
    assert found[0].size_hw == images[0].shape[:2]
    assert found[0].boxes[:, 2].max() > images[0].shape[1] / 2  # in pixels of the image itself
    assert "at 75 % of the usual size." in said


def test_what_follows_starts_where_it_fitted_and_nothing_is_said_again(
    model: MaskRCNN, images: list[Pixels]
) -> None:
    full = _Full(model, room=0.6)
    within = WithinMemory(full.detect, device="cuda:0")
    _, said = within.detect(images[:2])
    assert "1 at a time, and at 75 %" in said
    full.tried.clear()
    found, said = within.detect(images[:3])
    assert (len(found), said) == (3, "")
    assert full.tried == [(1, 0.75)] * 3


def test_the_last_rung_raises_what_was_wrong(model: MaskRCNN, images: list[Pixels]) -> None:
    full = _Full(model, room=0.1)
    with pytest.raises(torch.OutOfMemoryError):
        WithinMemory(full.detect, device="cuda:0").detect(images[:1])
    assert full.tried == [(1, 1.0), (1, 0.75), (1, 0.5)]


def test_another_error_is_no_reason_to_take_less(images: list[Pixels]) -> None:
    tried = []

    def broken(some: Sequence[Pixels], scale: float) -> list[Detections]:
        tried.append((len(some), scale))
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        WithinMemory(broken, device="cpu").detect(images)
    assert tried == [(5, 1.0)]


@pytest.mark.parametrize(
    ("error", "is_it"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (MemoryError(), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("not enough memory"), False),
    ],
)
def test_a_lack_of_memory_has_many_names(error: Exception, *, is_it: bool) -> None:
    assert is_out_of_memory(error) is is_it
