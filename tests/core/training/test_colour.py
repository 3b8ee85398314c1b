import numpy as np
import numpy.typing as npt
import pytest

from core.training.colour import recoloured

_LUMA = (0.299, 0.587, 0.114)


def _pixels() -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (17, 23, 3), dtype=np.uint8)


def test_factors_of_one_give_the_same_image() -> None:
    pixels = _pixels()
    assert recoloured(pixels, (1.0, 1.0, 1.0)) is pixels


@pytest.mark.parametrize("factors", [(0.7, 1.3, 0.6), (1.4, 0.6, 1.4), (1.0, 1.0, 0.0)])
def test_brightness_contrast_and_saturation_come_in_this_order(
    factors: tuple[float, float, float],
) -> None:
    brightness, contrast, saturation = factors
    wanted = _pixels() * brightness
    wanted = contrast * wanted + (1 - contrast) * (wanted @ _LUMA).mean()
    wanted = saturation * wanted + (1 - saturation) * (wanted @ _LUMA)[..., None]
    got = recoloured(_pixels(), factors)
    assert np.abs(got - np.clip(wanted, 0, 255)).max() < 0.9  # OpenCV rounds the factors too


def test_no_saturation_leaves_the_grey_of_rgb() -> None:
    red = np.full((2, 2, 3), (255, 0, 0), np.uint8)
    assert recoloured(red, (1.0, 1.0, 0.0)).tolist() == np.full((2, 2, 3), 76).tolist()


def test_bright_colours_stop_at_255() -> None:
    bright = np.full((2, 2, 3), 200, np.uint8)
    assert recoloured(bright, (1.5, 1.0, 1.0)).tolist() == np.full((2, 2, 3), 255).tolist()
