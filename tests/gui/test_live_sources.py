"""The live page on real films, folders and the fake engine, in a real child."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.pages.live import LivePage
from gui.session.live import LivePicture

LEFT = Qt.MouseButton.LeftButton
RED = (40, 40, 200)  # BGR


def frame_of(number: int) -> npt.NDArray[np.uint8]:
    """A red disc that goes to the right."""
    pixels = np.full((96, 128, 3), 230, np.uint8)
    cv2.circle(pixels, (20 + 2 * number % 90, 48), 14, RED, -1)
    return pixels


@pytest.fixture
def film(tmp_path: Path) -> Callable[[int, float], Path]:
    """Makes a film of so many frames, so many a second."""

    def make(n_frames: int, frames_per_s: float) -> Path:
        path = tmp_path / "film.avi"
        code = cv2.VideoWriter.fourcc(*"MJPG")
        writer = cv2.VideoWriter(str(path), code, frames_per_s, (128, 96))
        for number in range(n_frames):
            writer.write(frame_of(number))
        writer.release()
        return path

    return make


@pytest.fixture
def page(window: MainWindow) -> LivePage:
    window.actions_by_name["page_live"].trigger()
    found = window.pages.page("live")
    assert isinstance(found, LivePage)
    return found


def watched(qtbot: QtBot, page: LivePage, source: Path) -> list[LivePicture]:
    """Watches a source to its end; what was shown."""
    live = page.window().session.live
    shown: list[LivePicture] = []
    live.shown.connect(shown.append)
    page.source.choose_path(source)
    qtbot.mouseClick(page.start_button, LEFT)
    qtbot.waitUntil(lambda: not live.is_going, timeout=30_000)
    return shown


def test_a_film_is_shown_with_what_the_engine_sees_in_it(
    qtbot: QtBot, page: LivePage, film: Callable[[int, float], Path]
) -> None:
    shown = watched(qtbot, page, film(12, 25))
    assert page.card.sentence.text() == "film.avi has come to its end."
    last = shown[-1]
    assert last.frame.size_hw == last.bgra.shape[:2] == (96, 128)
    (seen,) = last.frame.instances
    assert last.opened.class_names[seen.class_id] == "red"
    assert page.view.n_shown == 1


def test_an_engine_that_is_slower_than_the_film_leaves_frames_out(
    qtbot: QtBot, page: LivePage, film: Callable[[int, float], Path]
) -> None:
    page.window().session.settings.set("weights", "fake:slow")
    numbers = [one.frame.number for one in watched(qtbot, page, film(100, 100))]
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 60


def test_of_a_folder_every_frame_is_shown(qtbot: QtBot, page: LivePage, tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in range(4):
        cv2.imwrite(str(frames / f"{number}.png"), frame_of(number))
    shown = watched(qtbot, page, frames)
    assert [one.frame.number for one in shown] == [0, 1, 2, 3]
    assert page.card.button.text() == "Again"


def test_a_film_begins_again_at_its_end_where_that_is_wished(
    qtbot: QtBot, page: LivePage, film: Callable[[int, float], Path]
) -> None:
    live = page.window().session.live
    page.source.choose_path(film(5, 50))
    page.source.loop.click()
    qtbot.mouseClick(page.start_button, LEFT)
    qtbot.waitUntil(
        lambda: live.picture is not None and live.picture.frame.number > 5, timeout=30_000
    )
    assert live.is_going


@pytest.mark.parametrize("content", [b"", b"this is no film" * 100])
def test_a_file_that_is_no_film_is_said(
    qtbot: QtBot, page: LivePage, tmp_path: Path, content: bytes
) -> None:
    wrong = tmp_path / "wrong.mp4"
    wrong.write_bytes(content)
    assert watched(qtbot, page, wrong) == []
    assert "wrong.mp4" in page.card.sentence.text()
    assert page.card.button.text() == "Start again"


def test_an_engine_that_takes_its_process_with_it_is_said(
    qtbot: QtBot, page: LivePage, film: Callable[[int, float], Path]
) -> None:
    page.window().session.settings.set("weights", "fake:die")
    assert watched(qtbot, page, film(5, 25)) == []
    assert "ended with code 3" in page.card.sentence.text()
    assert page.card.button.text() == "Start again"
