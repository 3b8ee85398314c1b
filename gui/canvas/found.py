"""What a tool found in the pixels of the picture, shown until a person keeps it or drops it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.events import Failed
from core.pixels.window import Points
from core.types import Part
from gui.canvas.paint import draw_fill, draw_outline, path_of, polygon_of
from gui.canvas.stage import Stage
from gui.runs import ThreadRun
from gui.texts import QT_TR_NOOP

NO_PICTURE = QT_TR_NOOP(
    "There are no pixels to go by: no picture is shown, or it is of another size than its labels."
    " The polygon tool works without."
)


_ADDS, _TAKES_AWAY = QColor(60, 220, 110, 130), QColor(240, 60, 60, 130)


class Found:
    """Parts on the stage that are in no labels yet, and the search for them in a thread."""

    def __init__(self, stage: Stage, on_found: Callable[[Any], None]) -> None:
        """
        Args:
            stage: where they show.
            on_found: takes what the latest search gave.
        """
        self._stage = stage
        self._on_found = on_found
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pixels")
        self._search = ThreadRun(_called, self._pool, latest_only=True, parent=stage)
        self._search.reported.connect(self._on_reported)
        self._search.ended.connect(self._on_ended)
        self._parts: tuple[Part, ...] = ()
        self.is_searching = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """What was found last."""
        return self._parts

    def search(self, work: Callable[[], object]) -> None:
        """Calls it in a thread; what earlier searches still find is dropped."""
        self.is_searching = True
        self._search.start(work)

    def show(self, parts: tuple[Part, ...]) -> None:
        """Shows these instead."""
        self._parts = parts
        self._stage.redraw()

    def drop(self) -> None:
        """Shows nothing, and ends the search."""
        self._search.drop()
        self.is_searching = False
        self.show(())

    def keep(self) -> bool:
        """Makes an instance of what is shown; the person is told where that cannot be."""
        return self._stage.drawn.add_parts(self._parts)

    def bounds(self) -> QRectF:
        """Where it lies, in pixels of the image."""
        return path_of(self._parts).boundingRect()

    def paint(self, painter: QPainter) -> None:
        """Paints it, in the colour of the class that it would get."""
        class_id = self._stage.drawn.class_id
        colour = self._stage.colour_of(-1 if class_id is None else class_id)
        path = path_of(self._parts)
        draw_fill(painter, path, colour=colour)
        draw_outline(painter, path, colour=colour)

    def _on_reported(self, value: object) -> None:
        self.is_searching = False
        self._on_found(value)
        self._stage.redraw()

    def _on_ended(self, end: object) -> None:
        self.is_searching = False
        if isinstance(end, Failed):
            self._stage.refused.emit(end.sentence)


def draw_stroke(painter: QPainter, points: Points, *, width: float, adds: bool) -> None:
    """A stroke that says what belongs to an object, green, or what does not, red.

    Args:
        painter: in pixels of the image.
        points: (n, 2) pixels of the image, n >= 1.
        width: in pixels of the image.
        adds: whether it says what belongs to it.
    """
    pen = QPen(_ADDS if adds else _TAKES_AWAY, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    # a line to where it begins, so that one point is a dot
    line = np.concatenate([points, points[-1:]])
    painter.drawPolyline(polygon_of(line))


def _called(work: Callable[[], object]) -> object:
    return work()
