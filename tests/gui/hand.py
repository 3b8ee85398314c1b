"""A hand on the mouse and the keyboard of a canvas, that thinks in pixels of the image."""

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.types import ImageLabels, Instance, LabelClass, Part
from gui.canvas.view import Canvas
from gui.document import Document

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton
SIZE_HW = (300, 400)
CLASSES = (LabelClass(1, "date", "#e6550d"), LabelClass(2, "fig", "#3182bd"))


def square(x: float, y: float, instance_id: str, side: float = 40) -> Instance:
    """A square of class 1 whose first corner is (x, y)."""
    corners = np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]])
    return Instance(instance_id, 1, (Part(corners),))


class Hand:
    """Works a canvas that shows a grey image of 400 x 300 at 100 %."""

    def __init__(self, qtbot: QtBot, *instances: Instance) -> None:
        self.qtbot = qtbot
        self.canvas = Canvas()
        qtbot.addWidget(self.canvas)
        self.canvas.resize(800, 600)
        self.canvas.show()
        qtbot.waitExposed(self.canvas)
        self.document = Document("a.jpg", ImageLabels(SIZE_HW, instances))
        self.canvas.set_classes(CLASSES)
        self.canvas.show_image(np.full((*SIZE_HW, 3), 128, np.uint8))
        self.canvas.set_document(self.document)
        self.canvas.current_class_id = 1
        self.canvas.zoom_to_actual()

    @property
    def labels(self) -> ImageLabels:
        return self.document.labels

    def ring(self, instance_id: str, ring: int = 0) -> list[list[float]]:
        return self.labels.instance(instance_id).parts[0].rings[ring].tolist()

    def place(self, x: float, y: float) -> QPoint:
        return self.canvas.mapFromScene(QPointF(x, y))

    def move(self, x: float, y: float) -> None:
        self.qtbot.mouseMove(self.canvas.viewport(), self.place(x, y))

    def press(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.move(x, y)
        self.qtbot.mousePress(self.canvas.viewport(), LEFT, modifiers, self.place(x, y))

    def release(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.qtbot.mouseRelease(self.canvas.viewport(), LEFT, modifiers, self.place(x, y))

    def click(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.press(x, y, modifiers)
        self.release(x, y)

    def double_click(self, x: float, y: float) -> None:
        self.click(x, y)
        self.qtbot.mouseDClick(self.canvas.viewport(), LEFT, NONE, self.place(x, y))

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        modifiers: Qt.KeyboardModifier = NONE,
    ) -> None:
        self.press(*start, modifiers)
        self.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.move(*end)
        self.release(*end)

    def stroke(
        self,
        *points: tuple[float, float],
        press: Qt.KeyboardModifier = NONE,
        release: Qt.KeyboardModifier = NONE,
    ) -> None:
        """A drag along straight lines, a few pixels at a time."""
        self.press(*points[0], press)
        for (x0, y0), (x1, y1) in pairwise(points):
            steps = max(round(max(abs(x1 - x0), abs(y1 - y0)) / 3), 1)
            for step in range(1, steps + 1):
                self.move(x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps)
        self.release(*points[-1], release)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.qtbot.keyClick(self.canvas, key, modifiers)

    def wheel(self, x: float, y: float, notches: float) -> None:
        at = QPointF(self.place(x, y))
        turn = QPoint(0, round(120 * notches))
        event = QWheelEvent(
            at,
            QPointF(self.canvas.viewport().mapToGlobal(at.toPoint())),
            QPoint(),
            turn,
            Qt.MouseButton.NoButton,
            NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.canvas.viewport(), event)

    def pixel(self, x: float, y: float) -> tuple[int, int, int]:
        """The colour that is painted at a place of the image."""
        painted = self.canvas.viewport().grab().toImage()
        colour = QColor(painted.pixel(self.place(x, y)))
        return colour.red(), colour.green(), colour.blue()
