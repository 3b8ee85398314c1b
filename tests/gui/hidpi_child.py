"""Measures the canvas on a screen of two pixels a point; started with QT_SCALE_FACTOR=2.

Prints one line of JSON.
"""

import json
import sys

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.types import ImageLabels
from gui.canvas.view import Canvas
from gui.document import Document
from tests.gui.hand import CLASSES, SIZE_HW, square

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SIDE = 120


def lightness(painted: QImage, x: int, y: int) -> int:
    return QColor(painted.pixel(x, y)).lightness()


def is_sharp(canvas: Canvas) -> bool:
    """Whether a board of black and white pixels is painted as it is, pixel by pixel."""
    board = np.indices(SIZE_HW).sum(axis=0) % 2 * np.uint8(255)
    canvas.show_image(np.repeat(board[..., None], 3, axis=2).astype(np.uint8))
    canvas.zoom_to_actual()
    painted = canvas.viewport().grab().toImage()
    corner = canvas.mapFromScene(QPointF(200, 250)) * 2  # beside all instances
    shades = [
        [lightness(painted, corner.x() + x, corner.y() + y) for x in range(8)] for y in (0, 1)
    ]
    alternating = [[0, 255] * 4, [255, 0] * 4]
    return shades in (alternating, alternating[::-1])


def handle_px(canvas: Canvas) -> int:
    """The side of a handle in pixels of the screen."""
    canvas.show_image(np.full((*SIZE_HW, 3), 128, np.uint8))
    canvas.zoom_to_actual()
    painted = canvas.viewport().grab().toImage()
    vertex = canvas.mapFromScene(QPointF(50, 50)) * 2
    row = [lightness(painted, vertex.x() + dx, vertex.y() - 5) for dx in range(-20, 20)]
    return sum(shade < 70 for shade in row)


def drag(canvas: Canvas, by_points: int) -> bool:
    """Whether a press so many points beside the vertex at (50, 50) takes it."""
    document = canvas.document
    assert document is not None
    start = canvas.mapFromScene(QPointF(50, 50)) - QPoint(by_points, 0)
    document.select(["a"])
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    QTest.mouseMove(canvas.viewport(), start + QPoint(0, 20))
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, start + QPoint(0, 20))
    has_moved = document.undo_stack.undoText() == "Move vertex"
    document.undo()
    return has_moved


def main() -> int:
    QApplication(sys.argv)
    canvas = Canvas()
    canvas.resize(600, 500)
    canvas.show()
    QTest.qWaitForWindowExposed(canvas)
    document = Document("a.jpg", ImageLabels(SIZE_HW, (square(50, 50, "a", side=SIDE),)))
    canvas.set_classes(CLASSES)
    canvas.set_document(document)
    found = {"sharp": is_sharp(canvas)}
    document.select(["a"])
    found["handle_px"] = handle_px(canvas)
    found["taken"] = [drag(canvas, by) for by in (0, 7, 10)]
    found["zoom"] = canvas.zoom
    sys.stdout.write(f"{json.dumps(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
