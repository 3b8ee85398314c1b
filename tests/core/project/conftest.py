"""A folder of drawn images, and values to put into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.project import Project
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache, of this test alone; child processes have it too."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setattr("core.project.project.user_cache_folder", lambda: folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for images."""
    made = tmp_path / "photos"
    made.mkdir()
    return made


def _drawn(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    image = cv2.resize(coarse, (80, 60), interpolation=cv2.INTER_CUBIC)
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


@pytest.fixture
def draw() -> Callable[..., Path]:
    """`draw(path, seed)`: writes a picture of 80 x 60 pixels, another for each seed."""
    return _drawn


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    """The folder with a.png, b.png and c.png, opened for writing."""
    for seed, name in enumerate(("a.png", "b.png", "c.png")):
        _drawn(folder / name, seed)
    opened = Project.open(folder)
    assert list(opened.scan()) == [("a.png", "b.png", "c.png")]
    yield opened
    opened.close()


def _instance(name: str, class_id: int = 1, **others: object) -> Instance:
    x = 1.0 + sum(name.encode()) % 50
    square = Part([[x, 2], [x + 20, 2], [x + 20, 30], [x, 30]])
    return Instance(name, class_id, (square,), **others)  # type: ignore[arg-type]  # a shorthand


@pytest.fixture
def instance() -> Callable[..., Instance]:
    """`instance(id, class_id, **fields)`: a rectangle whose place depends on its id."""
    return _instance


@pytest.fixture
def predicted() -> Callable[..., Instance]:
    """The same, as a model would give it."""
    return lambda name, class_id=1: _instance(
        name, class_id, state=InstanceState.PREDICTED, score=0.75, source="weights"
    )


@pytest.fixture
def labels() -> Callable[..., ImageLabels]:
    """`labels(instance, ..., state)`: of one of the pictures."""
    return lambda *instances, state=ImageState.STARTED: ImageLabels((60, 80), instances, state)
