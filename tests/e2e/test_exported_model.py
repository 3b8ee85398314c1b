"""An exported model is used as its README says, by the real program."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
PROGRAM = (sys.executable, str(ROOT / "main.py"))


def test_the_lines_of_its_readme_find_what_detectron2_found(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("disc\nsquare\nstar\nblob\nbar\n")
    done = subprocess.run(
        [
            *PROGRAM, "export-model", "--weights", str(GOLDEN / "mask_rcnn_tiny.pth"),
            "--config", str(GOLDEN / "mask_rcnn_tiny.yaml"),
            "--classes", "names.txt", "--out", "model",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    model = tmp_path / "model"
    shutil.copy(GOLDEN / "images" / "tall_187x333.png", model / "photo.jpg")
    lines = (model / "README.md").read_text().splitlines()
    (line,) = (line.strip() for line in lines if line.startswith("    maskloop "))
    done = subprocess.run(
        [*PROGRAM, *line.split()[1:]], cwd=model, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((model / "detections.json").read_text())
    assert [one["name"] for one in found["categories"]] == ["disc", "square", "star", "blob", "bar"]
    expected = json.loads((GOLDEN / "mask_rcnn_tiny_expected.json").read_text())["tall_187x333.png"]
    scores = [one["score"] for one in found["annotations"]]
    np.testing.assert_allclose(scores, expected["scores"], atol=1e-4)
