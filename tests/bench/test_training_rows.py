"""What training.py says of the turns of both loops."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.bench.training import CPU, CUDA, speed_row, waiting_row

_SETTING = replace(CPU, iterations=4, batch_size=2)  # eight images a turn


def _turns(*seconds: float, waited_s: float = 0.0) -> list[Mapping[str, float]]:
    return [{"seconds": one, "cpu_s": one / 2, "waited_s": waited_s} for one in seconds]


def test_images_a_second_are_those_of_the_middle_turn() -> None:
    row = speed_row("training", _SETTING, _turns(4.0, 2.0, 16.0), _turns(8.0, 8.0, 1.0))
    assert (row["value"], row["peer_value"], row["peer"]) == (2.0, 1.0, "detectron2")
    assert (row["budget"], row["holds"]) == (1.0, True)
    assert "2.00 times detectron2's" in row["how"]


def test_a_gpu_has_to_be_half_as_fast_again() -> None:
    setting = replace(CUDA, iterations=4, batch_size=2)
    assert not speed_row("training", setting, _turns(4.0), _turns(5.9))["holds"]
    assert speed_row("training", setting, _turns(4.0), _turns(6.1))["holds"]


def test_without_detectron2_there_is_no_budget() -> None:
    row = speed_row("training", _SETTING, _turns(4.0), None)
    assert (row["budget"], row["peer"], row["peer_value"]) == ("n/a", None, None)
    assert row["holds"]
    assert "not importable" in row["how"]


@pytest.mark.parametrize(("waited_s", "holds"), [(0.1, True), (1.0, False)])
def test_it_may_wait_for_data_a_twentieth_of_the_time(waited_s: float, holds: bool) -> None:
    row = waiting_row(_SETTING, _turns(10.0, waited_s=waited_s), None)
    assert row["value"] == pytest.approx(10 * waited_s)
    assert row["holds"] is holds
