"""The file of the visits: it only grows, and half a line costs one line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.effort import EffortLog, Visit
from core.errors import AppError

VISIT = Visit(1_800_000_000, "sub/ä.jpg", 12.5, "w", 9, 3, 2, 1, 1, 14, (0.75, 0.5))


@pytest.fixture
def log(tmp_path: Path) -> EffortLog:
    return EffortLog(tmp_path / ".maskloop")


def test_visits_are_read_as_they_were_written(log: EffortLog) -> None:
    assert log.read() == ()
    log.append(VISIT)
    log.append(replace(VISIT, image="b.jpg", accepted=-1, ious=()))
    assert EffortLog(log.path.parent).read() == (
        VISIT,
        replace(VISIT, image="b.jpg", accepted=-1, ious=()),
    )


def test_it_only_grows(log: EffortLog) -> None:
    log.append(VISIT)
    before = log.path.read_bytes()
    log.append(VISIT)
    assert log.path.read_bytes() == before + before


def test_half_a_line_costs_one_line(log: EffortLog) -> None:
    log.append(VISIT)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + whole[:20])
    log.append(VISIT)
    assert log.read() == (VISIT, VISIT)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_what_is_no_visit_is_left_out(log: EffortLog, data: bytes) -> None:
    log.path.parent.mkdir(exist_ok=True)
    log.path.write_bytes(data + b"\n[]\n{}\nnull\n" + b'{"version": 9}\n')
    assert log.read() == ()


@pytest.mark.parametrize("field", ["seconds", "accepted", "at_s", "ious"])
@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "1" * 400])
def test_a_visit_whose_numbers_are_none_is_left_out(
    log: EffortLog, field: str, number: str
) -> None:
    log.append(VISIT)
    value = json.loads(log.path.read_bytes())
    value[field] = ["number"] if field == "ious" else "number"
    log.path.write_text(json.dumps(value).replace('"number"', number))
    assert log.read() == ()


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    log = EffortLog(tmp_path / "unplugged" / ".maskloop")
    with pytest.raises(AppError, match="still connected"):
        log.append(VISIT)
    assert not (tmp_path / "unplugged").exists()


def test_a_file_that_cannot_be_written_is_told(log: EffortLog) -> None:
    log.path.mkdir(parents=True)
    with pytest.raises(AppError, match="a folder of this name is in the way"):
        log.append(VISIT)
    with pytest.raises(AppError, match="cannot be read"):
        log.read()
