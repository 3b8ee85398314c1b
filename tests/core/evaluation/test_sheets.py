"""Sheets: which images are on them, what is drawn, and which folders they may go to."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.errors import AppError
from core.evaluation.matching import matches_of
from core.evaluation.sheet_drawing import SIDE_PX, Row, Shape, row_picture
from core.evaluation.sheets import (
    CONTENTS,
    Compared,
    n_sheets,
    require_folder_for_sheets,
    write_sheets,
)
from core.evaluation.sides import sides_of
from core.types import Part

SIDE = 100
PINK = (255, 0, 255)


def compared(folder: Path, *, images: int = 6, threshold: float = 0.5) -> Compared:
    """Grey images with one labelled square each; of image n, n wrong detections are seen too."""
    folder.mkdir(exist_ok=True)
    files = {}
    for number in range(images):
        file = folder / f"{number}.png"
        cv2.imwrite(str(file), np.full((SIDE, SIDE, 3), 128, np.uint8))
        files[file.name] = file
    truth = {
        "images": [
            {"id": n, "file_name": f"{n}.png", "width": SIDE, "height": SIDE} for n in range(images)
        ],
        "categories": [{"id": 1, "name": "nut"}],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "segmentation": [square(20)]}
            for n in range(images)
        ],
    }
    found: list[dict[str, Any]] = []
    for number in range(images):
        found.append(detection(number, 20, 0.9))
        found += [detection(number, 60, 0.8) for _ in range(number)]
        found.append(detection(number, 60, 0.3))
    sides = sides_of(truth, found)
    return Compared(sides, matches_of(sides), files, ["#ff00ff"], threshold)


def square(x: int) -> list[int]:
    return [x, 20, x + 30, 20, x + 30, 50, x, 50]


def detection(image: int, x: int, score: float) -> dict[str, Any]:
    return {"image_id": image, "category_id": 1, "score": score, "segmentation": [square(x)]}


def on_sheets(folder: Path, kind: str) -> list[str]:
    contents = json.loads((folder / CONTENTS).read_text())
    return [name for file, names in contents.items() if file.startswith(kind) for name in names]


def test_the_worst_come_first_and_what_is_right_is_not_among_them(tmp_path: Path) -> None:
    list(write_sheets(tmp_path / "s", compared(tmp_path / "i"), n_images=9))
    assert on_sheets(tmp_path / "s", "worst") == ["5.png", "4.png", "3.png", "2.png", "1.png"]


def test_below_the_threshold_nothing_is_wrong(tmp_path: Path) -> None:
    everything = compared(tmp_path / "i", threshold=0.1)
    list(write_sheets(tmp_path / "s", everything, n_images=9))
    assert len(on_sheets(tmp_path / "s", "worst")) == 6


def test_random_images_are_as_many_as_wished_and_the_same_again(tmp_path: Path) -> None:
    for place in ("s", "again"):
        list(write_sheets(tmp_path / place, compared(tmp_path / "i"), n_images=3))
    chosen = on_sheets(tmp_path / "s", "random")
    assert len(set(chosen)) == 3
    assert on_sheets(tmp_path / "again", "random") == chosen


def test_a_sheet_is_a_picture_of_four_rows(tmp_path: Path) -> None:
    several = compared(tmp_path / "i")
    sheets = list(write_sheets(tmp_path / "s", several, n_images=9))
    assert len(sheets) == n_sheets(several, 9) == 4
    assert [sheet.file.name for sheet in sheets] == [
        "worst-1.jpg", "worst-2.jpg", "random-1.jpg", "random-2.jpg",
    ]  # fmt: skip
    picture = cv2.imread(str(sheets[0].file))
    assert picture is not None
    assert picture.shape[1] > 2 * SIDE_PX
    assert picture.shape[0] > 4 * 400  # a hundred pixels are enlarged four times


def test_earlier_sheets_are_replaced(tmp_path: Path) -> None:
    list(write_sheets(tmp_path / "s", compared(tmp_path / "i"), n_images=9))
    list(write_sheets(tmp_path / "s", compared(tmp_path / "i"), n_images=1))
    names = sorted(file.name for file in (tmp_path / "s").iterdir())
    assert names == ["random-1.jpg", CONTENTS, "worst-1.jpg"]


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "worst-1.jpg").write_bytes(b"somebody's photo")
    with pytest.raises(AppError, match="is not empty"):
        require_folder_for_sheets(tmp_path)
    with pytest.raises(AppError, match="is a file"):
        require_folder_for_sheets(tmp_path / "worst-1.jpg")
    require_folder_for_sheets(tmp_path / "new")


def test_only_sheets_are_removed_whatever_the_contents_say(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "photo.jpg").write_bytes(b"x")
    (tmp_path / "s" / CONTENTS).write_text(json.dumps({"../photo.jpg": [], "a.txt": []}))
    (tmp_path / "s" / "a.txt").write_bytes(b"x")
    list(write_sheets(tmp_path / "s", compared(tmp_path / "i"), n_images=1))
    assert (tmp_path / "photo.jpg").exists()
    assert (tmp_path / "s" / "a.txt").exists()


def test_an_image_that_cannot_be_read_is_told_and_the_others_are_there(tmp_path: Path) -> None:
    several = compared(tmp_path / "i", images=3)
    several.files["2.png"].write_bytes(b"no image")
    cv2.imwrite(str(several.files["1.png"]), np.zeros((20, 20, 3), np.uint8))
    problems = {
        one.where: one.sentence
        for sheet in write_sheets(tmp_path / "s", several, n_images=3)
        for one in sheet.problems
    }
    assert set(problems) == {"1.png", "2.png"}
    assert "another size" in problems["1.png"]
    assert on_sheets(tmp_path / "s", "random") == ["0.png"]


def test_without_images_nothing_is_written(tmp_path: Path) -> None:
    nothing = replace(compared(tmp_path / "i"), files={})
    assert list(write_sheets(tmp_path / "s", nothing, n_images=3)) == []
    assert not (tmp_path / "s").exists()


def drawn(*, labels: list[Shape], predictions: list[Shape]) -> Any:
    pixels = np.full((SIDE, SIDE, 3), 128, np.uint8)
    return row_picture(Row("a.png", "", pixels, labels, predictions))


def shape(**changes: Any) -> Shape:
    return replace(Shape((Part(np.reshape(square(20), (-1, 2))),), "nut", "#ff00ff"), **changes)


def has(picture: Any, colour: tuple[int, int, int]) -> bool:
    return bool((picture == colour).all(axis=2).any())


def test_labels_are_on_the_left_and_predictions_on_the_right() -> None:
    middle = SIDE_PX + 12
    left = drawn(labels=[shape()], predictions=[])
    assert has(left[:, :middle], PINK)
    assert not has(left[:, middle:], PINK)
    right = drawn(labels=[], predictions=[shape()])
    assert has(right[:, middle:], PINK)
    assert not has(right[:, :middle], PINK)


def test_what_has_no_partner_is_told_by_more_than_its_colour() -> None:
    body = slice(48, 440), slice(16, 500)
    plain = drawn(labels=[shape(words="")], predictions=[])[body]
    marked = drawn(labels=[shape(words="", is_matched=False)], predictions=[])[body]
    assert not has(plain, (0, 0, 0))
    assert has(marked, (0, 0, 0))
    assert has(marked, (255, 255, 255))


def test_a_crowd_is_not_filled() -> None:
    centre = (48 + 140, 16 + 140)
    filled = drawn(labels=[shape(words="")], predictions=[])
    crowd = drawn(labels=[shape(words="", is_crowd=True)], predictions=[])
    assert filled[centre].tolist() != [128, 128, 128]
    assert crowd[centre].tolist() == [128, 128, 128]


@pytest.mark.parametrize("words", ["", "x" * 5000, "a\nb\x00", "корова 牛", "\ud800"])
def test_any_name_can_be_drawn(words: str) -> None:
    assert drawn(labels=[shape(words=words)] * 40, predictions=[]).shape[2] == 3


@pytest.mark.parametrize("size_hw", [(1, 1), (3000, 2), (2, 3000)])
def test_any_image_fits_into_its_square(size_hw: tuple[int, int]) -> None:
    pixels = np.zeros((*size_hw, 3), np.uint8)
    picture = row_picture(Row("a", "b", pixels, [shape()], [shape()]))
    assert picture.shape[1] == 2 * SIDE_PX + 36
    assert picture.shape[0] <= SIDE_PX + 60
