"""Crops: the square around an instance, with its outline where it lies in the picture."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from core.project import Project
from core.types import ImageLabels, Instance, Part
from gui.canvas.crops import CropMaker, crop_of, window_of

BLUE = QColor("#0000ff")


def square(x: float, y: float, side: float) -> Instance:
    return Instance("a", 1, (Part([[x, y], [x + side, y], [x + side, y + side], [x, y + side]]),))


def pixel(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    colour = QColor(image.pixel(x, y))
    return colour.red(), colour.green(), colour.blue()


def picture() -> np.ndarray:
    """Red with a green square from (40, 20), 20 on a side."""
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[..., 0] = 255
    pixels[20:40, 40:60] = (0, 255, 0)
    return pixels


def test_the_square_around_it_has_some_of_the_picture_on_each_side() -> None:
    assert window_of(square(40, 20, 20)) == pytest.approx((33, 13, 34))


def test_a_tiny_one_is_shown_with_what_lies_around_it() -> None:
    assert window_of(square(40, 20, 2)) == pytest.approx((29, 9, 24))


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_the_instance_is_in_the_middle_and_its_outline_on_its_border(scale: float) -> None:
    pixels = picture() if scale == 1 else np.ascontiguousarray(picture()[::2, ::2])
    image = crop_of(pixels, square(40, 20, 20), scale=scale, side_px=136, colour=BLUE)
    assert (image.width(), image.height()) == (136, 136)
    assert pixel(image, 68, 68) == (0, 255, 0)
    assert pixel(image, 8, 8) == (255, 0, 0)
    # 7 of 34 pixels from the left, and less where the picture has no half pixels
    border = 28 if scale == 1 else 32
    assert pixel(image, border, 68)[2] > 100


def test_beyond_the_picture_it_is_grey() -> None:
    image = crop_of(picture(), square(0, 0, 20), scale=1, side_px=136, colour=BLUE)
    assert pixel(image, 4, 4) == (128, 128, 128)


def test_one_far_off_the_picture_is_grey_all_over() -> None:
    image = crop_of(picture(), square(900, 900, 20), scale=1, side_px=64, colour=BLUE)
    assert pixel(image, 32, 32) == (128, 128, 128)


def test_crops_of_an_image_come_with_those_that_are_gone_empty(folder: Path) -> None:
    project = Project.open(folder)
    red = project.add_class("red")
    one = Instance("a", red.id, square(13, 18, 24).parts)
    project.write("img_0.png", ImageLabels((90, 120), (one,)), stamp="")
    crops = list(CropMaker(project).crops("img_0.png", ["a", "b"], side_px=64, colours={}))
    assert [(crop.instance_id, crop.image is None) for crop in crops] == [("a", False), ("b", True)]
    project.close()


def test_an_image_that_cannot_be_read_has_no_crops(folder: Path) -> None:
    project = Project.open(folder)
    (folder / "img_0.png").write_bytes(b"no image")
    (crop,) = CropMaker(project).crops("img_0.png", ["a"], side_px=64, colours={})
    assert crop.image is None
    project.close()
