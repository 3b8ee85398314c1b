"""The subcommand evaluate, as a person and as a program sees it."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.cli.program import run

GOLDEN = Path(__file__).parents[2] / "golden"
FILES = [
    "--ground-truth", str(GOLDEN / "eval_gt.json"),
    "--detections", str(GOLDEN / "eval_detections.json"),
]  # fmt: skip

Captured = pytest.CaptureFixture[str]


def result_of(capsys: Captured, *options: str) -> Any:
    assert run(["evaluate", *FILES, "--json", *options]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_table_of_coco_has_twelve_lines_then_the_classes(capsys: Captured) -> None:
    assert run(["evaluate", *FILES]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    names = [line[0] for line in lines[1:]]
    assert lines[0] == ["bbox", "segm"]
    assert names[:12] == [
        "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl",
    ]  # fmt: skip
    assert lines[1] == ["AP", "32.6", "30.1"]
    assert lines[-1] == ["AP-unused", "n/a", "n/a"]


def test_the_numbers_of_json_keep_their_names(capsys: Captured) -> None:
    result = result_of(capsys)
    expected = json.loads((GOLDEN / "eval_expected.json").read_text())
    for task, values in expected.items():
        assert list(result[task]) == list(values)
        assert result[task]["AP"] == pytest.approx(values["AP"], abs=1e-9)
    assert set(result) == {"bbox", "segm"}


def test_details_come_into_json_where_they_are_asked_for(capsys: Captured) -> None:
    result = result_of(capsys, "--details", "--threshold", "0.5")
    assert result["confusion"]["threshold"] == 0.5
    assert {"recall", "curves", "f1", "by_class", "splits"} <= set(result)


def test_effort_stands_beside_the_numbers(capsys: Captured) -> None:
    assert result_of(capsys, "--effort")["effort"]["instances"] == 95


@pytest.mark.parametrize("name", ["r.html", "r.json"])
def test_a_report_is_written_by_its_suffix(capsys: Captured, tmp_path: Path, name: str) -> None:
    assert run(["evaluate", *FILES, "--report", str(tmp_path / name)]) == 0
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>" if name.endswith("html") else '{"title"')


def test_sheets_are_written_and_told_where(capsys: Captured, tmp_path: Path) -> None:
    truth = json.loads((GOLDEN / "eval_gt.json").read_text())
    (tmp_path / "images").mkdir()
    for image in truth["images"]:
        pixels = np.full((image["height"], image["width"], 3), 200, np.uint8)
        cv2.imwrite(str(tmp_path / "images" / image["file_name"]), pixels)
    sheets = tmp_path / "sheets"
    where = ["--sheets", str(sheets), "--images", str(tmp_path / "images"), "--sheet-images", "4"]
    assert run(["evaluate", *FILES, *where]) == 0
    assert f"sheets: 2, in {sheets}" in capsys.readouterr().out
    assert sorted(file.name for file in sheets.iterdir()) == [
        "random-1.jpg", "sheets.json", "worst-1.jpg",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [["--threshold", "2"], ["--sheet-images", "0"], ["--weights", "w.pth", "somewhere"]],
)
def test_options_that_make_no_sense_are_usage(capsys: Captured, options: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["evaluate", *FILES, *options])
    assert ended.value.code == 2


def test_what_cannot_be_counted_is_one_sentence(capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text('[{"image_id": 100, "category_id": 18, "score": NaN}]')
    files = [*FILES[:3], str(tmp_path / "d.json")]
    assert run(["evaluate", *files]) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err
