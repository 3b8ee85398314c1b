"""labelme's canvas, worked as its own window works it. A child of canvas.py."""

import sys
from collections.abc import Callable, Iterator

from _canvas_scene import VIEW_WH, circle_path, image, rings, serve
from labelme._shape import Shape
from labelme.widgets import Canvas
from PyQt5 import QtCore, QtGui, QtWidgets


def main() -> None:
    """Shows the scene and serves."""
    app = QtWidgets.QApplication([])
    canvas = Canvas()
    area = QtWidgets.QScrollArea()
    area.setWidget(canvas)
    area.setWidgetResizable(True)
    area.resize(*VIEW_WH)
    rgb = image()
    height, width = rgb.shape[:2]
    whole = QtGui.QImage(rgb.data, width, height, 3 * width, QtGui.QImage.Format_RGB888)
    canvas.load_pixmap(QtGui.QPixmap.fromImage(whole))
    canvas.load_shapes([_shape(ring) for ring in rings(int(sys.argv[1])).tolist()])
    canvas.set_editing(True)
    area.show()
    app.processEvents()

    def pixels() -> bytes:
        grabbed = area.screen().grabWindow(int(area.winId())).toImage()
        bits = grabbed.constBits()
        bits.setsize(grabbed.sizeInBytes())
        return bytes(bits)

    hand = _Hand(canvas, area, app)
    ways = {"pan": hand.pan, "zoom": hand.zoom, "drag": hand.drag, "hover": hand.hover}
    serve(ways, settle=app.processEvents, pixels=pixels)


def _shape(points: list[list[float]]) -> Shape:
    shape = Shape(label="a")
    for x, y in points:
        shape.add_point(QtCore.QPointF(x, y))
    shape.close()
    return shape


class _Hand:
    def __init__(
        self, canvas: Canvas, area: QtWidgets.QScrollArea, app: QtWidgets.QApplication
    ) -> None:
        self._canvas = canvas
        self._area = area
        self._app = app

    def pan(self, frames: int) -> Iterator[Callable[[], None]]:
        """Moves the image about at twice the size that fits."""
        self._scale(2 * self._fitting())
        self._app.processEvents()
        across, down = self._area.horizontalScrollBar(), self._area.verticalScrollBar()
        middle = across.maximum() // 2, down.maximum() // 2

        def scroll(dx: float, dy: float) -> None:
            across.setValue(middle[0] + round(dx))
            down.setValue(middle[1] + round(dy))

        for x, y in circle_path(frames, radius_px=150):
            yield lambda x=x, y=y: scroll(x, y)

    def zoom(self, frames: int) -> Iterator[Callable[[], None]]:
        """In and out, by a tenth a step, as its wheel does."""
        scale = self._fitting()
        for n in range(frames):
            scale *= 1.1 if n % 24 < 12 else 1 / 1.1
            yield lambda scale=scale: self._scale(scale)

    def drag(self, frames: int) -> Iterator[Callable[[], None]]:
        """Drags a vertex while the whole image is seen."""
        self._scale(self._fitting())
        self._app.processEvents()
        vertex = self._canvas.shapes[0].points[0]
        start = (vertex + self._canvas._compute_image_origin_offset()) * self._canvas.scale
        kinds = QtCore.QEvent
        self._mouse(kinds.MouseMove, start, QtCore.Qt.NoButton)
        self._mouse(kinds.MouseButtonPress, start, QtCore.Qt.LeftButton)
        for dx, dy in circle_path(frames, radius_px=40):
            at = start + QtCore.QPointF(dx, dy)
            yield lambda at=at: self._mouse(kinds.MouseMove, at, QtCore.Qt.LeftButton)
        self._mouse(kinds.MouseButtonRelease, start, QtCore.Qt.LeftButton)

    def hover(self, frames: int) -> Iterator[Callable[[], None]]:
        """Moves the mouse over the shapes."""
        self._scale(self._fitting())
        self._app.processEvents()
        middle = QtCore.QPointF(*VIEW_WH) / 2
        for dx, dy in circle_path(frames, radius_px=300):
            at = middle + QtCore.QPointF(dx, dy)
            yield lambda at=at: self._mouse(QtCore.QEvent.MouseMove, at, QtCore.Qt.NoButton)

    def _fitting(self) -> float:
        pixmap, view = self._canvas.pixmap, self._area.viewport()
        return min(view.width() / pixmap.width(), view.height() / pixmap.height()) - 0.005

    def _scale(self, scale: float) -> None:
        self._canvas.scale = scale
        self._canvas.adjustSize()
        self._canvas.update()

    def _mouse(self, kind: int, at: QtCore.QPointF, button: int) -> None:
        event = QtGui.QMouseEvent(kind, at, button, button, QtCore.Qt.NoModifier)
        QtWidgets.QApplication.sendEvent(self._canvas, event)


if __name__ == "__main__":
    main()
