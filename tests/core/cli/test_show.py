"""What a person reads, where nobody reads it or the terminal cannot show it."""

import io
import sys
from pathlib import Path

import pytest

from core.cli.program import run
from core.cli.show import Screen, counts
from core.errors import AppError
from core.events import Finished, Noted, Progress


class _Broken(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO())

    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def _shown(screen: Screen) -> None:
    screen.result_of((event for event in (Noted("hello"), Finished())), counts)


def test_a_reader_that_went_away_ends_the_work_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", _Broken())
    with pytest.raises(AppError, match="Broken pipe"):
        _shown(Screen(as_json=False))


def test_work_goes_on_where_there_is_no_output_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    _shown(Screen(as_json=False))


def test_a_name_that_the_terminal_lacks_is_written_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "ö\n").mkdir()
    out = tmp_path / "é.json"
    assert run(["export", str(tmp_path / "ö\n"), "--format", "coco", "--out", str(out)]) == 0
    sys.stdout.flush()
    assert b"\\xe9.json" in raw.getvalue()


def test_an_endless_name_is_cut() -> None:
    problems = [{"where": "x" * 10_000, "sentence": "It is long."}]
    assert len(counts({"problems": problems})) < 400


def test_one_of_what_nobody_counted_before_is_told_as_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    events = (Progress(1, 0, what="images"), Finished())
    Screen(as_json=False).result_of((event for event in events), counts)
    assert capsys.readouterr().out.splitlines()[0] == "1 image"
