"""Our canvas, worked by mouse events. A child of canvas.py."""

import sys
from collections.abc import Callable, Iterator

from _canvas_scene import IMAGE_HW, VIEW_WH, circle_path, image, rings, serve
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from core.types import ImageLabels, Instance, InstanceState, LabelClass, Part
from gui.canvas.view import Canvas
from gui.document import Document

_NONE = Qt.KeyboardModifier.NoModifier


def main() -> None:
    """Shows the scene and serves."""
    app = QApplication([])
    canvas = Canvas()
    canvas.resize(*VIEW_WH)
    states = (InstanceState.PREDICTED, InstanceState.DRAWN)
    instances = tuple(
        Instance(f"{n}", 1 + n % 3, (Part(ring),), state=states[n % 2])
        for n, ring in enumerate(rings(int(sys.argv[1])))
    )
    document = Document("a.jpg", ImageLabels(IMAGE_HW, instances))
    canvas.set_classes([LabelClass(1 + n, f"{n}", "#d95f02") for n in range(3)])
    canvas.show_image(image())
    canvas.set_document(document)
    canvas.show()
    app.processEvents()

    def pixels() -> bytes:
        grabbed = canvas.screen().grabWindow(canvas.winId()).toImage()
        return bytes(grabbed.constBits())

    hand = _Hand(canvas, document)
    ways = {
        "pan": hand.pan,
        "zoom": hand.zoom,
        "drag": hand.drag,
        "hover": hand.hover,
        "brush": hand.brush,
    }
    serve(ways, settle=app.processEvents, pixels=pixels)


class _Hand:
    def __init__(self, canvas: Canvas, document: Document) -> None:
        self._canvas = canvas
        self._document = document

    def pan(self, frames: int) -> Iterator[Callable[[], None]]:
        """Drags the image about with the middle button, at twice the size that fits."""
        self._canvas.fit()
        self._canvas.zoom_by(2.0)
        middle = QPointF(*VIEW_WH) / 2
        button = Qt.MouseButton.MiddleButton
        self._mouse(QEvent.Type.MouseButtonPress, middle, button)
        for x, y in circle_path(frames, radius_px=150):
            at = middle + QPointF(x, y)
            yield lambda at=at: self._mouse(QEvent.Type.MouseMove, at, button)
        self._mouse(QEvent.Type.MouseButtonRelease, middle, button)

    def zoom(self, frames: int) -> Iterator[Callable[[], None]]:
        """Turns the wheel, in and out between what fits and eight times that."""
        self._canvas.fit()
        for n in range(frames):
            turn = 120 if n % 24 < 12 else -120
            yield lambda turn=turn: self._wheel(turn)

    def drag(self, frames: int) -> Iterator[Callable[[], None]]:
        """Drags a vertex while the whole image is seen."""
        self._canvas.fit()
        self._document.select(["0"])
        x, y = self._document.labels.instance("0").parts[0].outer[0].tolist()
        start = QPointF(self._canvas.mapFromScene(x, y))
        button = Qt.MouseButton.LeftButton
        self._mouse(QEvent.Type.MouseButtonPress, start, button)
        for dx, dy in circle_path(frames, radius_px=40):
            at = start + QPointF(dx, dy)
            yield lambda at=at: self._mouse(QEvent.Type.MouseMove, at, button)
        self._mouse(QEvent.Type.MouseButtonRelease, start, button)

    def hover(self, frames: int) -> Iterator[Callable[[], None]]:
        """Moves the mouse over the instances, twenty of them selected, with their handles."""
        self._canvas.fit()
        self._document.select([f"{n}" for n in range(20)])
        middle, none = QPointF(*VIEW_WH) / 2, Qt.MouseButton.NoButton
        for dx, dy in circle_path(frames, radius_px=300):
            at = middle + QPointF(dx, dy)
            yield lambda at=at: self._mouse(QEvent.Type.MouseMove, at, none)

    def brush(self, frames: int) -> Iterator[Callable[[], None]]:
        """Paints on an instance, over many others, while the whole image is seen."""
        self._canvas.fit()
        self._document.select(["0"])
        self._canvas.set_tool("brush")
        middle, button = QPointF(*VIEW_WH) / 2, Qt.MouseButton.LeftButton
        at = middle + QPointF(200, -10)
        self._mouse(QEvent.Type.MouseButtonPress, at, button)
        for dx, dy in circle_path(frames, radius_px=200):
            at = middle + QPointF(dx, dy)
            yield lambda at=at: self._mouse(QEvent.Type.MouseMove, at, button)
        self._mouse(QEvent.Type.MouseButtonRelease, at, button)
        self._document.undo()
        self._canvas.set_tool("select")

    def _mouse(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton) -> None:
        viewport = self._canvas.viewport()
        event = QMouseEvent(kind, at, viewport.mapToGlobal(at), button, button, _NONE)
        QApplication.sendEvent(viewport, event)

    def _wheel(self, turn: int) -> None:
        viewport = self._canvas.viewport()
        at = QPointF(*VIEW_WH) / 2
        event = QWheelEvent(
            at,
            QPointF(viewport.mapToGlobal(at)),
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            _NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)


if __name__ == "__main__":
    main()
