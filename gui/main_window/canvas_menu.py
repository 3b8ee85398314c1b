"""The menu of the right button on the canvas: what is done with the instance under the mouse."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QMenu

from gui.canvas.view import Canvas

_TOOL = "select"
"""The others have the right button for themselves, or are in the middle of something."""
_SECTIONS = (
    ("accept", "reject"),
    ("change_class", "note", "crowd"),
    ("copy", "duplicate", "delete_instances"),
    ("hide_selected", "lock_selected"),
    ("to_front", "to_back", "simplify"),
)
_BESIDE = (("paste", "paste_previous", "select_all"), ("fit", "zoom_actual"))
"""Where no instance is."""


class CanvasMenu(QObject):
    """Selects what is under the mouse, then offers what can be done with it."""

    def __init__(self, canvas: Canvas, actions: Mapping[str, QAction]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._actions = actions
        self.menu = QMenu(canvas)
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As Qt asks."""
        document = self._canvas.document
        is_wanted = isinstance(event, QContextMenuEvent) and self._canvas.tool == _TOOL
        if not is_wanted or not isinstance(event, QContextMenuEvent) or document is None:
            return False
        if event.reason() is not QContextMenuEvent.Reason.Keyboard:
            at = self._canvas.mapToScene(event.pos())
            self._take(at)
        self._fill(_SECTIONS if document.selection else _BESIDE)
        self.menu.popup(event.globalPos())
        return True

    def _take(self, at: QPointF) -> None:
        document = self._canvas.document
        found = self._canvas.stage.instance_at((at.x(), at.y()))
        if document is not None and found not in document.selection:
            document.select([found] if found else ())

    def _fill(self, sections: tuple[tuple[str, ...], ...]) -> None:
        self.menu.clear()
        for section in sections:
            self.menu.addSeparator()
            self.menu.addActions([self._actions[name] for name in section])
