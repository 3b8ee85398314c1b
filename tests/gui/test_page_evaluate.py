"""The page to evaluate: real measurements by the fake engine, in a real child."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.events import Finished
from core.kept_evaluations import kept_evaluations
from core.project import Project
from core.thresholds import Thresholds
from core.types import Split
from gui.main_window import MainWindow
from gui.pages.evaluate import EvaluatePage
from gui.panels.images import ImagesPanel
from gui.session import Session
from gui.settings import Settings
from tests.gui.evaluate_page import (
    LEFT,
    PATIENCE_MS,
    evaluated,
    kept_in,
    make_done,
    measured,
    shown_page,
)
from tests.gui.lessons import add_run, finished_events

FIND_START = Qt.MatchFlag.MatchStartsWith


@pytest.fixture
def done(folder: Path) -> Path:
    """The three images, done: one of them is kept to measure with."""
    return make_done(folder)


@pytest.fixture
def page(
    qtbot: QtBot, session: Session, open_folder: Callable[[Path], None]
) -> Callable[[Path], EvaluatePage]:
    return partial(shown_page, qtbot, session, open_folder)


def choose(page: EvaluatePage, split: Split) -> None:
    page.bar.split.setCurrentIndex(page.bar.split.findData(split))


def test_without_a_folder_it_says_what_to_do(qtbot: QtBot, session: Session) -> None:
    page = EvaluatePage(session)
    qtbot.addWidget(page)
    page.show()
    assert page.bar.status.text().startswith("No folder is open.")
    assert not page.bar.start_button.isEnabled()


def test_without_a_done_image_it_says_what_to_do(
    page: Callable[[Path], EvaluatePage], folder: Path
) -> None:
    shown = page(folder)
    assert shown.bar.status.text().startswith(
        "No image is done, so there is nothing to measure on."
    )
    assert not shown.bar.start_button.isEnabled()


def test_a_split_without_images_is_said(page: Callable[[Path], EvaluatePage], done: Path) -> None:
    shown = page(done)
    choose(shown, Split.TEST)
    assert "No done image is in the split test" in shown.bar.status.text()
    assert not shown.bar.start_button.isEnabled()


def test_without_weights_it_asks_for_them(
    page: Callable[[Path], EvaluatePage], done: Path, settings: Settings
) -> None:
    settings.set("weights", "")
    shown = page(done)
    assert shown.bar.status.text().startswith("Choose weights")


def test_nobody_is_told_to_press_what_cannot_be_pressed(
    page: Callable[[Path], EvaluatePage], done: Path, settings: Settings
) -> None:
    settings.set("weights", "")
    shown = page(done)
    assert not shown.bar.start_button.isEnabled()
    assert "Choose weights" in shown.view.empty_words
    assert "Press" not in shown.view.empty_words
    settings.set("weights", "fake")
    shown.bar.weights.set_weights("fake")
    shown._on_chosen()
    assert shown.bar.start_button.isEnabled()
    assert "Press Evaluate" in shown.view.empty_words


def test_measuring_on_what_was_learnt_from_is_warned_of(
    page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    shown = page(done)
    assert not shown.bar.warning.isVisible()
    choose(shown, Split.TRAIN)
    assert "says nothing about new images" in shown.bar.warning.text()
    assert shown.bar.warning.isVisible()


def _looked_through(qtbot: QtBot, shown: EvaluatePage) -> None:
    """Waits for what is asked of the writer after the page has asked."""
    with qtbot.waitSignal(shown._session.told):
        shown._session.work.when_written(lambda _: "Looked.", shown._session.told.emit)


def test_ap_is_shown_with_how_much_it_was_measured_on(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    shown = page(done)
    evaluated(qtbot, shown)
    words, note = shown.bar.status.text().splitlines()
    assert words.startswith("Measured on 1 image of val with 1 instance, ")
    assert note == "The project has no class green, blue: not counted."
    tables = shown.view.tables
    assert float(tables.whole.text_at("AP50", "Mask")) >= 0
    assert tables.classes.text_at("violet", "AP") == "n/a"
    assert tables.classes.text_at("red", "In val") == "1"
    assert tables.classes.text_at("red", "In train") == "2"
    assert tables.classes.text_at("violet", "In val") == "0"


def test_what_the_weights_saw_is_kept_for_doubts_and_rounds(
    qtbot: QtBot, session: Session, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    shown = page(done)
    before = {path.name: path.read_bytes() for path in done.glob("*.json")}
    evaluated(qtbot, shown)
    _looked_through(qtbot, shown)
    assert session.project is not None
    assert session.review is not None
    (key,) = session.project.keys_of(Split.VAL)
    kept = session.review.store.latest(key)
    assert kept is not None
    assert kept.by.weights == "fake"
    assert any(one.score > 0.5 for one in kept.instances)
    assert {path.name: path.read_bytes() for path in done.glob("*.json")} == before


def test_weights_that_do_not_load_are_said_in_a_sentence(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, settings: Settings
) -> None:
    settings.set("weights", "fake:broken")
    shown = page(done)
    qtbot.mouseClick(shown.bar.start_button, LEFT)
    qtbot.waitUntil(
        lambda: shown.bar.status.text() == "These weights were told not to load.",
        timeout=PATIENCE_MS,
    )
    assert shown.view.measurement is None
    assert shown.bar.start_button.isEnabled()


def test_a_choice_of_weights_stays_when_the_page_is_seen_again(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    add_run(done, events=finished_events(done))
    shown = page(done)
    evaluated(qtbot, shown)
    shown.hide()
    shown.show()
    qtbot.waitUntil(lambda: shown.bar.weights.choices.findText("Run of", FIND_START) >= 0)
    _looked_through(qtbot, shown)
    assert shown.bar.weights.weights == "fake"
    assert shown.view.measurement is not None


def test_runs_that_are_gone_are_not_offered(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    run = add_run(done, events=finished_events(done))
    shown = page(done)
    assert shown.bar.weights.choices.findData(str(run.best_weights)) >= 0
    run.best_weights.unlink()
    shown.hide()
    shown.show()
    qtbot.waitUntil(lambda: shown.bar.weights.choices.findData(str(run.best_weights)) < 0)


def test_two_presses_measure_once(
    qtbot: QtBot, session: Session, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    shown = page(done)
    shown.start()
    evaluated(qtbot, shown)
    assert len(session.work.runs) == 1


def test_enter_measures_with_the_weights_that_are_chosen(
    qtbot: QtBot, session: Session, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    shown = page(done)
    qtbot.keyClick(shown.bar.weights.choices, Qt.Key.Key_Return)
    measured(qtbot, shown)


def test_another_folder_ends_the_measuring(
    qtbot: QtBot, session: Session, page: Callable[[Path], EvaluatePage], done: Path, tmp_path: Path
) -> None:
    shown = page(done)
    qtbot.mouseClick(shown.bar.start_button, LEFT)
    qtbot.waitUntil(lambda: bool(session.work.runs))
    (run,) = session.work.runs
    (tmp_path / "other").mkdir()
    with qtbot.waitSignal(run.ended, timeout=PATIENCE_MS):
        session.open_folder(tmp_path / "other")
    assert run.last == Finished(was_cancelled=True)
    qtbot.waitUntil(lambda: shown.bar.status.text().startswith("No image is done"))
    assert not shown.bar.cancel_button.isVisible()


def test_what_was_left_out_is_said(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    shown = page(done)
    choose(shown, Split.TRAIN)
    broken = done / next(key for key in shown._session.project.keys_of(Split.TRAIN))
    broken.write_bytes(broken.read_bytes()[:100])
    evaluated(qtbot, shown)
    assert shown.bar.status.text().startswith("Measured on 1 image of train")
    assert f"{broken.name} is left out" in shown.bar.status.text()


def test_an_evaluation_can_be_cancelled(
    qtbot: QtBot, session: Session, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    shown = page(done)
    qtbot.mouseClick(shown.bar.start_button, LEFT)
    qtbot.waitUntil(lambda: bool(session.work.runs))
    with qtbot.waitSignal(session.work.runs[-1].ended, timeout=PATIENCE_MS):
        qtbot.mouseClick(shown.bar.cancel_button, LEFT)
    qtbot.waitUntil(lambda: not shown.evaluating.is_going)
    assert shown.bar.status.text() == "Cancelled; nothing was measured."


def test_what_was_measured_last_is_there_at_the_next_start(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    kept_in(done, weights="older.pth", when="2026-11-01T10:00:00")
    kept_in(done, weights="newer.pth", when="2099-11-03T14:05:00")
    shown = page(done)
    measured(qtbot, shown)
    assert shown.bar.weights.weights == "newer.pth"
    assert shown.bar.status.text() == (
        "Measured on 3 images of val with 4 instances, 3 Nov 2099, 14:05."
    )
    assert shown.view.tables.whole.text_at("AP", "Mask") == "33.3"


def test_labels_that_changed_since_are_told(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    kept_in(done, when="2001-11-03T14:05:00")
    shown = page(done)
    measured(qtbot, shown)
    assert "The labels of 3 images have changed since" in shown.bar.status.text()


def test_other_weights_show_what_was_measured_of_them_or_that_nothing_was(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    kept_in(done)
    shown = page(done)
    measured(qtbot, shown)
    choose(shown, Split.TRAIN)
    assert shown.view.measurement is None
    assert not shown.saving.isVisible()
    assert shown.bar.status.text().startswith("Press Evaluate")
    choose(shown, Split.VAL)
    measured(qtbot, shown)


def test_measuring_again_takes_the_place_of_what_was_kept(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    kept_in(done)
    shown = page(done)
    measured(qtbot, shown)
    before = shown.view.measurement
    qtbot.mouseClick(shown.bar.start_button, LEFT)
    qtbot.waitUntil(lambda: shown.view.measurement is not before, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not shown.evaluating.is_going)
    assert len(kept_evaluations(done / ".maskloop")) == 1


def test_matches_that_cannot_be_read_are_said(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    (kept_in(done).folder / "matches.npz").write_bytes(b"half")
    shown = page(done)
    qtbot.waitUntil(lambda: "cannot be read" in shown.bar.status.text())
    assert shown.bar.status.text().endswith("Measure again.")
    assert shown.bar.start_button.isEnabled()


def test_an_evaluation_of_a_folder_without_instances_of_a_class_says_na(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path
) -> None:
    shown = page(done)
    evaluated(qtbot, shown)
    assert shown.view.curves.table.text_at("violet", "Best confidence") == "n/a"


def test_what_is_behind_a_number_opens_with_its_instance_selected(
    qtbot: QtBot, window: MainWindow, open_folder: Callable[[Path], None], done: Path
) -> None:
    kept_in(done)
    open_folder(done)
    window.pages.show_page("evaluate")
    shown = window.pages.page("evaluate")
    assert isinstance(shown, EvaluatePage)
    measured(qtbot, shown)
    shown.view.confusion.cell_picked.emit(0, 1)
    panel = shown.view.behind
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    panel.list.picked.emit(0)
    session = window.session
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == "img_1.png")
    qtbot.waitUntil(lambda: session.document.selection == {"a"})
    assert window.canvas.isVisible()


def test_only_what_is_behind_a_number_is_listed(
    qtbot: QtBot, window: MainWindow, open_folder: Callable[[Path], None], done: Path
) -> None:
    kept_in(done)
    open_folder(done)
    window.pages.show_page("evaluate")
    shown = window.pages.page("evaluate")
    assert isinstance(shown, EvaluatePage)
    measured(qtbot, shown)
    shown.view.confusion.cell_picked.emit(0, 0)
    qtbot.waitUntil(lambda: shown.view.behind.model.rowCount() == 2)
    qtbot.mouseClick(shown.view.behind.only_button, LEFT)
    images = window.docks["images"].widget()
    assert isinstance(images, ImagesPanel)
    qtbot.waitUntil(lambda: list(images.model.shown_keys) == ["img_0.png", "img_2.png"])
    assert "nut found as such" in images.count.text()
    qtbot.mouseClick(images.all_button, LEFT)
    qtbot.waitUntil(lambda: len(images.model.shown_keys) == 3)


def test_images_of_a_split_that_was_not_measured_on_are_listed_too(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, session: Session
) -> None:
    shown = page(done)
    qtbot.waitUntil(lambda: len(session.summaries) == 3)
    shown.view.count_wanted.emit("red", "train")
    assert session.project is not None
    keys = [row.key for row in shown.view.behind.model.rows]
    assert sorted(keys) == sorted(session.project.keys_of(Split.TRAIN))


def test_the_best_confidence_becomes_the_projects(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, session: Session
) -> None:
    shown = page(done)
    (red,) = (one for one in session.classes if one.name == "red")
    with qtbot.waitSignal(session.told) as told:
        shown.view.curves.thresholds_wanted.emit((("", 0.4199), ("red", 0.29), ("gone", 0.1)))
    assert told.args == ["The confidence of the project is set."]
    assert session.confidence is not None
    assert session.confidence.thresholds == Thresholds(0.41, {red.id: 0.29})
    with qtbot.waitSignal(session.told) as told:
        shown.view.curves.thresholds_wanted.emit((("red", 0.29),))
    assert told.args == ["That is the confidence of the project already."]


def test_a_folder_that_is_only_looked_at_keeps_its_confidence_and_nothing_is_written(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, session: Session
) -> None:
    other = Project.open(done)  # as another window would
    shown = page(done)
    assert session.project is not None
    assert session.project.read_only_reason
    evaluated(qtbot, shown)
    assert kept_evaluations(done / ".maskloop") == ()
    with qtbot.waitSignal(session.told) as told:
        shown.view.curves.thresholds_wanted.emit((("", 0.42),))
    assert told.args == [session.project.read_only_reason]
    other.close()


def test_rounds_are_measured_on_the_same_images_one_after_another(
    qtbot: QtBot, page: Callable[[Path], EvaluatePage], done: Path, session: Session
) -> None:
    names = ("2026-11-03_140500_train", "2026-11-04_140500_train")
    for name in names:
        add_run(done, name, events=finished_events(done, name))
    shown = page(done)
    qtbot.waitUntil(lambda: shown.view.rounds.table.rowCount() == 2)
    rounds = shown.view.rounds
    assert rounds.table.text_at("3 Nov 2026, 14:05", "Mask AP then") == "46.1"
    assert rounds.table.text_at("3 Nov 2026, 14:05", "Mask AP") == "n/a"
    assert rounds.measure_button.text() == "Measure 2 rounds on the same images"
    qtbot.mouseClick(rounds.measure_button, LEFT)
    qtbot.waitUntil(lambda: shown.evaluating.n_waiting == 1)
    qtbot.waitUntil(lambda: not shown.evaluating.is_going, timeout=PATIENCE_MS)
    # what stands in for weights cannot be loaded, so the others are not tried either
    assert shown.bar.status.text()
    assert len(session.work.runs) == 1
