"""Erase from instances."""

from gui.canvas.brushing import PaintingTool
from gui.canvas.specks import speck_option
from gui.canvas.stage import Stage
from gui.canvas.tools import ToolSpec


class EraserTool(PaintingTool):
    """A stroke is taken out of the selected instances, or of the one that it begins on."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, erases=True)
        self.options = (self.size, speck_option())


TOOL = ToolSpec("eraser", EraserTool)
