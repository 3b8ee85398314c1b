"""The page to review: crops of all images, judged by keys and strokes of the mouse."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from core.errors import AppError
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part
from gui.dialogs.palette import CommandPalette
from gui.main_window import MainWindow
from gui.pages.review import ReviewPage
from gui.session import Session
from gui.session.shown_cards import ShownCards

LEFT = Qt.MouseButton.LeftButton
PREDICTED, ACCEPTED = InstanceState.PREDICTED, InstanceState.ACCEPTED
SCORES = {"img_0.png": (0.9, 0.3), "img_1.png": (0.5, 0.8), "img_2.png": (0.6, None)}
KEY = Qt.Key


def square(name: str, x: float, score: float | None, class_id: int) -> Instance:
    ring = [[x, 18], [x + 24, 18], [x + 24, 42], [x, 42]]
    state = InstanceState.DRAWN if score is None else PREDICTED
    return Instance(name, class_id, (Part(ring),), state=state, score=score)


@pytest.fixture
def predicted(folder: Path) -> Path:
    """Two squares in each of three images; img_2 is done, and one of its squares is drawn."""
    project = Project.open(folder)
    red, green = project.add_class("red"), project.add_class("green")
    for key, (first, second) in SCORES.items():
        instances = (square("a", 13, first, red.id), square("b", 48, second, green.id))
        state = ImageState.DONE if key == "img_2.png" else ImageState.STARTED
        project.write(key, ImageLabels((90, 120), instances, state), stamp="")
    project.close()
    return folder


@pytest.fixture
def page(
    qtbot: QtBot,
    session: Session,
    window: MainWindow,
    open_folder: Callable[[Path], None],
    predicted: Path,
) -> ReviewPage:
    """In the window, whose shortcuts are its keys."""
    open_folder(predicted)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.pages.show_page("review")
    made = window.pages.page("review")
    assert isinstance(made, ReviewPage)
    assert made.grid.hasFocus()
    assert session.review is not None
    qtbot.waitUntil(lambda: made.grid.count == 4 and not session.review.cards.is_looking)
    return made


def shown(page: ReviewPage) -> list[tuple[str, str]]:
    return [
        (card.key, card.instance_id)
        for number in range(page.grid.count)
        if (card := page._card(number))
    ]


def on_disk(session: Session, key: str) -> ImageLabels:
    assert session.project is not None
    return session.project.read(key).labels


def state_of(session: Session, key: str, name: str) -> InstanceState:
    return on_disk(session, key).instance(name).state


def press(qtbot: QtBot, page: ReviewPage, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(page.grid, key)


def point(page: ReviewPage, number: int) -> QPoint:
    return page.grid.rect_of(number).center()


def stroke(qtbot: QtBot, page: ReviewPage, *numbers: int) -> None:
    viewport = page.grid.viewport()
    qtbot.mousePress(viewport, LEFT, pos=point(page, numbers[0]))
    for number in numbers[1:]:
        qtbot.mouseMove(viewport, point(page, number))
    qtbot.mouseRelease(viewport, LEFT, pos=point(page, numbers[-1]))


def test_the_least_sure_come_first_and_done_images_are_left_out(page: ReviewPage) -> None:
    assert shown(page) == [
        ("img_0.png", "b"),
        ("img_1.png", "a"),
        ("img_1.png", "b"),
        ("img_0.png", "a"),
    ]
    assert page.status.text() == "4 instances · 1 selected"


def test_what_is_seen_gets_its_crop(qtbot: QtBot, page: ReviewPage) -> None:
    qtbot.waitUntil(lambda: all(page._cell(number).pixmap for number in range(4)))


def test_done_images_are_shown_where_a_person_says_so(qtbot: QtBot, page: ReviewPage) -> None:
    page.filter.with_done.setChecked(True)
    of_done = [("img_2.png", "a"), ("img_2.png", "b")]
    qtbot.waitUntil(lambda: [one for one in shown(page) if one[0] == "img_2.png"] == of_done)


def test_one_class_or_one_state_is_shown(qtbot: QtBot, page: ReviewPage) -> None:
    page.filter.classes.setCurrentText("green")
    qtbot.waitUntil(lambda: shown(page) == [("img_0.png", "b"), ("img_1.png", "b")])
    page.filter.states.setCurrentText("Accepted")
    qtbot.waitUntil(lambda: page.grid.count == 0)
    assert page.grid.empty_text.startswith("Every instance like that lies in an image")


def test_a_key_accepts_and_goes_on(qtbot: QtBot, session: Session, page: ReviewPage) -> None:
    press(qtbot, page, KEY.Key_W, KEY.Key_W)
    assert page.grid.current == 2
    qtbot.waitUntil(lambda: state_of(session, "img_0.png", "b") is ACCEPTED)
    qtbot.waitUntil(lambda: state_of(session, "img_1.png", "a") is ACCEPTED)
    assert state_of(session, "img_1.png", "b") is PREDICTED


def test_the_keys_that_a_person_chose_work_here_too(
    qtbot: QtBot, session: Session, window: MainWindow, page: ReviewPage
) -> None:
    window.shortcuts.set_key("accept", "F9")
    press(qtbot, page, KEY.Key_W)
    assert page.grid.current == 0
    press(qtbot, page, KEY.Key_F9)
    assert page.grid.current == 1
    qtbot.waitUntil(lambda: state_of(session, "img_0.png", "b") is ACCEPTED)
    assert page.verdict_bar.accept_button.toolTip().endswith("(F9)")


def test_the_command_palette_offers_the_actions_of_the_page(
    window: MainWindow, page: ReviewPage
) -> None:
    shown = set(CommandPalette(window.actions_by_name, window).shown)
    assert {"accept", "reject", "change_class", "undo", "go_there"} <= shown
    assert not shown & {"flicker", "polygon_tool"}


def test_an_action_of_the_palette_is_done_on_the_page(
    qtbot: QtBot, session: Session, window: MainWindow, page: ReviewPage
) -> None:
    qtbot.keySequence(page.grid, window.actions_by_name["command_palette"].shortcut())
    (palette,) = window.findChildren(CommandPalette)
    qtbot.keyClicks(palette.search, "reject")
    qtbot.keyClick(palette.search, KEY.Key_Return)
    qtbot.waitUntil(lambda: [one.id for one in on_disk(session, "img_0.png").rejected] == ["b"])


def test_enter_in_a_control_does_not_leave_the_page(
    qtbot: QtBot, window: MainWindow, page: ReviewPage
) -> None:
    page.filter.classes.setFocus()
    qtbot.keyClick(page.filter.classes, KEY.Key_Return)
    assert window.pages.current == "review"


def test_in_the_open_image_a_verdict_is_one_step_of_undo(
    qtbot: QtBot, session: Session, page: ReviewPage
) -> None:
    assert session.document is not None
    assert session.document.key == "img_0.png"
    press(qtbot, page, KEY.Key_W)
    assert session.document.labels.instance("b").state is ACCEPTED
    assert session.document.undo_stack.undoText() == "Accept"


def test_a_verdict_that_could_not_be_written_is_not_shown_as_given(
    qtbot: QtBot, session: Session, page: ReviewPage
) -> None:
    key, name = shown(page)[1]
    assert key == "img_1.png"  # not the one that is open
    assert session.project is not None
    (session.project.folder / "img_1.json").write_text("{ broken")
    page.grid.go_to(1)
    with qtbot.waitSignal(session.told):
        press(qtbot, page, KEY.Key_W)
    qtbot.waitUntil(lambda: (key, name) not in shown(page))


def test_an_instance_that_was_replaced_meanwhile_is_told_of(
    qtbot: QtBot, session: Session, page: ReviewPage
) -> None:
    key, name = shown(page)[1]
    assert session.project is not None
    loaded = session.project.read(key)
    others = tuple(replace(one, id=f"new {one.id}") for one in loaded.labels.instances)
    session.project.write(key, replace(loaded.labels, instances=others), stamp=loaded.stamp)
    page.grid.go_to(1)
    with qtbot.waitSignal(session.told) as told:
        press(qtbot, page, KEY.Key_W)
    assert told.args[0].startswith("1 instance was not judged")
    qtbot.waitUntil(lambda: (key, name) not in shown(page))


def test_in_a_folder_that_cannot_be_written_no_card_changes(
    qtbot: QtBot, session: Session, page: ReviewPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_project: Project) -> None:
        raise AppError("It can only be looked at.")

    monkeypatch.setattr(Project, "require_writable", refuse)
    with qtbot.waitSignal(session.told):
        press(qtbot, page, KEY.Key_W)
    first = page._card(0)
    assert first is not None
    assert first.state == "predicted"


def test_arrows_with_shift_extend_and_a_key_rejects_them_all(
    qtbot: QtBot, session: Session, page: ReviewPage
) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page.grid, KEY.Key_Right, shift)
    qtbot.keyClick(page.grid, KEY.Key_Right, shift)
    assert page.grid.selected == (0, 1, 2)
    press(qtbot, page, KEY.Key_X)
    qtbot.waitUntil(lambda: len(on_disk(session, "img_1.png").rejected) == 2)
    qtbot.waitUntil(lambda: [one.id for one in on_disk(session, "img_0.png").rejected] == ["b"])
    assert page._cell(0).words == "rejected · 30 %"
    assert page.grid.count == 4, "what was judged stays in its place"


def test_a_class_key_gives_the_class(qtbot: QtBot, session: Session, page: ReviewPage) -> None:
    red, green = session.classes[:2]
    assert green.key
    qtbot.keyClick(page.grid, KEY(ord(green.key)))
    press(qtbot, page, KEY.Key_Right)
    qtbot.keyClick(page.grid, KEY(ord(red.key)))
    page.grid.go_to(1)
    qtbot.keyClick(page.grid, KEY(ord(green.key)))
    qtbot.waitUntil(lambda: on_disk(session, "img_1.png").instance("a").class_id == green.id)
    assert state_of(session, "img_1.png", "a") is InstanceState.EDITED


def test_a_stroke_of_the_mouse_selects(qtbot: QtBot, page: ReviewPage) -> None:
    stroke(qtbot, page, 0, 2)
    assert page.grid.selected == (0, 1, 2)


def test_a_stroke_gives_the_verdict_that_is_chosen(
    qtbot: QtBot, session: Session, page: ReviewPage
) -> None:
    page.verdict_bar.strokes.setCurrentText("A drag accepts")
    stroke(qtbot, page, 1, 2)
    qtbot.waitUntil(lambda: state_of(session, "img_1.png", "a") is ACCEPTED)
    assert state_of(session, "img_1.png", "b") is ACCEPTED
    assert state_of(session, "img_0.png", "b") is PREDICTED


def test_ctrl_z_takes_the_last_verdict_back_in_all_its_images(
    qtbot: QtBot, session: Session, page: ReviewPage
) -> None:
    before = {key: on_disk(session, key) for key in SCORES}
    page.grid.select(range(4))
    assert session.review is not None
    with qtbot.waitSignal(session.review.verdicts.ended):
        press(qtbot, page, KEY.Key_W)
    qtbot.waitUntil(lambda: session.is_all_saved)
    assert on_disk(session, "img_0.png") != before["img_0.png"]
    with qtbot.waitSignal(session.review.verdicts.taken_back):
        qtbot.keyClick(page.grid, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert {key: on_disk(session, key) for key in SCORES} == before
    qtbot.waitUntil(lambda: page._cell(0).words == "predicted · 30 %")
    qtbot.waitUntil(lambda: session.document.labels == before["img_0.png"])


def test_done_images_change_where_a_person_says_so(
    qtbot: QtBot, session: Session, page: ReviewPage
) -> None:
    page.filter.with_done.setChecked(True)
    qtbot.waitUntil(lambda: page.grid.count == 6)
    page.grid.go_to(shown(page).index(("img_2.png", "a")))
    press(qtbot, page, KEY.Key_W)
    qtbot.waitUntil(lambda: state_of(session, "img_2.png", "a") is ACCEPTED)
    assert on_disk(session, "img_2.png").state is ImageState.DONE


def test_an_instance_that_goes_elsewhere_leaves_the_grid(
    qtbot: QtBot, session: Session, page: ReviewPage
) -> None:
    assert session.project is not None
    loaded = session.project.read("img_1.png")
    rest = ImageLabels((90, 120), loaded.labels.instances[:1], ImageState.STARTED)
    session.project.write("img_1.png", rest, stamp=loaded.stamp)
    session.image_changed.connect(session.review.look_at)
    session.image_changed.emit("img_1.png")
    qtbot.waitUntil(lambda: page.grid.count == 3)
    assert ("img_1.png", "b") not in shown(page)


def test_without_a_folder_it_says_what_to_do(qtbot: QtBot, session: Session) -> None:
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.show()
    assert page.grid.empty_text.startswith("No folder is open.")


def test_without_an_instance_it_says_what_to_do(
    qtbot: QtBot, session: Session, open_folder: Callable[[Path], None], folder: Path
) -> None:
    open_folder(folder)
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.grid.empty_text.startswith("No image has an instance yet."))


def test_what_a_pre_label_brings_is_shown(
    qtbot: QtBot, session: Session, open_folder: Callable[[Path], None], folder: Path
) -> None:
    open_folder(folder)
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.grid.empty_text.startswith("No image has an instance yet."))
    session.class_list.add("red")
    session.prelabel_all()
    qtbot.waitUntil(lambda: page.grid.count >= 3, timeout=20_000)


def test_a_folder_that_was_closed_leaves_no_cards_behind(
    qtbot: QtBot, page: ReviewPage, folder: Path, open_folder: Callable[[Path], None]
) -> None:
    open_folder(shutil.copytree(folder, folder.with_name("other")))

    qtbot.waitUntil(lambda: len(page.findChildren(ShownCards)) == 1)
