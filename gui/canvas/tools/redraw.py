"""Draw a stretch of a border anew: the line replaces what lies between its two ends."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from core import edits
from core.errors import AppError
from core.geometry import distance_to_ring, length_of, simplified_line
from core.types import ImageLabels, Instance, Ring
from gui.canvas.hits import Place, edge_at
from gui.canvas.paint import draw_fill, draw_outline, draw_outline_of, path_of, polygon_of, united
from gui.canvas.stage import Stage
from gui.canvas.tools import Keys, Pointer, Tool, ToolSpec, Xy
from gui.texts import tr

_REACH_PX = 16.0
"""How near to the border a line has to start and to end, on the screen."""
_APART_PX = 2.0
_TOLERANCE_PX = 1.0
"""How far the stored line may be from what was drawn, on the screen: less is not seen."""
_SHORTEST_PX = 5.0
"""A shorter line on the screen was a click."""


class RedrawTool(Tool):
    """One press and drag: the shorter stretch between the ends goes, with Alt the longer one."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._line: list[Xy] = []
        self._ring: Place | None = None
        self._is_longer = False
        self._draft: Instance | None = None
        """The instance as it would be after a release here; None where nothing would change."""

    def hint(self) -> str:
        if self._ring is None:
            return tr(
                "Draw over a border, from it and back to it; the stretch between is replaced."
            )
        return tr("Release near the border; Alt replaces the longer stretch, Escape leaves it.")

    def leave(self) -> None:
        self._drop()

    def press(self, at: Pointer) -> None:
        self._ring = self._ring_at(at.xy)
        if self._ring is None:
            self.stage.refused.emit(
                tr("Start near the border of an instance; the line replaces a stretch of it.")
            )
            return
        self._line = [at.xy]
        self.move(at, is_pressed=True)

    def move(self, at: Pointer, *, is_pressed: bool) -> None:
        if self._ring is None:
            return
        self._is_longer = at.holds(Qt.KeyboardModifier.AltModifier)
        inside = self.stage.inside(at.xy)
        if math.dist(inside, self._line[-1]) * self.stage.scale >= _APART_PX:
            self._line.append(inside)
        self._draft = self._after()
        self.stage.hold(() if self._draft is None else (self._draft.id,))
        self.stage.redraw()

    def release(self, at: Pointer) -> None:
        if self._ring is None:
            return
        self.move(at, is_pressed=True)
        ring = self._ring
        if length_of(np.array(self._line)) * self.stage.scale >= _SHORTEST_PX:
            if self._is_back():
                change = self._change(ring)
                self._drop()
                self.stage.document.edit(tr("Redraw border"), change)
            else:
                sentence = tr(
                    "The line has to end near the border where it began, so nothing was changed."
                )
                self.stage.refused.emit(sentence)
        self._drop()

    def commands(self) -> Mapping[Keys, Callable[[], None]]:
        if self._ring is None:
            return {}
        return {
            (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier): self._drop,
            (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier): self._drop,
        }

    def labels_changed(self, ids: frozenset[str]) -> None:
        if self._ring is not None and self._ring.instance_id in ids:
            self._drop()

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def bounds(self) -> QRectF:
        if self._ring is None:
            return QRectF()
        draft = self._draft
        around = QRectF() if draft is None else path_of(draft.parts).boundingRect()
        return united((polygon_of(self._line).boundingRect(), around))

    def paint(self, painter: QPainter) -> None:
        if self._ring is None:
            return
        draft, colour = self._draft, self.stage.colour_of(-1)
        if draft is not None:
            path, colour = path_of(draft.parts), self.stage.colour_of(draft.class_id)
            draw_fill(painter, path, colour=colour)
            draw_outline_of(painter, draft, path, colour=colour)
        line = QPainterPath()
        line.addPolygon(polygon_of(self._line))
        draw_outline(painter, line, colour=colour)

    def _ring_at(self, xy: Xy) -> Place | None:
        """The border of the one selected instance, or of the one under the mouse, if it is near."""
        out_of_reach = self.stage.document.marks.out_of_reach
        selected = self.stage.document.selection - out_of_reach
        hit = self.stage.instance_at(xy)
        for ids in (selected if len(selected) == 1 else (), (hit,) if hit else ()):
            if (found := edge_at(self.stage, ids, xy, reach_px=_REACH_PX)) is not None:
                return found
        reach = _REACH_PX / self.stage.scale
        around = QRectF(xy[0] - reach, xy[1] - reach, 2 * reach, 2 * reach)
        near = {one.id for one in self.stage.instances_in(around)} - out_of_reach
        return edge_at(self.stage, near, xy, reach_px=_REACH_PX)

    def _points_of_ring(self, place: Place) -> Ring:
        instance = self.stage.document.labels.instance(place.instance_id)
        return instance.parts[place.part].rings[place.ring]

    def _is_back(self) -> bool:
        """Whether the line is near the border again where it ends now."""
        if self._ring is None or len(self._line) < 2:
            return False
        away = distance_to_ring(self._points_of_ring(self._ring), self._line[-1])
        return away * self.stage.scale <= _REACH_PX

    def _change(self, place: Place) -> Callable[[ImageLabels], ImageLabels]:
        tolerance = _TOLERANCE_PX / self.stage.scale
        line, is_longer = (
            simplified_line(np.array(self._line), tolerance=tolerance),
            self._is_longer,
        )
        return lambda labels: edits.with_stretch_redrawn(
            labels,
            place.instance_id,
            part=place.part,
            ring=place.ring,
            line=line,
            replaces_longer=is_longer,
        )

    def _after(self) -> Instance | None:
        if self._ring is None or not self._is_back():
            return None
        labels = self.stage.document.labels
        try:
            after, _ = edits.mended(labels, self._change(self._ring)(labels))
        except (AppError, KeyError, IndexError):
            return None
        found = (one for one in after.instances if one.id == self._ring.instance_id)
        return next(found, None)

    def _drop(self) -> None:
        self._line, self._ring, self._draft = [], None, None
        self._is_longer = False
        self.stage.hold(())
        self.stage.redraw()


TOOL = ToolSpec("redraw", RedrawTool)
