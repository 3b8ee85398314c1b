"""The canvas with its tools beside it and what can be set of them above."""

from PySide6.QtWidgets import QGridLayout, QToolBar, QWidget

from gui.canvas.view import Canvas
from gui.main_window.looking_back import LookingBackBar
from gui.main_window.tool_strip import ToolStrip


class Workbench(QWidget):
    """Lays them out."""

    def __init__(
        self, canvas: Canvas, tools: QToolBar, strip: ToolStrip, bar: LookingBackBar
    ) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        grid.addWidget(strip, 0, 0, 1, 2)
        grid.addWidget(bar, 1, 0, 1, 2)
        grid.addWidget(tools, 2, 0)
        grid.addWidget(canvas, 2, 1)
        grid.setRowStretch(2, 1)
        grid.setColumnStretch(1, 1)
