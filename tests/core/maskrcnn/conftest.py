"""Golden models and images, on one thread."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from core.maskrcnn.checkpoint import load_into, read_weights
from core.maskrcnn.config import ModelSettings, settings_from_yaml
from core.maskrcnn.model import MaskRCNN

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(autouse=True)
def _on_one_thread(one_thread: None) -> None:
    pass


@pytest.fixture
def golden() -> Path:
    return GOLDEN


@pytest.fixture
def golden_settings() -> Callable[[str], ModelSettings]:
    return lambda name: settings_from_yaml((GOLDEN / f"{name}.yaml").read_text())


@pytest.fixture
def golden_model(golden_settings: Callable[[str], ModelSettings]) -> Callable[..., MaskRCNN]:
    def model(name: str, suffix: str = ".pth") -> MaskRCNN:
        made = MaskRCNN(golden_settings(name))
        load_into(made, read_weights(GOLDEN / (name + suffix)))
        return made

    return model


@pytest.fixture
def golden_image() -> Callable[[str], npt.NDArray[np.uint8]]:
    def image(name: str) -> npt.NDArray[np.uint8]:
        with Image.open(GOLDEN / "images" / name) as opened:
            return np.asarray(opened.convert("RGB"))

    return image
