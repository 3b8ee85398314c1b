"""A small panel over the canvas: two sliders for outlines that are simpler and smoother."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
)

from gui.canvas.simplifying import Simplifying
from gui.canvas.view import Canvas
from gui.document import Document
from gui.texts import tr

_FIRST_LOSS, _MOST_LOSS = 2, 20
"""Hundredths by which the least IoU is below 1."""
_AWAY_PX = 12
"""From the edges of the canvas."""


class SimplifyPanel(QFrame):
    """Shows a draft of the selected instances while it is open; Apply takes it as one undo step."""

    def __init__(self, canvas: Canvas, document: Document) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._simplifying = Simplifying(canvas.stage, document, self)
        self._is_stopped = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.setAccessibleName(tr("Simplify and smooth"))
        self.simplify_slider = _slider(
            0,
            _MOST_LOSS,
            name=tr("Simplify"),
            tip=tr(
                "How far the outline may get from the old one: to the right fewer vertices are"
                " left, and a lower IoU."
            ),
        )
        self.smooth_slider = _slider(
            0,
            100,
            name=tr("Smooth"),
            tip=tr("How much corners and bumps are softened; 0 leaves them."),
        )
        self.simplify_slider.setValue(_FIRST_LOSS)
        self.iou_value, self.smooth_value, self.words = QLabel(), QLabel(), QLabel()
        self.words.setAccessibleName(tr("What comes of it"))
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Apply | QDialogButtonBox.StandardButton.Cancel
        )
        self.apply_button = self.buttons.button(QDialogButtonBox.StandardButton.Apply)
        self.apply_button.setToolTip(
            tr("Take the outlines as they are shown, as one undo step. (Enter)")
        )
        cancel = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setToolTip(tr("Leave the outlines as they were. (Esc)"))
        self._lay_out()
        self.apply_button.clicked.connect(self.take)
        cancel.clicked.connect(self.close)
        self.simplify_slider.valueChanged.connect(self._ask)
        self.smooth_slider.valueChanged.connect(self._ask)
        self._simplifying.changed.connect(self._update)
        canvas.tool_changed.connect(self.close)
        # the image goes before its labels do, so it is these that tell
        canvas.stage.redrawn.connect(self._leave_other_labels)
        canvas.installEventFilter(self)
        self._ask()

    def take(self) -> None:
        """Makes what is shown the labels, and closes; nothing while there is nothing to take."""
        if self._simplifying.draft is not None:
            self._is_stopped = True
            self._simplifying.take()
            self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._is_stopped:
            self._is_stopped = True
            self._simplifying.stop()
        super().closeEvent(event)
        self._canvas.setFocus()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(8)
        rows = (
            (tr("Simplify"), self.simplify_slider, self.iou_value),
            (tr("Smooth"), self.smooth_slider, self.smooth_value),
        )
        for row, (title, slider, value) in enumerate(rows):
            label = QLabel(title)
            label.setBuddy(slider)
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance("IoU 0.00"))
            for column, widget in enumerate((label, slider, value)):
                grid.addWidget(widget, row, column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addLayout(grid)
        layout.addWidget(self.words)
        layout.addWidget(self.buttons)

    def _place(self) -> None:
        self.adjustSize()
        self.move(max(self._canvas.width() - self.width() - _AWAY_PX, 0), _AWAY_PX)

    def _ask(self) -> None:
        min_iou = 1 - self.simplify_slider.value() / 100
        self.iou_value.setText(f"IoU {min_iou:.2f}")
        self.smooth_value.setText(f"{self.smooth_slider.value()} %")
        self._simplifying.ask(min_iou=min_iou, smoothness=self.smooth_slider.value() / 100)

    def _update(self) -> None:
        draft, n_instances = self._simplifying.draft, self._simplifying.n_instances
        self.apply_button.setEnabled(draft is not None and n_instances > 0)
        if draft is not None:
            of_one = tr("{before} → %n vertices, IoU {iou}", "", draft.n_after)
            of_several = tr("{before} → %n vertices, IoU at least {iou}", "", draft.n_after)
            words = of_several if len(draft.before) > 1 else of_one
            self.words.setText(words.format(before=draft.n_before, iou=f"{draft.lowest_iou:.3f}"))
        elif not n_instances:
            self.words.setText(tr("Select the instances to simplify."))
        self._place()

    def _leave_other_labels(self) -> None:
        if self._canvas.document is not self._simplifying.document:
            self.close()


def open_simplify_panel(canvas: Canvas) -> SimplifyPanel | None:
    """Opens it for the selected instances, or brings the open one to the front."""
    document = canvas.document
    if document is None:
        return None
    panel = canvas.findChild(SimplifyPanel)
    if panel is None:
        if not document.selection:
            canvas.refused.emit(tr("Select the instances first, on the canvas or in the list."))
            return None
        panel = SimplifyPanel(canvas, document)
    panel.show()
    panel.raise_()
    panel.simplify_slider.setFocus()
    return panel


def _slider(low: int, high: int, *, name: str, tip: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(low, high)
    slider.setPageStep(5)
    slider.setMinimumWidth(slider.fontMetrics().horizontalAdvance("m" * 14))
    slider.setAccessibleName(name)
    slider.setToolTip(tip)
    return slider
