"""A view of a picture that zooms to the cursor and pans; what else the mouse does is left open."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPalette,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

_MOST_ZOOM = 64.0
_LEAST_OF_FIT = 0.5
"""How much smaller than fitting the view an image can be made."""
_FIT_MARGIN_PX = 12
_WHEEL_UNITS_A_DOUBLING = 480
"""Four notches of a wheel double the size."""
_REST_MS = 120
"""So long after the last turn of the wheel the picture is painted with all care again."""


class ZoomView(QGraphicsView):
    """Wheel and pinch zoom, the middle button or the space bar with the left one pans."""

    zoom_changed = Signal(float)
    """1.0: an image pixel is a pixel of the screen."""

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._is_fitted = True
        self._is_space_down = False
        self._pan_from: QPoint | None = None
        self._last_scale = 1.0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setInteractive(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._take_background()

    def image_rect(self) -> QRectF:
        """What `fit` shows, in the scene; empty while there is nothing."""
        return self.sceneRect()

    def pointer_pressed(self, event: QMouseEvent) -> None:
        """A button went down that does not pan."""

    def pointer_moved(self, event: QMouseEvent) -> None:
        """The mouse moved and does not pan."""

    def pointer_released(self, event: QMouseEvent) -> None:
        """A button went up that did not pan."""

    def pointer_double_clicked(self, event: QMouseEvent) -> None:
        """The second press of a double click that does not pan."""

    def pointer_wheeled(self, event: QWheelEvent) -> bool:
        """The wheel was turned without Ctrl; whether it was taken, and does not zoom."""
        return False

    def pointer_cursor(self) -> Qt.CursorShape:
        """What the mouse looks like while it does not pan."""
        return Qt.CursorShape.ArrowCursor

    def view_changed(self) -> None:
        """Something else is seen, or at another size. Comes with every scroll: keep it short."""
        if self.transform().m11() != self._last_scale:
            self._last_scale = self.transform().m11()
            self.zoom_changed.emit(self.zoom)

    @property
    def is_in_haste(self) -> bool:
        """Whether the wheel or the fingers zoom at this moment, so that time is short."""
        return self._rest.isActive()

    @property
    def zoom(self) -> float:
        """Pixels of the screen an image pixel."""
        return self.transform().m11() * self.devicePixelRatioF()

    def visible_rect(self) -> QRectF:
        """What is seen of the scene."""
        return self._to_scene().mapRect(QRectF(self.viewport().rect()))

    def scene_point(self, event: QMouseEvent) -> QPointF:
        """Where the mouse is in the scene, between pixels too."""
        return self._to_scene().map(event.position())

    def fit(self) -> None:
        """Shows the whole image, and keeps showing it when the window's size changes."""
        image = self.image_rect()
        if not image.isEmpty():
            self.setTransform(QTransform())  # centerOn rounds by the scale it finds
            self._set_scale(self._fit_scale(image))
            self.centerOn(image.center())
            self._is_fitted = True
            self.view_changed()

    def zoom_by(self, factor: float) -> None:
        """Makes the image so many times as large; the middle of the view stays where it is."""
        self._zoom_at(self._middle(), factor)

    def zoom_to_actual(self) -> None:
        """Shows an image pixel as one pixel of the screen."""
        # exactly: by a factor it would be off by a rounding error, and smoothed
        self._zoom_to(1.0 / self.devicePixelRatioF(), at=self._middle())

    def show_rect(self, rect: QRectF, *, part_of_view: float) -> None:
        """Brings a rectangle to the middle, so large that it fills this part of the view."""
        view = self.viewport().rect()
        across = view.width() / max(rect.width(), 1.0)
        down = view.height() / max(rect.height(), 1.0)
        self._set_scale(part_of_view * min(across, down))
        self.centerOn(rect.center())
        self._is_fitted = False
        self.view_changed()

    def update_cursor(self) -> None:
        """Takes the shape of the mouse for what it would do now."""
        if self._pan_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._is_space_down:
            shape = Qt.CursorShape.OpenHandCursor
        else:
            shape = self.pointer_cursor()
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def _middle(self) -> QPointF:
        return QPointF(self.viewport().rect().center())

    def _to_scene(self) -> QTransform:
        return self.viewportTransform().inverted()[0]

    def _fit_scale(self, image: QRectF) -> float:
        view, margin = self.viewport().rect(), 2 * _FIT_MARGIN_PX
        across = max(view.width() - margin, margin) / image.width()
        return min(across, max(view.height() - margin, margin) / image.height())

    def _set_scale(self, scale: float) -> None:
        image, most = self.image_rect(), _MOST_ZOOM / self.devicePixelRatioF()
        actual = 1.0 / self.devicePixelRatioF()
        least = actual if image.isEmpty() else min(self._fit_scale(image) * _LEAST_OF_FIT, actual)
        scale = min(max(scale, least), most)
        self.setTransform(QTransform.fromScale(scale, scale))

    def _zoom_at(self, at: QPointF, factor: float) -> None:
        self._zoom_to(self.transform().m11() * factor, at=at)

    def _zoom_to(self, scale: float, *, at: QPointF) -> None:
        """Zooms so that what is under a point of the view stays under it."""
        point = self._to_scene().map(at)
        self._set_scale(scale)
        self._is_fitted = False
        moved = self.viewportTransform().map(point) - at
        self._scroll_by(round(moved.x()), round(moved.y()))
        self.view_changed()

    def _scroll_by(self, dx: int, dy: int) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + dx)
        down.setValue(down.value() + dy)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.view_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()
        self.view_changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        is_touchpad = event.device().type() == QInputDevice.DeviceType.TouchPad
        wants_zoom = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if is_touchpad and not wants_zoom:
            pixels, angle = event.pixelDelta(), event.angleDelta()
            by = angle if pixels.isNull() else pixels
            self._scroll_by(-by.x(), -by.y())
            self._is_fitted = False
        elif event.angleDelta().y() and not (not wants_zoom and self.pointer_wheeled(event)):
            doublings = event.angleDelta().y() / _WHEEL_UNITS_A_DOUBLING
            self._rest.start()
            self._zoom_at(event.position(), 2.0**doublings)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self._rest.start()
                self._zoom_at(event.position(), max(1.0 + event.value(), 0.1))
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._is_space_down = True
            self.update_cursor()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._is_space_down = False
            self.update_cursor()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        # the release of the space bar goes to whatever has the focus then
        self._is_space_down = False
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is None and self._is_panning_button(event):
            self._pan_from = event.position().toPoint()
        elif self._pan_from is None:
            self.pointer_pressed(event)
        self.update_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._is_panning_button(event):
            self.mousePressEvent(event)
        else:
            self.pointer_double_clicked(event)
        self.update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is None:
            self.pointer_moved(event)
        else:
            moved = event.position().toPoint() - self._pan_from
            self._pan_from = event.position().toPoint()
            self._is_fitted = False
            self._scroll_by(-moved.x(), -moved.y())
        self.update_cursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is None:
            self.pointer_released(event)
        self._pan_from = None
        self.update_cursor()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._take_background()
        super().changeEvent(event)

    def _is_panning_button(self, event: QMouseEvent) -> bool:
        is_left = event.button() is Qt.MouseButton.LeftButton
        return event.button() is Qt.MouseButton.MiddleButton or (is_left and self._is_space_down)

    def _on_rest(self) -> None:
        self.view_changed()
        self.viewport().update()

    def _take_background(self) -> None:
        self.setBackgroundBrush(self.palette().brush(QPalette.ColorRole.Dark))
