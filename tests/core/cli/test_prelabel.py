"""Pre-labelling by command line writes into the project."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.program import run
from core.predictions import PredictionStore
from core.project import Project


@pytest.fixture
def labelme_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two photos of a red blob; one has labelme's labels, nothing is of ours."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        pixels = np.full((90, 120, 3), 230, np.uint8)
        cv2.circle(pixels, (60, 45), 20, (40, 40, 200), -1)
        cv2.imwrite(str(folder / name), pixels)
    shape = {
        "label": "cat", "points": [[5, 5], [30, 5], [30, 30]], "group_id": None,
        "description": "", "shape_type": "polygon", "flags": {}, "mask": None,
    }  # fmt: skip
    label_file = {
        "version": "5.5.0", "flags": {}, "shapes": [shape], "imagePath": "a.png",
        "imageData": None, "imageHeight": 90, "imageWidth": 120,
    }  # fmt: skip
    (folder / "a.json").write_text(json.dumps(label_file))
    return folder


def test_a_folder_of_labelme_files_is_prelabelled_in_its_own_classes(labelme_folder: Path) -> None:
    arguments = ["prelabel", str(labelme_folder), "--weights", "fake", "--engine", "fake"]
    assert run([*arguments, "--map", "red=cat"]) == 0
    (shape,) = json.loads((labelme_folder / "b.json").read_text())["shapes"]
    assert (shape["label"], shape["maskloop"]["state"]) == ("cat", "predicted")


def test_prelabelling_leaves_done_images_as_they_are(labelme_folder: Path) -> None:
    before = (labelme_folder / "a.json").read_bytes()
    arguments = ["prelabel", str(labelme_folder), "--weights", "fake", "--engine", "fake"]
    assert run([*arguments, "--map", "red=cat"]) == 0
    assert (labelme_folder / "a.json").read_bytes() == before


def test_the_class_map_that_the_project_keeps_is_used_when_none_is_given(
    labelme_folder: Path,
) -> None:
    project = Project.open(labelme_folder)
    project.add_class("cat")
    project.keep_class_map("fake", {"red": "cat"})
    project.close()
    assert run(["prelabel", str(labelme_folder), "--weights", "fake", "--engine", "fake"]) == 0
    (shape,) = json.loads((labelme_folder / "b.json").read_text())["shapes"]
    assert shape["label"] == "cat"


def test_what_lies_below_the_score_is_kept_beside_the_labels(labelme_folder: Path) -> None:
    arguments = ["prelabel", str(labelme_folder), "--weights", "fake", "--engine", "fake"]
    assert run([*arguments, "--map", "red=cat", "--score", "0.99"]) == 0
    project = Project.open(labelme_folder, wants_to_write=False)
    kept = PredictionStore(project.hidden_folder).latest("b.png")
    assert kept is not None
    assert len(kept.instances) == 1
    assert project.confidence == 0.99
    assert not (labelme_folder / "b.json").exists()
    project.close()
