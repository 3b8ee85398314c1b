"""What a person turned down, drawn over the image when it is wanted."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath

from core.types import Instance
from gui.canvas.overlay import OverlayItem, Tag, draw_tags, unknown_class
from gui.canvas.paint import MARGIN_PX, draw_outline, path_of, united
from gui.canvas.stage import Stage
from gui.document import Document
from gui.texts import tr

_Z = 8.5e5  # over the instances, under their names
_MOST = 200


class RejectedOverlay(QObject):
    """Shows rejected predictions: all while `is_shown`, else those that are picked in a list.

    They are crossed out, with a hatch that no instance has, and their names begin with a cross: it
    takes no colour to tell them from instances.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._document: Document | None = None
        self._is_shown = False
        self._paths: list[tuple[Instance, QPainterPath]] = []
        self._item = OverlayItem(self._paint, z=_Z)
        stage.scene.addItem(self._item)

    @property
    def is_shown(self) -> bool:
        """Whether all are shown, in every image."""
        return self._is_shown

    @property
    def shown_ids(self) -> frozenset[str]:
        """Those that are drawn now."""
        return frozenset(one.id for one, _ in self._paths)

    def show_all(self, is_shown: bool, /) -> None:
        """Shows all of them from now on, or only those that are picked."""
        self._is_shown = is_shown
        self.update()

    def set_document(self, document: Document | None) -> None:
        """Shows those of this document from now on."""
        if self._document is not None:
            self._document.changed.disconnect(self.update)
            self._document.marks.picked_changed.disconnect(self.update)
        self._document = document
        if document is not None:
            document.changed.connect(self.update)
            document.marks.picked_changed.connect(self.update)
        self.update()

    def update(self, _changed: object = None) -> None:
        """Draws them anew."""
        wanted = list(self._wanted())[:_MOST]
        if not wanted and not self._paths:
            return
        known = {id(one): path for one, path in self._paths}
        self._paths = [(one, known.get(id(one)) or path_of(one.parts)) for one in wanted]
        bounds = united(path.boundingRect() for _, path in self._paths)
        if not bounds.isNull():
            # a name has its plate above, of one size on the screen
            bounds = bounds.united(self._stage.scene.sceneRect())
        self._item.set_bounds(bounds)

    def _wanted(self) -> Iterable[Instance]:
        if self._document is None:
            return ()
        rejected, picked = self._document.labels.rejected, self._document.marks.picked
        return rejected if self._is_shown else (one for one in rejected if one.id in picked)

    def _paint(self, painter: QPainter) -> None:
        picked = self._document.marks.picked if self._document else frozenset()
        painter.save()
        for one, path in self._paths:
            colour = self._stage.colour_of(one.class_id)
            painter.fillPath(path, _hatch(colour, painter))
            draw_outline(painter, path, colour=colour, is_dashed=True, is_strong=one.id in picked)
        draw_tags(painter, [self._tag(one, path.boundingRect()) for one, path in self._paths])
        painter.restore()

    def _tag(self, one: Instance, bounds: QRectF) -> Tag:
        name = self._stage.class_names.get(one.class_id) or unknown_class(one.class_id)
        score = "" if one.score is None else f" {one.score:.0%}"
        margin = MARGIN_PX / self._stage.scale
        at = bounds.topLeft()
        at.setX(at.x() - margin / 4)
        text = tr("✕ {prediction} rejected").format(prediction=f"{name}{score}")
        return Tag(text, at, QColor(self._stage.colour_of(one.class_id)))


def _hatch(colour: QColor, painter: QPainter) -> QBrush:
    """Crossed lines of one size on the screen."""
    ink = QColor(colour)
    ink.setAlpha(190)
    brush = QBrush(ink, Qt.BrushStyle.DiagCrossPattern)
    brush.setTransform(painter.worldTransform().inverted()[0])
    return brush
