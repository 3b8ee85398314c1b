"""The way to a place in an image."""

import numpy as np
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, Part
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


def test_what_is_hidden_there_is_not_selected(opened: MainWindow) -> None:
    document, review = opened.session.document, opened.session.review
    assert document is not None
    assert review is not None
    triangle = Part(np.array([[10.0, 10.0], [40.0, 10.0], [40.0, 40.0]]))
    drawn = [Instance(name, 1, (triangle,)) for name in ("seen", "hidden")]
    document.edit("Draw", lambda now: edits.with_instances_added(now, drawn))
    document.marks.set_hidden(["hidden"])

    review.go_to(Place(document.key, ("seen", "hidden")))

    assert document.selection == {"seen"}
