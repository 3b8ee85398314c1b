"""The live view by a real model in a real child, on a film; and a frame of it in the project."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.images import read_image
from core.types import InstanceState
from gui.app import begin
from gui.canvas.picture import picture_of
from gui.main_window import MainWindow
from gui.pages.live import LivePage
from gui.session import Session
from gui.session.live import LivePicture
from gui.settings import Settings

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 120_000  # of a test that fails; the child loads torch
pytestmark = pytest.mark.usefixtures("window_process")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film of two seconds in which the golden images follow one another."""
    images = [read_image(file) for file in sorted((GOLDEN / "images").iterdir())]
    size = images[0].shape[1], images[0].shape[0]
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, size)
    for number in range(20):
        image = cv2.resize(images[number // 5 % len(images)], size)
        writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(next((GOLDEN / "images").iterdir()), photos)
    settings = Settings(tmp_path / "settings.ini")
    settings.set("weights", str(GOLDEN / "mask_rcnn_tiny.pth"))
    session = Session(settings, prepare=picture_of)
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    qtbot.waitExposed(made)
    begin(made, [str(photos)])
    qtbot.waitUntil(lambda: session.document is not None and not session.is_looking)
    yield made
    session.close()


def test_a_film_is_watched_to_its_end_and_a_frame_of_it_joins_the_project(
    qtbot: QtBot, window: MainWindow, film: Path
) -> None:
    session = window.session
    for name in ("class 1", "class 2", "class 3", "class 4", "class 5"):
        session.class_list.add(name)
    shown: list[LivePicture] = []
    session.live.shown.connect(shown.append)
    window.actions_by_name["page_live"].trigger()
    page = window.pages.page("live")
    assert isinstance(page, LivePage)
    page.options.slider.setValue(page.options.slider.minimum())
    page.source.choose_path(film)
    qtbot.mouseClick(page.start_button, LEFT)
    qtbot.waitUntil(lambda: page.view.n_shown > 0, timeout=PATIENCE_MS)

    with qtbot.waitSignal(session.grabbing.grabbed, timeout=PATIENCE_MS) as caught:
        qtbot.keyClick(page.view, Qt.Key.Key_S)
    key = caught.args[0].key
    assert key in session.keys

    qtbot.waitUntil(lambda: not session.live.is_going, timeout=PATIENCE_MS)
    assert page.card.sentence.text() == "film.avi has come to its end."
    numbers = [one.frame.number for one in shown]
    assert numbers == sorted(set(numbers))
    assert not Path(shown[-1].frame.frames_file).parent.exists()

    window.notices.answer("Open it")
    qtbot.waitUntil(lambda: session.document is not None and session.document.key == key)
    assert window.pages.current == "annotate"
    instances = session.document.labels.instances
    assert len(instances) == caught.args[0].n_predictions > 0
    assert {one.state for one in instances} == {InstanceState.PREDICTED}
    assert {one.source for one in instances} == {"golden/mask_rcnn_tiny.pth"}
