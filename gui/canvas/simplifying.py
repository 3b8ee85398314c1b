"""Outlines with fewer vertices or softer corners, seen on the canvas before they are taken."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QPainter

from core import edits
from core.geometry import iou
from core.types import ImageLabels, Instance, Part
from gui.canvas.overlay import OverlayItem
from gui.canvas.paint import MARGIN_PX, draw_fill, draw_handles, draw_outline, path_of, polygon_of
from gui.canvas.stage import Stage
from gui.document import Document
from gui.runs import ThreadRun
from gui.texts import tr

_OVER_TOOLS_Z = 1e6 + 1
_MOST_WITH_HANDLES = 20


@dataclass(frozen=True, slots=True)
class Simplified:
    """What instances would be, and how that compares to what they are."""

    before: tuple[Instance, ...]
    after: Mapping[str, tuple[Part, ...]]
    """Their parts by their ids."""
    lowest_iou: float
    """Of an instance to what it was; 1 where nothing changes."""

    @property
    def n_before(self) -> int:
        """Vertices of all of them as they are."""
        return sum(_n_vertices(one.parts) for one in self.before)

    @property
    def n_after(self) -> int:
        """Vertices of all of them as they would be."""
        return sum(_n_vertices(parts) for parts in self.after.values())

    def change(self, labels: ImageLabels) -> ImageLabels:
        """The labels with it taken; an instance that is another one since stays."""
        now = {one.id: one for one in labels.instances}
        for instance in self.before:
            if now.get(instance.id) is instance:
                labels = edits.with_parts(labels, instance.id, parts=self.after[instance.id])
        return labels


class Simplifying(QObject):
    """Keeps a draft of the selected instances of a document up to date, and shows it."""

    changed = Signal()
    """The draft is another one, or it is worked at."""

    def __init__(self, stage: Stage, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._document = document
        self._min_iou, self._smoothness = 1.0, 0.0
        self.draft: Simplified | None = None
        """None until there is one for what is selected and asked for."""
        self._overlay = OverlayItem(self._paint, z=_OVER_TOOLS_Z)
        stage.scene.addItem(self._overlay)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="simplify")
        self._making = ThreadRun(_simplified, self._pool, latest_only=True, parent=self)
        self._making.reported.connect(self._on_made)
        document.changed.connect(self._remake)
        document.selection_changed.connect(self._remake)
        document.marks.changed.connect(self._remake)

    @property
    def document(self) -> Document:
        """Whose instances it is about."""
        return self._document

    @property
    def n_instances(self) -> int:
        """How many are selected and may be changed."""
        return len(self._ids())

    def ask(self, *, min_iou: float, smoothness: float) -> None:
        """Makes the draft anew, for other wishes.

        Args:
            min_iou: see `edits.with_outlines_simplified`.
            smoothness: likewise.
        """
        self._min_iou, self._smoothness = min_iou, smoothness
        self._remake()

    def take(self) -> bool:
        """Makes the draft the labels, as one undo step; whether there was one, and was allowed."""
        draft = self.draft
        self.stop()
        return draft is not None and self._document.edit(tr("Simplify and smooth"), draft.change)

    def stop(self) -> None:
        """Shows and makes nothing from now on."""
        self._document.changed.disconnect(self._remake)
        self._document.selection_changed.disconnect(self._remake)
        self._document.marks.changed.disconnect(self._remake)
        self._making.drop()
        self._pool.shutdown(wait=False)
        self.draft = None
        self._stage.hold(())
        self._stage.scene.removeItem(self._overlay)

    def _ids(self) -> frozenset[str]:
        marks = self._document.marks
        return self._document.selection - marks.out_of_reach

    def _remake(self) -> None:
        self.draft = None
        ids = self._ids()
        chosen = tuple(one for one in self._document.labels.instances if one.id in ids)
        self._making.drop()
        if chosen:
            self._making.start(chosen, self._min_iou, self._smoothness)
        else:
            self._show()
        self.changed.emit()

    def _on_made(self, draft: Simplified) -> None:
        self.draft = draft
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        after = self.draft.after if self.draft is not None else {}
        self._stage.hold(tuple(after))
        around = QRectF()
        for parts in after.values():
            around = around.united(path_of(parts).boundingRect())
        margin = MARGIN_PX / self._stage.scale
        self._overlay.set_bounds(around.adjusted(-margin, -margin, margin, margin))
        self._stage.redraw()

    def _paint(self, painter: QPainter) -> None:
        if self.draft is None:
            return
        for instance in self.draft.before:
            parts, colour = self.draft.after[instance.id], self._stage.colour_of(instance.class_id)
            path = path_of(parts)
            draw_fill(painter, path, colour=colour)
            draw_outline(painter, path, colour=colour)
        for parts in (
            self.draft.after.values() if len(self.draft.after) <= _MOST_WITH_HANDLES else ()
        ):
            for ring in (ring for part in parts for ring in part.rings):
                draw_handles(painter, polygon_of(ring))


def _simplified(instances: tuple[Instance, ...], min_iou: float, smoothness: float) -> Simplified:
    after = {
        one.id: edits.simplified_parts(one.parts, min_iou=min_iou, smoothness=smoothness)
        for one in instances
    }
    ious = (
        iou(after[one.id], one.parts) if after[one.id] != one.parts else 1.0 for one in instances
    )
    return Simplified(instances, after, min(ious, default=1.0))


def _n_vertices(parts: tuple[Part, ...]) -> int:
    return sum(len(ring) for part in parts for ring in part.rings)
