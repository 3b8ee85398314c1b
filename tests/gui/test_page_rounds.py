"""The page to compare rounds: what two models saw in an image, and what is accepted of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.predictions import PredictedBy, Predictions, PredictionStore, image_stamp
from core.project import Project
from core.rounds import Kind
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from gui.main_window import MainWindow
from gui.pages.rounds import RoundsPage
from gui.runs import ThreadRun
from gui.session import Session

LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key


def square(name: str, x: float, *, score: float | None = None, side: float = 20) -> Instance:
    ring = [[x, 18], [x + side, 18], [x + side, 18 + side], [x, 18 + side]]
    state = InstanceState.DRAWN if score is None else InstanceState.PREDICTED
    return Instance(name, 1, (Part(ring),), state=state, score=score)


OLD = (square("o1", 10, score=0.7, side=26), square("o2", 40, score=0.6))
NEW = (square("n1", 10, score=0.8, side=21), square("n3", 80, score=0.9))


def keep(project: Project, key: str, weights: str, instances: tuple[Instance, ...]) -> None:
    by = PredictedBy(weights, "1", {}, ("red",))
    store = PredictionStore(project.hidden_folder)
    stamp = image_stamp(project.image_path(key))
    store.keep(Predictions(key, stamp, (90, 120), by, instances))


@pytest.fixture
def two_rounds(folder: Path) -> Path:
    """img_0 with a label that the new model is nearer to, img_1 the same but done, img_2 with what
    the old model saw as predictions."""
    project = Project.open(folder)
    project.add_class("red")
    for key, instances, state in (
        ("img_0.png", (square("a", 10),), ImageState.STARTED),
        ("img_1.png", (square("a", 10),), ImageState.DONE),
        ("img_2.png", OLD, ImageState.UNTOUCHED),
    ):
        project.write(key, ImageLabels((90, 120), instances, state), stamp="")
        keep(project, key, "old.pth", OLD)
        keep(project, key, "new.pth", NEW)
    project.close()
    return folder


@pytest.fixture
def page(
    qtbot: QtBot, window: MainWindow, open_folder: Callable[[Path], None], two_rounds: Path
) -> RoundsPage:
    """In the window, whose shortcuts are its keys."""
    open_folder(two_rounds)
    window.pages.show_page("rounds")
    made = window.pages.page("rounds")
    assert isinstance(made, RoundsPage)
    qtbot.waitUntil(lambda: made.images.count() == 3 and bool(made.table.shown))
    with qtbot.waitActive(window):
        window.activateWindow()
    made.table.setFocus()
    return made


def show(qtbot: QtBot, page: RoundsPage, key: str) -> None:
    for row in range(page.images.count()):
        if page.images.item(row).text().startswith(key):
            page.images.setCurrentRow(row)
    qtbot.waitUntil(lambda: page._compared is not None and page._compared.key == key)


def pick(page: RoundsPage, kind: Kind) -> None:
    page.table.selectRow([one.kind for one in page.table.shown].index(kind))


def on_disk(session: Session, key: str) -> ImageLabels:
    assert session.project is not None
    return session.project.read(key).labels


def test_each_image_says_what_differs(qtbot: QtBot, page: RoundsPage) -> None:
    texts = {page.images.item(row).text() for row in range(3)}
    assert "img_0.png\n1 new · 1 better · 1 gone" in texts
    assert "img_2.png\n1 new · 1 better · 1 gone" in texts


def test_old_new_and_labels_are_shown_side_by_side(qtbot: QtBot, page: RoundsPage) -> None:
    show(qtbot, page, "img_0.png")
    assert page.panes.titles["old"].text() == "Old: old.pth"
    assert page.panes.titles["new"].text() == "New: new.pth"
    assert [name for name, pane in page.panes._panes.items() if pane.isVisible()] == [
        "old",
        "new",
        "labels",
    ]
    assert page.panes.views["old"]._layer.count_in(page.panes.views["old"].image_rect()) == 2
    assert page.panes.views["labels"]._layer.count_in(page.panes.views["labels"].image_rect()) == 1


def test_the_table_holds_both_against_the_label(qtbot: QtBot, page: RoundsPage) -> None:
    show(qtbot, page, "img_0.png")
    rows = [[page.table.item(row, column).text() for column in range(4)] for row in range(3)]
    assert rows == [
        ["+ new", "red", "not seen", "90 %"],
        ["▲ better", "red", "IoU 0.59", "IoU 0.91"],
        ["✗ gone", "red", "60 %", "not seen"],
    ]


def test_the_views_move_together(qtbot: QtBot, page: RoundsPage) -> None:
    page.panes.views["old"].zoom_by(3)
    assert page.panes.views["new"].zoom == pytest.approx(page.panes.views["old"].zoom)
    middles = [page.panes.views[name].visible_rect().center() for name in ("old", "new", "labels")]
    assert [one.x() for one in middles] == pytest.approx([middles[0].x()] * 3, abs=1)
    assert [one.y() for one in middles] == pytest.approx([middles[0].y()] * 3, abs=1)


def test_what_is_picked_is_brought_into_view(qtbot: QtBot, page: RoundsPage) -> None:
    show(qtbot, page, "img_0.png")
    pick(page, Kind.GONE)
    assert page.panes.views["old"].visible_rect().contains(50, 28)
    assert not page.panes.views["old"].visible_rect().contains(100, 28)


def test_the_space_bar_shows_the_two_models_by_turns(qtbot: QtBot, page: RoundsPage) -> None:
    show(qtbot, page, "img_0.png")
    seen = []
    for _ in range(3):
        qtbot.keyClick(page.table, KEY.Key_Space)
        seen.append(page.panes.titles["flicker"].text().partition(":")[0])
    assert seen == ["Old", "New", "Old"]
    assert page.panes._panes["flicker"].isVisible()
    assert not page.panes._panes["old"].isVisible()


def test_another_key_shows_the_models_by_turns_where_a_person_chose_it(
    qtbot: QtBot, window: MainWindow, page: RoundsPage
) -> None:
    show(qtbot, page, "img_0.png")
    window.shortcuts.set_key("flicker", "F9")
    qtbot.keyClick(page.panes.views["new"], KEY.Key_F9)
    assert page.panes.titles["flicker"].text() == "Old: old.pth. F9 shows the other one."
    assert page.pair_bar.mode.toolTip().endswith("(F9)")


def test_a_key_that_was_held_shows_the_new_model_again_when_it_is_let_go(
    qtbot: QtBot, page: RoundsPage
) -> None:
    show(qtbot, page, "img_0.png")
    title = page.panes.titles["flicker"]
    page._held._least_ms = 0
    qtbot.keyPress(page.table, KEY.Key_Space)
    assert title.text().startswith("Old")
    qtbot.keyRelease(page.table, KEY.Key_Space)
    assert title.text().startswith("New")


def test_the_space_bar_presses_the_button_that_has_the_focus(
    qtbot: QtBot, session: Session, page: RoundsPage
) -> None:
    show(qtbot, page, "img_0.png")
    page.accept_bar.new_button.setFocus()
    qtbot.keyClick(page.accept_bar.new_button, KEY.Key_Space)
    assert not page.pair_bar.is_flicker
    qtbot.waitUntil(lambda: len(on_disk(session, "img_0.png").instances) == 2)


def test_enter_in_a_field_takes_what_is_in_it_and_stays_here(
    qtbot: QtBot, window: MainWindow, page: RoundsPage
) -> None:
    page.pair_bar.score.setFocus()
    with qtbot.waitSignal(page.pair_bar.score.editingFinished):
        qtbot.keyClick(page.pair_bar.score, KEY.Key_Return)
    assert window.pages.current == "rounds"


def test_one_difference_is_accepted_by_key_and_taken_back(
    qtbot: QtBot, session: Session, page: RoundsPage
) -> None:
    show(qtbot, page, "img_0.png")
    pick(page, Kind.NEW)
    qtbot.keyClick(page.table, KEY.Key_W)
    qtbot.waitUntil(lambda: len(on_disk(session, "img_0.png").instances) == 2)
    assert on_disk(session, "img_0.png").instance("n3").state is InstanceState.ACCEPTED
    qtbot.waitUntil(lambda: page.accept_bar.back_button.isEnabled())
    qtbot.mouseClick(page.accept_bar.back_button, LEFT)
    qtbot.waitUntil(lambda: len(on_disk(session, "img_0.png").instances) == 1)


def test_a_persons_own_outline_gives_way_only_where_they_pick_it(
    qtbot: QtBot, session: Session, page: RoundsPage
) -> None:
    show(qtbot, page, "img_0.png")
    qtbot.mouseClick(page.accept_bar.better_button, LEFT)
    assert on_disk(session, "img_0.png").instance("a").parts == square("a", 10).parts
    pick(page, Kind.BETTER)
    assert "You have a label for this." in page.words.text()
    qtbot.mouseClick(page.accept_bar.accept_button, LEFT)
    qtbot.waitUntil(lambda: on_disk(session, "img_0.png").instance("a").parts == NEW[0].parts)
    assert on_disk(session, "img_0.png").instance("a").state is InstanceState.DRAWN


def test_all_new_ones_are_accepted_in_all_images_that_are_not_done(
    qtbot: QtBot, session: Session, page: RoundsPage
) -> None:
    page.accept_bar.scope.setCurrentText("In all images")
    qtbot.mouseClick(page.accept_bar.new_button, LEFT)
    qtbot.waitUntil(lambda: len(on_disk(session, "img_2.png").instances) == 3)
    qtbot.waitUntil(lambda: len(on_disk(session, "img_0.png").instances) == 2)
    assert len(on_disk(session, "img_1.png").instances) == 1
    states = {one.id: one.state for one in on_disk(session, "img_2.png").instances}
    assert states["n3"] is InstanceState.ACCEPTED
    assert states["o1"] is InstanceState.PREDICTED


def test_new_ones_that_are_less_sure_than_asked_for_are_left(
    qtbot: QtBot, session: Session, page: RoundsPage
) -> None:
    show(qtbot, page, "img_2.png")
    page.accept_bar.score.setValue(95)
    qtbot.mouseClick(page.accept_bar.new_button, LEFT)
    page.accept_bar.score.setValue(85)
    before = on_disk(session, "img_2.png")
    assert len(before.instances) == 2
    qtbot.mouseClick(page.accept_bar.new_button, LEFT)
    qtbot.waitUntil(lambda: len(on_disk(session, "img_2.png").instances) == 3)


def test_what_is_better_takes_the_place_of_the_old_prediction(
    qtbot: QtBot, session: Session, page: RoundsPage
) -> None:
    show(qtbot, page, "img_2.png")
    qtbot.mouseClick(page.accept_bar.better_button, LEFT)
    qtbot.waitUntil(lambda: any(one.id == "n1" for one in on_disk(session, "img_2.png").instances))
    assert {one.id for one in on_disk(session, "img_2.png").instances} == {"o2", "n1"}


def test_a_done_image_is_only_looked_at(qtbot: QtBot, page: RoundsPage) -> None:
    show(qtbot, page, "img_1.png")
    assert "This image is done" in page.words.text()
    assert not page.accept_bar.accept_button.isEnabled()


def test_other_weights_can_be_held_against_each_other(qtbot: QtBot, page: RoundsPage) -> None:
    page.pair_bar.new.setCurrentText("old.pth")
    page.pair_bar.old.setCurrentText("new.pth")
    qtbot.waitUntil(lambda: page.images.count() == 3)
    show(qtbot, page, "img_0.png")
    qtbot.waitUntil(lambda: page.panes.titles["new"].text() == "New: old.pth")
    assert [one.kind for one in page.table.shown] == [Kind.NEW, Kind.WORSE, Kind.GONE]


def test_without_a_folder_it_says_what_to_do(qtbot: QtBot, session: Session) -> None:
    page = RoundsPage(session)
    qtbot.addWidget(page)
    page.show()
    assert page.empty.text().startswith("No folder is open.")
    assert page.empty.isVisible()


def test_without_two_rounds_it_says_what_to_do(
    qtbot: QtBot, session: Session, open_folder: Callable[[Path], None], folder: Path
) -> None:
    open_folder(folder)
    page = RoundsPage(session)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.empty.text().startswith("No image was seen by two models yet."))


def test_a_pre_label_with_other_weights_is_compared_as_it_ends(
    qtbot: QtBot, session: Session, page: RoundsPage
) -> None:
    session.prelabel_all()
    qtbot.waitUntil(lambda: page.pair_bar.new.findText("fake") >= 0, timeout=20_000)


def test_what_is_still_found_in_a_folder_is_not_listed_in_the_next(
    page: RoundsPage, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    page.look_again()
    looking = page._looking
    assert looking is not None
    ticket = looking._latest

    open_folder(shutil.copytree(folder, folder.with_name("other")))

    assert looking._is_stale(ticket)


def test_folders_that_were_closed_leave_nothing_behind(
    qtbot: QtBot, page: RoundsPage, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    n_runs = len(page.findChildren(ThreadRun))

    open_folder(shutil.copytree(folder, folder.with_name("other")))

    qtbot.waitUntil(lambda: len(page.findChildren(ThreadRun)) == n_runs)
