"""The command line as other programs use it: the real program, its exit codes, its output."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
WEIGHTS = str(GOLDEN / "mask_rcnn_tiny.pth")


def maskloop(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def result_of(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    shutil.copytree(GOLDEN / "images", folder)
    return folder


@pytest.fixture
def names(tmp_path: Path) -> Path:
    file = tmp_path / "names.txt"
    file.write_text("disc\nsquare\nstar\nblob\nbar\n")
    return file


@pytest.mark.parametrize("suffix", [".pth", ".pkl"])
def test_predict_exact_writes_what_detectron2_sees(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    done = maskloop(
        "predict", GOLDEN / "images", "--weights", GOLDEN / f"mask_rcnn_tiny{suffix}",
        "--config", GOLDEN / "mask_rcnn_tiny.yaml", "--exact", "--out", out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    expected = json.loads((GOLDEN / "mask_rcnn_tiny_expected.json").read_text())
    for image in found["images"]:
        mine = [one for one in found["annotations"] if one["image_id"] == image["id"]]
        theirs = expected[image["file_name"]]
        assert [one["category_id"] - 1 for one in mine] == theirs["classes"]
        boxes = np.array([one["bbox"] for one in mine])
        boxes[:, 2:] += boxes[:, :2]
        np.testing.assert_allclose(boxes, theirs["boxes_xyxy"], atol=0.01)
        np.testing.assert_allclose([o["score"] for o in mine], theirs["scores"], atol=1e-4)
    assert [one["id"] for one in found["annotations"]] == list(
        range(1, len(found["annotations"]) + 1)
    )


def test_an_error_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    done = maskloop("predict", tmp_path, "--weights", WEIGHTS, "--out", tmp_path / "out.json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict"],
        ["demo", "--no-such-option"],
        ["train"],
        ["export", "."],
        ["evaluate", "."],
        ["prelabel", ".", "--weights", "w", "--map", "star"],
        ["predict", ".", "--weights", "w", "--out", "o", "--score", "2"],
        ["train", ".", "--iterations", "0"],
        ["export", ".", "--format", "no-such-format", "--out", "o"],
        ["no-such-subcommand"],
        ["--no-such-option"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: Sequence[str]) -> None:
    assert maskloop(*arguments).returncode == 2


def test_doctor_says_what_is_there() -> None:
    done = maskloop("doctor", "--json")
    names = {finding["name"] for finding in result_of(done)["findings"]}  # type: ignore[union-attr]
    assert any("maskrcnn" in name for name in names)


def test_evaluate_of_two_files_gives_detectron2s_numbers() -> None:
    done = maskloop(
        "evaluate", "--ground-truth", GOLDEN / "eval_gt.json",
        "--detections", GOLDEN / "eval_detections.json", "--json",
    )  # fmt: skip
    expected = json.loads((GOLDEN / "eval_expected.json").read_text())
    result = result_of(done)
    for task in ("bbox", "segm"):
        for name, number in expected[task].items():
            assert result[task][name] == pytest.approx(number, abs=1e-6), name  # type: ignore[index]


def test_the_whole_loop_by_command_line(photos: Path, names: Path, tmp_path: Path) -> None:
    coco = tmp_path / "gt.json"
    coco.write_text(json.dumps(_labels_of(photos)))
    imported = result_of(maskloop("import", coco, "--format", "coco", "--into", photos, "--json"))
    assert (imported["images"], imported["problems"]) == (3, [])

    done = maskloop(
        "prelabel", photos, "--weights", WEIGHTS, "--config", GOLDEN / "mask_rcnn_tiny.yaml",
        "--classes", names, "--map", "star=disc", "blob=square", "--score", "0.3", "--json",
    )  # fmt: skip
    predicted = result_of(done)
    assert predicted["images"] == 1
    assert predicted["instances"] > 0  # type: ignore[operator]

    run = tmp_path / "run"
    trained = result_of(
        maskloop(
            "train", photos, "--iterations", "4", "--checkpoint-every", "2", "--out", run, "--json"
        )
    )
    assert Path(str(trained["weights"])).is_file()
    assert (run / "config.yaml").read_text().count("square") >= 1

    numbers = result_of(
        maskloop("evaluate", photos, "--weights", run / "best.pth", "--effort", "--json")
    )
    assert set(numbers) == {"bbox", "segm", "effort"}

    out = tmp_path / "export.json"
    assert maskloop("export", photos, "--format", "coco", "--out", out).returncode == 0
    exported = json.loads(out.read_text())
    assert len(exported["annotations"]) == 3  # predictions that nobody looked at stay at home
    everything = tmp_path / "all.json"
    maskloop("export", photos, "--format", "coco", "--out", everything, "--state", "all")
    n_all = len(json.loads(everything.read_text())["annotations"])
    assert n_all == 3 + int(str(predicted["instances"]))


def _labels_of(photos: Path) -> dict[str, object]:
    """A COCO file that labels three of the four photos with a square each."""
    images = []
    for number, path in enumerate(sorted(photos.glob("*.png"))[:3], start=1):
        height, width = cv2.imread(str(path)).shape[:2]
        images.append({"id": number, "file_name": path.name, "width": width, "height": height})
    square = [[30.0, 30.0, 110.0, 30.0, 110.0, 110.0, 30.0, 110.0]]
    return {
        "images": images,
        "categories": [{"id": 1, "name": "disc"}, {"id": 2, "name": "square"}],
        "annotations": [
            {
                "id": image["id"], "image_id": image["id"], "category_id": 2, "iscrowd": 0,
                "segmentation": square, "bbox": [30.0, 30.0, 80.0, 80.0], "area": 6400.0,
            }
            for image in images
        ],
    }  # fmt: skip
