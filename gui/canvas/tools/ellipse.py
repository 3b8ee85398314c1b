"""Draw an ellipse, which becomes a polygon of few vertices."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF

from core.geometry import ellipse_ring
from gui.canvas.box_drag import BoxDragTool
from gui.canvas.tools import ToolSpec, Xy
from gui.texts import tr


class EllipseTool(BoxDragTool):
    """The ellipse fills the box from where the button went down to where it goes up."""

    def hint(self) -> str:
        return tr("Drag from corner to corner of the box around it; Shift makes a circle.")

    def outline(self, box: QRectF) -> Sequence[Xy]:
        ring = ellipse_ring((box.left(), box.top(), box.right(), box.bottom()))
        # its vertices lie a little outside the box, but never outside the image
        return [self.stage.inside((float(x), float(y))) for x, y in ring]


TOOL = ToolSpec("ellipse", EllipseTool)
