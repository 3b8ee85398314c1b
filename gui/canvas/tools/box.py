"""Draw a box, which becomes a polygon of four vertices."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF

from gui.canvas.box_drag import BoxDragTool
from gui.canvas.tools import ToolSpec, Xy
from gui.texts import tr


class BoxTool(BoxDragTool):
    """The box goes from where the button went down to where it goes up."""

    def hint(self) -> str:
        return tr("Drag from corner to corner; Shift makes a square.")

    def outline(self, box: QRectF) -> Sequence[Xy]:
        left, top, right, bottom = box.left(), box.top(), box.right(), box.bottom()
        return [(left, top), (right, top), (right, bottom), (left, bottom)]


TOOL = ToolSpec("box", BoxTool)
