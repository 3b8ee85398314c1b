"""Zooming with many instances in view: a picture stands in for them."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core import edits
from core.types import ImageLabels, Instance, LabelClass, Part
from gui.canvas.view import Canvas
from gui.document import Document

_SIDE, _STEP = 6, 10
_COLOUR = QColor("#d95f02")


@pytest.fixture
def document() -> Document:
    """900 squares of 6 pixels, on a grid."""
    corners = np.array([[0, 0], [_SIDE, 0], [_SIDE, _SIDE], [0, _SIDE]])
    instances = tuple(
        Instance(f"{x}-{y}", 1, (Part(np.add(corners, (x * _STEP + 2, y * _STEP + 2))),))
        for y in range(30)
        for x in range(30)
    )
    return Document("a.png", ImageLabels((300, 300), instances))


@pytest.fixture
def canvas(qtbot: QtBot, document: Document) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(640, 640)
    made.set_classes([LabelClass(1, "screw", _COLOUR.name())])
    made.show_image(np.full((300, 300, 3), 255, np.uint8))
    made.set_document(document)
    made.show()
    qtbot.waitUntil(lambda: made.stand_in.is_fresh)
    return made


def _turn_wheel(canvas: Canvas) -> None:
    at = QPointF(canvas.viewport().rect().center())
    event = QWheelEvent(
        at, QPointF(canvas.viewport().mapToGlobal(at)), QPoint(), QPoint(0, 12),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(canvas.viewport(), event)


def _colour_at(canvas: Canvas, x: float, y: float) -> QColor:
    image: QImage = canvas.viewport().grab().toImage()
    return image.pixelColor(canvas.mapFromScene(QPointF(x, y)))


def test_while_the_wheel_turns_the_picture_is_shown(qtbot: QtBot, canvas: Canvas) -> None:
    _turn_wheel(canvas)
    assert canvas.stand_in.is_shown
    qtbot.waitUntil(lambda: not canvas.is_in_haste)
    assert not canvas.stand_in.is_shown


def test_it_looks_like_what_it_stands_in_for(qtbot: QtBot, canvas: Canvas) -> None:
    _turn_wheel(canvas)
    inside, beside = _colour_at(canvas, 155, 155), _colour_at(canvas, 150, 150)
    qtbot.waitUntil(lambda: not canvas.is_in_haste)
    for was, point in ((inside, 155), (beside, 150)):
        now = _colour_at(canvas, point, point)
        assert max(abs(a - b) for a, b in zip(was.getRgb(), now.getRgb(), strict=True)) <= 3
    assert inside != beside


def test_after_an_edit_it_is_made_anew(qtbot: QtBot, canvas: Canvas, document: Document) -> None:
    document.edit("Delete", lambda labels: edits.without_instances(labels, ["15-15"]))
    _turn_wheel(canvas)
    assert not canvas.stand_in.is_shown
    qtbot.waitUntil(lambda: canvas.stand_in.is_fresh and not canvas.is_in_haste)
    _turn_wheel(canvas)
    assert canvas.stand_in.is_shown
    assert _colour_at(canvas, 155, 155) == QColor("white")


def test_what_is_hidden_is_not_in_it(qtbot: QtBot, canvas: Canvas, document: Document) -> None:
    document.marks.set_hidden(["15-15"])
    qtbot.waitUntil(lambda: canvas.stand_in.is_fresh)
    _turn_wheel(canvas)
    assert _colour_at(canvas, 155, 155) == QColor("white")
