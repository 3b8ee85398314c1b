"""The live page, by mouse and keyboard, on a worker that does what a test tells it to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.configs import TrainConfig
from core.types import InstanceState
from gui.main_window import MainWindow
from gui.pages.live import LivePage
from gui.session import Session
from gui.session.live import LivePicture
from gui.settings import Settings
from tests.gui.scripted import SCRIPTED_LIVE

LEFT = Qt.MouseButton.LeftButton
OPEN = {"open": "film.json"}


@pytest.fixture
def worker_command() -> tuple[str, ...]:
    return SCRIPTED_LIVE


@pytest.fixture
def page(window: MainWindow) -> LivePage:
    window.actions_by_name["page_live"].trigger()
    found = window.pages.page("live")
    assert isinstance(found, LivePage)
    return found


Watch = Callable[..., None]


@pytest.fixture
def watch(qtbot: QtBot, page: LivePage, tmp_path: Path) -> Watch:
    """Chooses a source that goes through these steps, and presses Start."""

    def start(*steps: dict[str, Any]) -> None:
        script = tmp_path / "film.json"
        script.write_text(json.dumps(steps))
        page.source.choose_path(script)
        qtbot.mouseClick(page.start_button, LEFT)

    return start


def wait_for_frame(qtbot: QtBot, page: LivePage, number: int = 0) -> None:
    def is_there() -> bool:
        picture = page.window().session.live.picture
        return picture is not None and picture.frame.number >= number

    qtbot.waitUntil(is_there)


def colour(page: LivePage, x: float, y: float) -> tuple[int, int, int]:
    viewport = page.view.viewport()
    return viewport.grab().toImage().pixelColor(page.view.mapFromScene(QPointF(x, y))).toTuple()[:3]


# What is shown


def test_the_page_says_what_to_do_first(page: LivePage) -> None:
    assert page.card.isVisible()
    assert "Choose a camera" in page.card.sentence.text()
    assert not page.pause_button.isEnabled()


def test_frames_come_with_what_the_model_sees(qtbot: QtBot, page: LivePage, watch: Watch) -> None:
    watch(OPEN, {"frames": 1, "from": 7}, {"wait": True})
    wait_for_frame(qtbot, page, 7)
    assert not page.card.isVisible()
    assert page.view.n_shown == 1
    assert colour(page, 100, 80) == (7, 7, 7)
    assert colour(page, 50, 40) != (7, 7, 7)


def test_the_figures_say_how_it_goes(
    qtbot: QtBot, page: LivePage, watch: Watch, tmp_path: Path
) -> None:
    go_on = tmp_path / "go on"
    watch(
        OPEN, {"frames": 3}, {"until": str(go_on)}, {"frames": 2, "from": 10}, {"wait": True}
    )  # fmt: skip
    for number in (0, 11):
        wait_for_frame(qtbot, page, number)
        page.view.viewport().repaint()
        go_on.touch()
    with qtbot.waitSignal(page.figures_shown):
        pass
    text = page.strip.text()
    assert "frames/s" in text
    assert "ms from capture to screen" in text
    assert "120 x 90" in text
    assert "1 instance" in text
    assert "auto" in text
    assert "left out" in text


def test_the_threshold_hides_and_shows_at_once(qtbot: QtBot, page: LivePage, watch: Watch) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    page.options.slider.setFocus()
    qtbot.keyClick(page.options.slider, Qt.Key.Key_End)
    assert page.options.percent.text() == "100 %"
    assert page.view.n_shown == 0
    qtbot.keyClick(page.options.slider, Qt.Key.Key_Home)
    assert page.view.n_shown == 1


@pytest.mark.parametrize("name", ["masks", "boxes", "names", "scores"])
def test_each_part_of_an_instance_can_be_left_out(
    qtbot: QtBot, page: LivePage, watch: Watch, name: str
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    before = page.view.viewport().grab().toImage()
    qtbot.mouseClick(page.options.boxes[name], LEFT, pos=QPoint(8, 8))
    assert not page.options.boxes[name].isChecked()
    assert page.view.viewport().grab().toImage() != before


def test_what_was_chosen_is_there_at_the_next_start(
    qtbot: QtBot, page: LivePage, settings: Settings, tmp_path: Path
) -> None:
    qtbot.mouseClick(page.options.boxes["boxes"], LEFT, pos=QPoint(8, 8))
    page.options.slider.setValue(70)
    page.source.choose_path(tmp_path)
    again = LivePage(page.window().session)
    qtbot.addWidget(again)
    assert again.options.shown == {"masks", "names", "scores"}
    assert again.options.score == pytest.approx(0.7)
    assert again.source.kind == "folder"
    assert again.source.path.text() == str(tmp_path)


def test_of_frames_that_arrive_together_the_newest_is_shown(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch
) -> None:
    shown: list[LivePicture] = []
    session.live.shown.connect(shown.append)
    watch(OPEN, {"frames": 200}, {"wait": True})
    wait_for_frame(qtbot, page, 199)
    numbers = [one.frame.number for one in shown]
    assert numbers == sorted(set(numbers))
    assert all((one.bgra[0, 0, :3] == one.frame.number).all() for one in shown)


def test_the_tab_key_goes_from_the_source_over_the_buttons_to_the_picture(
    qtbot: QtBot, page: LivePage, watch: Watch
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    page.source.kinds.setFocus()
    seen = []
    while not page.view.hasFocus():
        seen.append(page.window().focusWidget())
        qtbot.keyClick(seen[-1], Qt.Key.Key_Tab)
    assert seen == [
        page.source.kinds,
        page.source.path,
        page.source.choose_button,
        page.source.loop,
        page.start_button,
        page.pause_button,
        page.grab_button,
        page.options.slider,
        *page.options.boxes.values(),
    ]


# Going and stopping


def test_the_space_bar_pauses_and_goes_on(qtbot: QtBot, page: LivePage, watch: Watch) -> None:
    live = page.window().session.live
    watch(OPEN, {"frames": 60_000})
    wait_for_frame(qtbot, page)
    qtbot.keyClick(page.view, Qt.Key.Key_Space)
    assert live.is_paused
    assert page.pause_button.text() == "Go on"
    assert "Paused" in page.strip.text()
    paused_at = live.picture
    with qtbot.waitSignal(page.figures_shown):
        pass
    assert live.picture is paused_at
    with qtbot.waitSignal(live.shown):
        qtbot.keyClick(page.view, Qt.Key.Key_Space)
    assert not live.is_paused


def test_a_start_takes_the_keys_from_the_path_where_they_were_letters(
    qtbot: QtBot, page: LivePage, watch: Watch
) -> None:
    page.source.kinds.setCurrentIndex(page.source.kinds.findData("file"))
    page.source.path.setFocus()
    watch(OPEN, {"frames": 60_000})
    qtbot.waitUntil(page.view.hasFocus)


def test_the_space_bar_presses_the_control_that_has_the_focus(
    qtbot: QtBot, page: LivePage, watch: Watch
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    box = page.options.boxes["masks"]
    box.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert not box.isChecked()
    assert not page.window().session.live.is_paused


def test_stop_ends_the_child_and_removes_what_it_wrote(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    frames = Path(session.live.picture.frame.frames_file).parent
    assert frames.is_dir()
    qtbot.mouseClick(page.start_button, LEFT)
    assert not session.live.is_going
    assert page.start_button.text() == "Start"
    qtbot.waitUntil(lambda: not frames.exists())


def test_a_start_right_after_a_stop_waits_for_the_child(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    qtbot.keyClick(page.view, Qt.Key.Key_F5)
    qtbot.keyClick(page.view, Qt.Key.Key_F5)
    assert session.live.is_going
    with qtbot.waitSignal(session.live.shown):
        pass


@pytest.mark.parametrize("way", ["page", "window"])
def test_leaving_ends_the_child(
    qtbot: QtBot, window: MainWindow, page: LivePage, watch: Watch, way: str
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    live = window.session.live
    frames = Path(live.picture.frame.frames_file).parent
    if way == "page":
        window.actions_by_name["page_annotate"].trigger()
    else:
        window.close()
    assert not live.is_going
    qtbot.waitUntil(lambda: not frames.exists())


def test_another_source_takes_the_place_of_the_one_that_goes(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch, tmp_path: Path
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    other = tmp_path / "other.json"
    other.write_text(json.dumps([{"open": "other.json"}, {"frames": 1, "from": 9}, {"wait": True}]))
    urls = QMimeData()
    urls.setUrls([QUrl.fromLocalFile(str(other))])
    action, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(page, QDragEnterEvent(QPoint(50, 50), action, urls, LEFT, none))
    QApplication.sendEvent(page, QDropEvent(QPointF(50, 50), action, urls, LEFT, none))
    wait_for_frame(qtbot, page, 9)
    assert session.live.opened_last.source == "other.json"
    assert page.source.path.text() == str(other)


def test_a_fine_tune_that_begins_gets_the_device(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch, with_folder: Path
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    assert session.live.opened_last.device == "auto"
    with qtbot.waitSignal(session.live.opened):
        session.work.start_training(TrainConfig(folder=""))
    assert session.live.opened_last.device == "cpu"


# What can go wrong


def test_the_end_of_a_film_is_said_and_it_can_be_watched_again(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch
) -> None:
    watch(OPEN, {"frames": 2})
    qtbot.waitUntil(lambda: not session.live.is_going)
    assert page.card.sentence.text() == "film.json has come to its end."
    assert session.live.picture.frame.number == 1
    with qtbot.waitSignal(session.live.shown):
        assert page.card.button.text() == "Again"
        qtbot.mouseClick(page.card.button, LEFT)


def test_a_source_that_cannot_be_opened_is_said_with_a_way_on(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch
) -> None:
    watch({"fail": "film.json is no video that can be read."})
    qtbot.waitUntil(lambda: not session.live.is_going)
    assert page.card.sentence.text() == "film.json is no video that can be read."
    assert page.card.button.text() == "Start again"


def test_a_child_that_dies_is_said_and_started_again(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch
) -> None:
    watch(OPEN, {"frames": 1}, {"die": 3})
    qtbot.waitUntil(lambda: not session.live.is_going)
    assert "ended with code 3" in page.card.sentence.text()
    assert not Path(session.live.picture.frame.frames_file).parent.exists()
    with qtbot.waitSignal(session.live.shown):
        qtbot.mouseClick(page.card.button, LEFT)


def test_a_camera_that_is_unplugged_is_waited_for(
    qtbot: QtBot, session: Session, page: LivePage, watch: Watch
) -> None:
    note = "Waiting for the camera… it goes on by itself when it is back."
    watch(OPEN, {"frames": 1}, {"note": note}, {"wait": True})
    qtbot.waitUntil(lambda: page.card.sentence.text() == note)
    assert session.live.is_going


def test_frames_of_a_camera_that_is_back_take_the_words_away(
    qtbot: QtBot, page: LivePage, watch: Watch
) -> None:
    watch(OPEN, {"frames": 3}, {"note": "Waiting…"}, OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    qtbot.waitUntil(lambda: not page.card.isVisible() and page.figures.n_left_out == 0)


def test_what_the_model_says_of_itself_stays_beside_the_pictures_until_another_is_loaded(
    qtbot: QtBot, page: LivePage, watch: Watch
) -> None:
    early, late = ({"note": words, "lasts": True} for words in ("Unnamed.", "Less."))
    watch(early, OPEN, {"frames": 2}, late, {"frames": 1, "from": 2}, {"wait": True})
    wait_for_frame(qtbot, page, 2)
    assert (page.notes.isVisible(), page.notes.text()) == (True, "Unnamed. Less.")
    assert not page.card.isVisible()
    qtbot.mouseClick(page.start_button, LEFT)
    watch(OPEN, {"frames": 1}, {"wait": True})
    qtbot.waitUntil(lambda: not page.notes.isVisible())


def test_a_download_is_shown_with_how_far_it_is(qtbot: QtBot, page: LivePage, watch: Watch) -> None:
    watch({"progress": [3_000_000_000, 6_000_000_000]}, {"wait": True})
    qtbot.waitUntil(page.card.progress.isVisible)
    assert page.card.progress.value() * 2 == pytest.approx(page.card.progress.maximum(), abs=1)
    assert "Downloading the weights" in page.card.sentence.text()


def test_without_weights_it_leads_to_where_they_are_chosen(
    qtbot: QtBot, window: MainWindow, page: LivePage, watch: Watch
) -> None:
    window.session.settings.set("weights", "")
    watch(OPEN)
    assert "No weights are chosen" in page.card.sentence.text()
    qtbot.mouseClick(page.card.button, LEFT)
    assert window.pages.current == "annotate"
    assert window.docks["prelabel"].isVisible()


def test_a_file_has_to_be_chosen_first(qtbot: QtBot, page: LivePage) -> None:
    page.source.kinds.setFocus()
    qtbot.keyClick(page.source.kinds, Qt.Key.Key_Down)
    assert page.source.kind == "file"
    qtbot.mouseClick(page.start_button, LEFT)
    assert page.card.sentence.text() == "Choose a video file first."


# Grab


@pytest.fixture
def with_folder(page: LivePage, folder: Path, open_folder: Callable[[Path], None]) -> Path:
    open_folder(folder)
    page.window().session.class_list.add("red")
    return folder


def grab(qtbot: QtBot, page: LivePage) -> Any:
    with qtbot.waitSignal(page.window().session.grabbing.grabbed) as caught:
        qtbot.keyClick(page.view, Qt.Key.Key_S)
    return caught.args[0]


def test_a_grabbed_frame_is_in_the_project_with_its_predictions(
    qtbot: QtBot, page: LivePage, watch: Watch, with_folder: Path
) -> None:
    session = page.window().session
    watch(OPEN, {"frames": 1, "from": 5}, {"wait": True})
    wait_for_frame(qtbot, page, 5)
    grabbed = grab(qtbot, page)
    assert grabbed.key in session.keys
    assert grabbed.key.startswith("live/")
    assert (with_folder / grabbed.key).is_file()
    (instance,) = session.project.read(grabbed.key).labels.instances
    assert instance.state is InstanceState.PREDICTED
    assert instance.class_id == session.project.class_named("red").id
    assert instance.score == pytest.approx(0.8)
    assert instance.source == "fake"


def test_a_grabbed_frame_is_opened_from_the_notice(
    qtbot: QtBot, page: LivePage, watch: Watch, with_folder: Path
) -> None:
    window = page.window()
    watch(OPEN, {"frames": 1, "from": 5}, {"wait": True})
    wait_for_frame(qtbot, page, 5)
    grabbed = grab(qtbot, page)
    window.notices.answer("Open it")
    assert window.pages.current == "annotate"
    qtbot.waitUntil(lambda: window.session.document.key == grabbed.key)
    assert len(window.session.document.labels.instances) == 1


def test_predictions_below_the_threshold_are_not_saved(
    qtbot: QtBot, page: LivePage, watch: Watch, with_folder: Path
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    page.options.slider.setValue(90)
    grabbed = grab(qtbot, page)
    assert grabbed.n_predictions == 0
    assert page.window().session.project.read(grabbed.key).labels.instances == ()


def test_a_frame_is_saved_also_where_no_class_is_one_of_the_project(
    qtbot: QtBot,
    page: LivePage,
    watch: Watch,
    folder: Path,
    open_folder: Callable[[Path], None],
) -> None:
    open_folder(folder)
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    grabbed = grab(qtbot, page)
    assert (folder / grabbed.key).is_file()
    assert "No class of the weights" in grabbed.why_none
    assert any("without predictions" in one.sentence for one in page.window().notices.notices)


def test_a_mapped_class_is_saved_as_the_one_of_the_project(
    qtbot: QtBot, page: LivePage, watch: Watch, with_folder: Path
) -> None:
    session = page.window().session
    given = session.class_list.add("cherry")
    session.project.keep_class_map("fake", {"red": "cherry"})
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    (instance,) = session.project.read(grab(qtbot, page).key).labels.instances
    assert instance.class_id == given.id


def test_the_same_picture_twice_is_two_images_or_one_but_never_replaces(
    qtbot: QtBot, page: LivePage, watch: Watch, with_folder: Path
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    keys = [grab(qtbot, page).key, grab(qtbot, page).key]
    assert len(set(keys)) == 2
    assert set(keys) <= set(page.window().session.keys)


def test_a_key_that_is_held_down_saves_one_frame(
    qtbot: QtBot, page: LivePage, watch: Watch, with_folder: Path
) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    assert not page.window().actions_by_name["grab_frame"].autoRepeat()
    grab(qtbot, page)
    held = QKeyEvent(
        QKeyEvent.Type.KeyPress, Qt.Key.Key_S, Qt.KeyboardModifier.NoModifier, "s", True
    )
    QApplication.sendEvent(page.view, held)
    assert len(list((with_folder / "live").glob("*.png"))) == 1


def test_without_a_folder_it_says_to_open_one(qtbot: QtBot, page: LivePage, watch: Watch) -> None:
    watch(OPEN, {"frames": 1}, {"wait": True})
    wait_for_frame(qtbot, page)
    qtbot.mouseClick(page.grab_button, LEFT)
    (notice,) = page.window().notices.notices
    assert notice.sentence.startswith("Open a folder first")
