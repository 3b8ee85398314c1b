"""What prediction.py says of the turns of its sides."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.bench.prediction import CPU, rows_of

_SETTING = replace(CPU, n_photos=4)


def _turns(*seconds: float) -> list[Mapping[str, float]]:
    return [{"seconds": one, "cpu_s": 2 * one, "instances": 80} for one in seconds]


@pytest.mark.parametrize(("theirs_s", "holds"), [(3.9, False), (4.1, True)])
def test_files_to_polygons_have_to_be_twice_as_fast_as_the_default_predictor(
    theirs_s: float, *, holds: bool
) -> None:
    turns = {
        "default": _turns(2.0, 1.0, 9.0),
        "exact": _turns(3.0),
        "torchvision": _turns(5.0),
        "detectron2": _turns(theirs_s),
    }
    row = rows_of("files", _SETTING, turns)[0]
    assert (row["value"], row["peer"], row["holds"]) == (2.0, "detectron2", holds)
    assert row["peer_value"] == pytest.approx(4 / theirs_s, abs=1e-3)
    assert "20 and 20 instances a photo" in row["how"]


def test_torchvision_and_the_exact_mode_are_shown_without_a_budget() -> None:
    turns = {name: _turns(2.0) for name in ("default", "exact", "torchvision", "detectron2")}
    _, beside_torchvision, exact = rows_of("model", _SETTING, turns)
    assert (beside_torchvision["peer"], beside_torchvision["budget"]) == ("torchvision", "n/a")
    assert (exact["peer"], exact["budget"], exact["holds"]) == ("detectron2", "n/a", True)


def test_without_detectron2_nothing_is_missed() -> None:
    turns = {name: _turns(2.0) for name in ("default", "exact", "torchvision")}
    rows = rows_of("model", _SETTING, turns)
    assert [row["peer"] for row in rows] == [None, "torchvision", None]
    assert all(row["holds"] for row in rows)
    assert "n/a: detectron2 is not importable" in rows[0]["how"]
