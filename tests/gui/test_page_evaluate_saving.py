"""What the page to evaluate writes where a person wants it: report, JSON, plots, sheets."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from core.kept_evaluations import EVERYTHING, F1_PLOT, PRECISION_PLOT, REPORT
from gui.pages.evaluate import EvaluatePage
from gui.session import Session
from gui.widgets.measured.saving import CONFUSION_PLOT, ROUNDS_PLOT
from tests.gui.evaluate_page import PATIENCE_MS, evaluated, kept_in, make_done, shown_page
from tests.gui.lessons import add_run, finished_events


@pytest.fixture
def done(folder: Path) -> Path:
    """The three images, done: one of them is kept to measure with."""
    return make_done(folder)


@pytest.fixture
def page(
    qtbot: QtBot, session: Session, open_folder: Callable[[Path], None]
) -> Callable[[Path], EvaluatePage]:
    return partial(shown_page, qtbot, session, open_folder)


def _saved(qtbot: QtBot, shown: EvaluatePage, name: str, file: Path) -> str:
    """What is told when the file is written."""
    with qtbot.waitSignal(shown._session.told) as told:
        shown.saving.save(name, file)
    return str(told.args[0])


def test_what_was_measured_is_saved_for_people_and_for_programs(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, tmp_path: Path
) -> None:
    shown = page(done)
    evaluated(qtbot, shown)
    assert "a.html" in _saved(qtbot, shown, REPORT, tmp_path / "a.html")
    assert "<h2>By class (AP, in percent)</h2>" in (tmp_path / "a.html").read_text()
    _saved(qtbot, shown, EVERYTHING, tmp_path / "a.json")
    saved = json.loads((tmp_path / "a.json").read_text())
    assert saved["counts"]["images"] == 1
    assert saved["segm"]["AP-violet"] is None
    assert saved["matches"]["images"]


@pytest.mark.parametrize("name", [PRECISION_PLOT, CONFUSION_PLOT, ROUNDS_PLOT])
def test_plots_are_saved_as_svg_and_png(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, tmp_path: Path, name: str
) -> None:
    shown = page(done)
    evaluated(qtbot, shown)
    _saved(qtbot, shown, name, tmp_path / "a.svg")
    assert "a.png" in _saved(qtbot, shown, name, tmp_path / "a.png")
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert not QImage(str(tmp_path / "a.png")).isNull()


def test_rounds_that_were_measured_since_are_saved_too(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, tmp_path: Path
) -> None:
    run = add_run(done, events=finished_events(done))
    shown = page(done)
    evaluated(qtbot, shown)
    assert shown.view.measurement is not None
    ground = shown.view.measurement.kept.heading.ground
    kept = kept_in(done, weights=str(run.best_weights), when="2001-11-03T14:05:00", ground=ground)
    shown._kept[(str(run.best_weights), "val")] = kept
    shown._update()
    _saved(qtbot, shown, EVERYTHING, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["rounds"][0]["mask_ap"] == 33.3
    _saved(qtbot, shown, REPORT, tmp_path / "a.html")
    assert '<td class="number">33.3</td>' in (tmp_path / "a.html").read_text()


def _drawn(qtbot: QtBot, shown: EvaluatePage, folder: Path) -> str:
    """What is told when the sheets are drawn."""
    with qtbot.waitSignal(shown._session.told, timeout=PATIENCE_MS) as told:
        shown.saving.draw_sheets(folder)
        assert not shown.saving.sheets_button.isEnabled()
    qtbot.waitUntil(shown.saving.sheets_button.isEnabled)
    return str(told.args[0])


def test_sheets_are_drawn_where_a_person_chose_at_the_confidence_that_is_set(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, tmp_path: Path
) -> None:
    shown = page(done)
    evaluated(qtbot, shown)
    assert shown.saving.least.value() == round(100 * shown.view.confusion.threshold)
    shown.view.confusion.slider.setValue(20)
    assert shown.saving.least.value() == 20
    shown.saving.least.setValue(30)
    (tmp_path / "mine.txt").touch()
    said = _drawn(qtbot, shown, tmp_path)
    sheets = tmp_path / "sheets_fake_val"
    assert said.startswith(f"The sheets are in {sheets}: ")
    assert shown._session.work.runs[-1].config.threshold == 0.3
    assert not QImage(str(sheets / "random-1.jpg")).isNull()
    assert (tmp_path / "mine.txt").exists()
    assert "random-1.jpg" in _drawn(qtbot, shown, tmp_path)  # in the place of the earlier ones


def test_a_folder_that_holds_something_else_is_left_alone(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, tmp_path: Path
) -> None:
    shown = page(done)
    evaluated(qtbot, shown)
    (tmp_path / "sheets_fake_val").mkdir()
    (tmp_path / "sheets_fake_val" / "mine.txt").touch()
    assert "is not empty: choose another folder" in _drawn(qtbot, shown, tmp_path)
    assert [one.name for one in (tmp_path / "sheets_fake_val").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", [REPORT, F1_PLOT])
def test_a_place_that_cannot_be_written_is_said(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, tmp_path: Path, name: str
) -> None:
    shown = page(done)
    evaluated(qtbot, shown)
    said = _saved(qtbot, shown, name, tmp_path / "nowhere" / "a.svg")
    assert said.startswith("The evaluation could not be saved: ")
    assert "nowhere" in said
