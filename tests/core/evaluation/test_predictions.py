"""Files on their way to an engine and back."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from core.evaluation.predictions import NotesOf, detections_of_files
from core.events import Noted
from core.types import Detections, Problem


class Counting:
    """Says how wide each image is by the number of its detections."""

    class_names = ("disc",)

    def __init__(self, device: str) -> None:
        self.device = device
        self.notes: tuple[str, ...] = ("loaded",)
        self.at_once: list[int] = []

    def predict(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        self.at_once.append(len(images))
        return [_of_width(image.shape[1], image.shape[:2]) for image in images]


def _of_width(n: int, size_hw: tuple[int, int]) -> Detections:
    boxes, scores = np.zeros((n, 4), np.float32), np.zeros(n, np.float32)
    return Detections(size_hw, boxes, scores, np.zeros(n, np.int64), None)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"{width}.png" for width in range(1, 12)]
    for width, file in enumerate(made, start=1):
        cv2.imwrite(str(file), np.zeros((3, width, 3), np.uint8))
    made[4].write_bytes(b"no image")
    return made


@pytest.mark.parametrize(("device", "at_once"), [("cpu", [1] * 10), ("cuda:0", [4, 3, 3])])
def test_each_file_gets_what_was_seen_in_it_in_order(
    files: list[Path], device: str, at_once: list[int]
) -> None:
    engine = Counting(device)
    found = list(detections_of_files(engine, files))
    assert [file for file, _ in found] == files
    assert isinstance(found[4][1], Problem)
    seen = [len(one) for _, one in found if isinstance(one, Detections)]
    assert seen == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert engine.at_once == at_once


def test_files_that_cannot_be_read_ask_nothing_of_the_engine(files: list[Path]) -> None:
    engine = Counting("cuda:0")
    assert isinstance(next(iter(detections_of_files(engine, [files[4]])))[1], Problem)
    assert engine.at_once == []


def test_notes_are_said_once_also_those_that_come_later() -> None:
    engine = Counting("cpu")
    notes = NotesOf(engine)
    assert list(notes.new()) == [Noted("loaded", lasts=True)]
    engine.notes += ("less memory",)
    assert [one.sentence for one in notes.new()] == ["less memory"]
    assert list(notes.new()) == []
