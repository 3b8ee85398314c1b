"""The way to a place in an image."""

from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.session.review import Place

PLACE = Place("img_1.png", (), (10.0, 10.0, 20.0, 20.0))


def wait_for(qtbot: QtBot, window: MainWindow, key: str) -> None:
    qtbot.waitUntil(lambda: window.session.document is not None and _key(window) == key)


def _key(window: MainWindow) -> str:
    document = window.session.document
    return document.key if document is not None else ""


def test_the_place_is_brought_into_view_when_its_image_is_there(
    qtbot: QtBot, opened: MainWindow
) -> None:
    assert opened.session.review is not None
    fitting = opened.canvas.zoom

    opened.session.review.go_to(PLACE)
    wait_for(qtbot, opened, "img_1.png")

    assert opened.canvas.zoom > fitting


def test_who_goes_elsewhere_meanwhile_is_not_taken_there_later(
    qtbot: QtBot, opened: MainWindow
) -> None:
    assert opened.session.review is not None
    fitting = opened.canvas.zoom
    opened.session.review.go_to(PLACE)
    opened.session.open_image("img_2.png")
    wait_for(qtbot, opened, "img_2.png")

    opened.session.open_image("img_1.png")
    wait_for(qtbot, opened, "img_1.png")

    assert opened.canvas.zoom == fitting
