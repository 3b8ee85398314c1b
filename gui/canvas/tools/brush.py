"""Paint on an instance, or a new one."""

from gui.canvas.brushing import PaintingTool
from gui.canvas.stage import Stage
from gui.canvas.tools import ToolSpec


class BrushTool(PaintingTool):
    """A stroke is added to the selected instance; with none selected it is a new one."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, erases=False)


TOOL = ToolSpec("brush", BrushTool)
