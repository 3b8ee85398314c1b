"""The whole image, small, in a corner of the canvas, with the part that is seen."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from gui.texts import tr

_SIDE_PX = 180
_AWAY_PX = 12
"""From the edges of the canvas."""


class Navigator(QWidget):
    """Seen while it is on and the image does not fit; a press in it goes there."""

    wanted = Signal(QPointF)
    """What the middle of the view is to be, in pixels of the image."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.setAccessibleName(tr("Whole image"))
        self.setToolTip(tr("The whole image and the part that is seen; press to go there."))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._is_on = False
        self._thumb = QImage()
        self._image, self._seen = QRectF(), QRectF()
        self.hide()
        viewport.installEventFilter(self)

    @property
    def is_on(self) -> bool:
        """Whether it shows while the image does not fit."""
        return self._is_on

    def set_on(self, is_on: bool, /) -> None:
        """Lets it show, or not."""
        self._is_on = is_on
        self._update()

    def set_image(self, image: QImage | None) -> None:
        """Shows this image from now on, or none."""
        size = QSize(_SIDE_PX, _SIDE_PX) * self.devicePixelRatioF()
        self._thumb = QImage() if image is None else image.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )  # fmt: skip
        self._update()

    def show_seen(self, image: QRectF, seen: QRectF) -> None:
        """Marks what is seen.

        Args:
            image: the whole image.
            seen: the view, both in pixels of the image.
        """
        self._image, self._seen = image, seen
        self._update()

    def _update(self) -> None:
        fits = self._image.isEmpty() or self._seen.contains(self._image)
        self.setVisible(self._is_on and not fits and not self._thumb.isNull())
        if self.isVisible():
            self._place()
            self.update()

    def _place(self) -> None:
        shown = self._thumb.size() / self.devicePixelRatioF()
        self.resize(shown)
        room = self._viewport.size()
        self.move(
            room.width() - shown.width() - _AWAY_PX, room.height() - shown.height() - _AWAY_PX
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As Qt asks; it takes nothing."""
        if event.type() == QEvent.Type.Resize:
            self._update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt asks."""
        painter = QPainter(self)
        painter.drawImage(self.rect(), self._thumb)
        frame = self.rect().adjusted(0, 0, -1, -1)
        painter.setPen(self.palette().color(QPalette.ColorRole.Shadow))
        painter.drawRect(frame)
        across = self.width() / max(self._image.width(), 1.0)
        down = self.height() / max(self._image.height(), 1.0)
        seen = self._seen.intersected(self._image)
        mark = QRectF(
            seen.x() * across, seen.y() * down, seen.width() * across, seen.height() * down
        )
        for colour, width in ((QColor("black"), 3.0), (QColor("white"), 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(mark.intersected(QRectF(frame)))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """As Qt asks."""
        self._go_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """As Qt asks."""
        self._go_to(event)

    def _go_to(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            x = event.position().x() / self.width() * self._image.width()
            y = event.position().y() / self.height() * self._image.height()
            self.wanted.emit(QPointF(x, y))
