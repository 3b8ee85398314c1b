"""Two fingers on a touchpad, as Qt tells of them: scrolling moves, pinching zooms."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.canvas.view import Canvas
from tests.gui.hand import NONE, Hand, square

_PAD = QPointingDevice(
    "touchpad", 7, QInputDevice.DeviceType.TouchPad, QPointingDevice.PointerType.Finger,
    QInputDevice.Capability.Scroll | QInputDevice.Capability.PixelScroll, 2, 0,
)  # fmt: skip


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    """At 400 %, so that there is something to scroll to."""
    hand = Hand(qtbot, square(100, 100, "a"))
    hand.canvas.zoom_to_actual()
    hand.canvas.zoom_by(4.0)
    return hand.canvas


def _scroll(canvas: Canvas, by: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
    at = QPointF(canvas.viewport().rect().center())
    event = QWheelEvent(
        at, canvas.viewport().mapToGlobal(at), by, by * 8, Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.ScrollUpdate, False, Qt.MouseEventSource.MouseEventNotSynthesized, _PAD,
    )  # fmt: skip
    QApplication.sendEvent(canvas.viewport(), event)


def _pinch(canvas: Canvas, by: float) -> None:
    at = QPointF(canvas.viewport().rect().center())
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, _PAD, 2, at, at,
        canvas.viewport().mapToGlobal(at), by, QPointF(),
    )  # fmt: skip
    QApplication.sendEvent(canvas.viewport(), event)


def _centre(canvas: Canvas) -> QPointF:
    return canvas.mapToScene(canvas.viewport().rect().center())


def test_two_fingers_move_the_image_and_keep_its_size(canvas: Canvas) -> None:
    before, scale = _centre(canvas), canvas.transform().m11()
    _scroll(canvas, QPoint(-40, -80))
    moved = _centre(canvas) - before
    assert (moved.x(), moved.y()) == pytest.approx((10, 20), abs=1)
    assert canvas.transform().m11() == scale


def test_with_control_they_zoom(canvas: Canvas) -> None:
    scale = canvas.transform().m11()
    _scroll(canvas, QPoint(0, 30), Qt.KeyboardModifier.ControlModifier)
    assert canvas.transform().m11() > scale


@pytest.mark.parametrize("by", [0.25, -0.2])
def test_a_pinch_zooms_to_where_the_fingers_are(canvas: Canvas, by: float) -> None:
    before, scale = _centre(canvas), canvas.transform().m11()
    _pinch(canvas, by)
    assert canvas.transform().m11() == pytest.approx(scale * (1 + by))
    stays = _centre(canvas) - before
    assert (stays.x(), stays.y()) == pytest.approx((0, 0), abs=1)
