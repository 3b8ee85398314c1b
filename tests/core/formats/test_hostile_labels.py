"""Label files of others that ask for more than a label file can: they end in a sentence."""

import json
from pathlib import Path

import pytest
from PIL import Image

from core.errors import AppError
from core.formats import all_formats

DEEP = "[" * 100_000 + "]" * 100_000
PLACE = '"@"'
COCO = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 20, "height": 20}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5]}],
    "categories": [{"id": 1, "name": "x"}],
}
SHAPE = {"label": "x", "shape_type": "polygon", "points": [[1, 1], [6, 1], [6, 6]]}
LABELME = {"version": "6", "imagePath": "a.jpg", "imageHeight": 20, "imageWidth": 20}


def _read(folder: Path, kind: str, text: str) -> list[str]:
    """The sentences about a file of this text, or the one that it ends in."""
    Image.new("RGB", (20, 20)).save(folder / "a.jpg")
    file = folder / "a.json"
    file.write_text(text)
    reader = all_formats()[kind].read
    assert reader is not None
    try:
        images = list(reader(file if kind == "coco" else folder, folder, lambda *_: 1))
    except AppError as error:
        return [str(error)]
    return [problem.sentence for image in images for problem in image.problems]


@pytest.mark.parametrize("kind", ["coco", "labelme"])
@pytest.mark.parametrize("value", [DEEP, "9" * 5000], ids=["nested", "number"])
def test_nesting_and_numbers_without_end_end_in_a_sentence(
    kind: str, value: str, tmp_path: Path
) -> None:
    whole = {**COCO, "info": "@"} if kind == "coco" else {**LABELME, "shapes": [], "x": "@"}
    (said,) = _read(tmp_path, kind, json.dumps(whole).replace(PLACE, value))
    assert "nested too deep" in said or "not whole JSON" in said


@pytest.mark.parametrize("value", ["NaN", "1e999", "-1e308", "1" + "0" * 400])
def test_points_that_no_image_has_are_told(value: str, tmp_path: Path) -> None:
    annotation = {**COCO["annotations"][0], "segmentation": [[1, 1, "@", 1, 6, 6]]}
    text = json.dumps({**COCO, "annotations": [annotation]}).replace(PLACE, value)
    assert any("left out" in said for said in _read(tmp_path, "coco", text))


@pytest.mark.parametrize("value", ["NaN", "1e999", "1e300"])
def test_points_far_off_are_told_and_kept_in_the_file(value: str, tmp_path: Path) -> None:
    shape = {**SHAPE, "points": [[1, 1], [6, "@"], [6, 6]]}
    text = json.dumps({**LABELME, "shapes": [shape]}).replace(PLACE, value)
    assert any("not shown" in said for said in _read(tmp_path, "labelme", text))


@pytest.mark.parametrize(
    "rle",
    [
        {"size": [10**6, 10**6], "counts": [10**12]},
        {"size": [10**9, 10**9], "counts": "0" * 50},
        {"size": [20, 20], "counts": [10**12]},
        {"size": [20, 20], "counts": [-5, 10, 395]},
        {"size": [20, 20], "counts": "\u00ff\0~~~~"},
    ],
)
def test_masks_that_claim_to_be_huge_are_told(rle: object, tmp_path: Path) -> None:
    annotation = {**COCO["annotations"][0], "segmentation": rle}
    said = _read(tmp_path, "coco", json.dumps({**COCO, "annotations": [annotation]}))
    assert any("RLE" in sentence for sentence in said)
