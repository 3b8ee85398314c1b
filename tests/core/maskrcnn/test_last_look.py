"""Whether an image is looked at again."""

import gc
import hashlib
import weakref
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from core.maskrcnn.last_look import LastLook

Pixels = npt.NDArray[np.uint8]


class _Look:
    """Of one image; counts those that there are."""

    alive: ClassVar[weakref.WeakSet["_Look"]] = weakref.WeakSet()

    def __init__(self, image: Pixels) -> None:
        gc.collect()
        assert not self.alive, "two of them need not fit in the memory"
        self.alive.add(self)
        self.grey = int(image[0, 0, 0])


def _image(grey: int = 7, size_hw: tuple[int, int] = (4, 6)) -> Pixels:
    return np.full((*size_hw, 3), grey, np.uint8)


def test_the_same_pixels_are_looked_at_once() -> None:
    last = LastLook(_Look)
    image = _image()
    assert last.of(image) is last.of(image)
    assert last.of(image.copy()) is last.of(image[::-1])  # however they lie in the memory


@pytest.mark.parametrize("other", [_image(8), _image(size_hw=(6, 4))])
def test_other_pixels_are_looked_at_once_the_first_are_forgotten(other: Pixels) -> None:
    last = LastLook(_Look)
    last.of(_image())
    assert last.of(other).grey == other[0, 0, 0]
    assert last.of(_image()).grey == 7


def test_what_changed_in_its_place_is_looked_at_again() -> None:
    last, image = LastLook(_Look), _image()
    last.of(image)
    image[0, 0] = 9
    assert last.of(image).grey == 9


def test_an_array_that_nobody_can_write_to_is_known_without_looking_at_its_pixels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashed = []
    usual = hashlib.blake2b
    monkeypatch.setattr(hashlib, "blake2b", lambda data: hashed.append(1) or usual(data))
    last, image, other = LastLook(_Look), _image(), _image(8)
    image.flags.writeable = other.flags.writeable = False
    assert last.of(image) is last.of(image)
    assert len(hashed) == 1
    assert last.of(other).grey == 8
    assert last.of(image).grey == 7


def test_what_is_forgotten_leaves_the_memory() -> None:
    last = LastLook(_Look)
    last.of(_image())
    last.forget()
    gc.collect()
    assert not _Look.alive


def test_nothing_is_kept_of_an_image_that_failed() -> None:
    tried = []

    def fail(image: Pixels) -> None:
        tried.append(image)
        raise MemoryError

    last = LastLook(fail)
    for _ in range(2):
        with pytest.raises(MemoryError):
            last.of(_image())
    assert len(tried) == 2


def test_what_is_no_look_is_kept_too() -> None:
    looked_at = []
    last = LastLook(looked_at.append)
    assert [last.of(_image()), last.of(_image())] == [None, None]
    assert len(looked_at) == 1
