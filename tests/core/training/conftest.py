"""Drawn images with labels: bright boxes and discs on a dark ground, told apart by colour."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.configs import TrainConfig
from core.maskrcnn.config import settings_to_yaml
from core.run_folder import RunFolder, Snapshot, SnapshotImage
from core.types import ImageLabels, ImageState, Instance, LabelClass, Part, Split
from tests.core.training.small_runs import model_settings

torch.set_num_threads(1)

CLASSES = (LabelClass(3, "box", "#ff0000"), LabelClass(1, "disc", "#00ff00"))


def _image(rng: np.random.Generator, side: int) -> tuple[np.ndarray, tuple[Instance, ...]]:
    pixels = rng.integers(0, 40, (side, side, 3), dtype=np.uint8)
    instances = []
    for place, corner in enumerate(rng.permutation(4)[:2]):
        half, radius = side // 2, int(rng.integers(side // 8, side // 5))
        centre = np.array([corner % 2, corner // 2]) * half + half / 2 + rng.uniform(-4, 4, 2)
        is_box = (place + int(corner)) % 2 == 0
        turns = np.arange(4) / 4 + 1 / 8 if is_box else np.arange(24) / 24
        size = radius * (np.sqrt(2) if is_box else 1)
        angles = 2 * np.pi * turns
        ring = centre + size * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        y, x = np.mgrid[:side, :side] + 0.5
        distance = np.abs(np.stack([x - centre[0], y - centre[1]]))
        inside = (distance.max(0) if is_box else np.hypot(*distance)) < radius
        pixels[inside] = (230, 60, 50) if is_box else (60, 210, 80)
        class_id = CLASSES[0 if is_box else 1].id
        instances.append(Instance(f"{place}", class_id, (Part(ring),)))
    return pixels, tuple(instances)


def draw_snapshot(folder: Path, n_train: int, n_val: int, side: int = 96) -> Snapshot:
    """A snapshot of images drawn into the folder."""
    rng, images = np.random.default_rng(0), []
    folder.mkdir(exist_ok=True)
    for number in range(n_train + n_val):
        pixels, instances = _image(rng, side)
        file = folder / f"{number:03}.png"
        Image.fromarray(pixels).save(file)
        labels = ImageLabels((side, side), instances, ImageState.DONE)
        split = Split.TRAIN if number < n_train else Split.VAL
        images.append(SnapshotImage(file.name, str(file), split, labels))
    return Snapshot(CLASSES, tuple(images))


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[[int, int], Snapshot]:
    """Draws a snapshot of so many images to train on and so many to measure on."""
    return lambda n_train, n_val: draw_snapshot(tmp_path / "photos", n_train, n_val)


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    """A few small steps from scratch."""
    model = tmp_path / "model.yaml"
    model.write_text(settings_to_yaml(model_settings(64), class_names=()))
    return TrainConfig(
        "photos", model_config=str(model), iterations=6, batch_size=2, evaluate_every=3, threads=1
    )


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")
