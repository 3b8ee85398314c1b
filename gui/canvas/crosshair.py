"""A crosshair over the canvas, from edge to edge, where the mouse is."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

_DASH_PX = 6


class CrosshairLine(QWidget):
    """One pixel wide, dark and light by turns, so that it is seen on any picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt asks."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))
        for start in range(0, max(self.width(), self.height()), 2 * _DASH_PX):
            painter.fillRect(start, 0, _DASH_PX, 1, QColor("black"))
            painter.fillRect(0, start, 1, _DASH_PX, QColor("black"))
        painter.end()


class Crosshair(QObject):
    """Follows the mouse over a viewport while it is on."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        viewport = view.viewport()
        self._viewport = viewport
        # beside the viewport: what stands in it is carried along when it scrolls
        self._across, self._down = CrosshairLine(view), CrosshairLine(view)
        self._is_on = False
        viewport.installEventFilter(self)

    @property
    def is_on(self) -> bool:
        """Whether it shows where the mouse is."""
        return self._is_on

    @property
    def is_shown(self) -> bool:
        """Whether it is seen now."""
        return self._across.isVisible()

    def set_on(self, is_on: bool, /) -> None:
        """Shows it from the next move of the mouse on, or hides it."""
        self._is_on = is_on
        if not is_on:
            self._show_at(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As Qt asks; it takes nothing."""
        if self._is_on and isinstance(event, QMouseEvent):
            self._show_at(event.position().toPoint())
        elif event.type() == QEvent.Type.Leave:
            self._show_at(None)
        return False

    def _show_at(self, at: QPoint | None) -> None:
        for line in (self._across, self._down):
            line.setVisible(at is not None)
        if at is not None:
            place = self._viewport.geometry()
            self._across.setGeometry(place.x(), place.y() + at.y(), place.width(), 1)
            self._down.setGeometry(place.x() + at.x(), place.y(), 1, place.height())
