"""The canvas: shows the open image with its instances and hands the mouse to a tool."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPalette, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from core.types import LabelClass
from gui.canvas.look import Look
from gui.canvas.picture import Picture, picture_of
from gui.canvas.rejected import RejectedOverlay
from gui.canvas.stage import Stage
from gui.canvas.stand_in import StandIn
from gui.canvas.tools import Pointer, Tool, all_tools
from gui.canvas.zoom_view import ZoomView
from gui.document import Document
from gui.session.assist import Assist
from gui.texts import tr

_SELECTED_PART_OF_VIEW = 0.6
_WHEEL_UNITS_A_NOTCH = 120
_FIRST_TOOL = "select"
"""The tool at the beginning, and the one that Escape goes back to."""


class Canvas(ZoomView):
    """The open image. It reads from a document and changes it through the tools, nothing else."""

    tool_changed = Signal(str)
    hint_changed = Signal(str)
    """What the mouse and the keys do from now on."""
    picture_changed = Signal()
    cursor_moved = Signal(float, float)
    """Where the mouse is, in pixels of the image."""
    refused = Signal(str)
    """A sentence for the user: something was not done. Those of the document come here too."""
    class_wanted = Signal()
    """What was drawn waits: set `current_class_id`, or call `drop_waiting`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._stage = Stage()
        self.rejected = RejectedOverlay(self._stage)
        self._tools = {name: spec.make(self._stage) for name, spec in all_tools().items()}
        self._tool_name = _FIRST_TOOL
        self._placeholder = ""
        self._pressed: Qt.MouseButton | None = None
        self._last_hint = ""
        super().__init__(self._stage.scene, parent)
        self._stage.setParent(self)
        self.setObjectName("canvas")
        self.setAccessibleName(tr("Image"))
        self._stage.refused.connect(self.refused)
        self._stage.drawn.class_wanted.connect(self.class_wanted)
        self._stage.labels_changed.connect(self._on_labels_changed)
        self._stage.set_draft(self._paint_tool, self._tool_bounds)
        self._stage.redrawn.connect(self.update_cursor)
        self.update_cursor()

    def show_image(self, rgb: npt.NDArray[np.uint8] | None) -> None:
        """Shows an image as a whole, (H, W, 3) uint8 RGB, or none."""
        self.show_picture(None if rgb is None else picture_of(rgb))

    def show_picture(self, picture: Picture | None) -> None:
        """Shows an image as a whole that `picture_of` made ready, in whatever thread, or none."""
        self._stage.set_picture(picture)
        self.fit()
        self.viewport().update()
        self.picture_changed.emit()

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._stage.picture

    def set_look(self, look: Look) -> None:
        """Shows the image so from now on."""
        self._stage.set_look(look)

    def colour_by_state(self, by_state: bool, /) -> None:
        """Colours instances by their states from now on, or by their classes."""
        self._stage.colour_by_state(by_state)

    def set_fill_opacity(self, percent: int) -> None:
        """Fills instances so strongly from now on, 100 being the usual."""
        self._stage.set_fill_opacity(percent)

    def set_document(self, document: Document | None) -> None:
        """Shows the labels of this document from now on and edits them, or shows none."""
        if self._stage.has_document:
            self._tool.leave()
        self._pressed = None
        is_first = self.image_rect().isEmpty()
        self._stage.set_document(document)
        self.rejected.set_document(document)
        if document is not None:
            self._tool.enter()
        if is_first:
            self.fit()
        self.view_changed()
        self.update_cursor()

    @property
    def document(self) -> Document | None:
        """The open document."""
        return self._stage.document if self._stage.has_document else None

    def set_classes(self, classes: Sequence[LabelClass]) -> None:
        """Takes names and colours from these classes from now on."""
        self._stage.set_classes(classes)
        self.viewport().update()

    @property
    def class_names(self) -> dict[int, str]:
        """The names of the classes by their ids."""
        return self._stage.class_names

    @property
    def current_class_id(self) -> int | None:
        """The class of what is drawn next; None: `class_wanted` asks when something was drawn."""
        return self._stage.drawn.class_id

    @current_class_id.setter
    def current_class_id(self, class_id: int | None) -> None:
        self._stage.drawn.set_class_id(class_id)

    def set_assist(self, assist: Assist) -> None:
        """Lets the tools ask models what they see."""
        self._stage.assist = assist
        assist.changed.connect(self.update_cursor)

    def drop_waiting(self) -> None:
        """Gives up what was drawn and got no class."""
        self._stage.drawn.drop_waiting()

    def set_placeholder(self, text: str) -> None:
        """What stands in the middle while there is no image: what to do next."""
        self._placeholder = text
        self.viewport().update()

    @property
    def tool(self) -> str:
        """The name of the tool."""
        return self._tool_name

    @property
    def stand_in(self) -> StandIn:
        """What is shown of many instances while somebody zooms."""
        return self._stage.stand_in

    @property
    def tools(self) -> Mapping[str, Tool]:
        """All tools by their names."""
        return dict(self._tools)

    @property
    def hint(self) -> str:
        """What the mouse and the keys do at this moment."""
        return self._tool.hint() if self._stage.has_document else ""

    @property
    def stage(self) -> Stage:
        """What stands in it, for what draws on it without being a tool."""
        return self._stage

    def set_tool(self, name: str) -> None:
        """Takes the tool of this name.

        Raises:
            KeyError: there is none.
        """
        tool = self._tools[name]
        if name == self._tool_name:
            return
        self._tool.leave()
        self._tool_name = name
        self._pressed = None
        self._stage.hold(())
        tool.enter()
        self.update_cursor()
        self.tool_changed.emit(name)

    def delete_vertex(self) -> None:
        """Deletes the vertex that is picked or under the mouse, if one is."""
        if self._stage.has_document:
            self._tool.delete_vertex()

    def show_selected(self) -> None:
        """Brings the selected instances into view, and large enough to work on them."""
        if self.document is not None and self.document.selection:
            around = self._stage.bounds_of(self.document.selection)
            self.show_rect(around, part_of_view=_SELECTED_PART_OF_VIEW)

    def keep_selected_in_view(self) -> None:
        """Brings the selected instances to the middle if nothing of them is seen."""
        if self.document is not None and self.document.selection:
            around = self._stage.bounds_of(self.document.selection)
            if not self.visible_rect().intersects(around):
                self.centerOn(around.center())
                self.view_changed()

    def image_rect(self) -> QRectF:
        return self._stage.image_rect

    def view_changed(self) -> None:
        scale = self.transform().m11()
        is_smooth = self._stage.set_view(
            scale=scale, visible=self.visible_rect(), in_haste=self.is_in_haste
        )
        if is_smooth != bool(self.renderHints() & QPainter.RenderHint.Antialiasing):
            self.setRenderHint(QPainter.RenderHint.Antialiasing, is_smooth)
            self.viewport().update()
        super().view_changed()

    def pointer_pressed(self, event: QMouseEvent) -> None:
        if self._pressed in (None, event.button()) and self._is_tools(event.button()):
            self._pressed = event.button()
            self._tool.press(self._pointer(event))

    def pointer_double_clicked(self, event: QMouseEvent) -> None:
        if self._pressed in (None, event.button()) and self._is_tools(event.button()):
            self._pressed = event.button()
            self._tool.double_click(self._pointer(event))

    def pointer_moved(self, event: QMouseEvent) -> None:
        pointer = self._pointer(event)
        if self._stage.has_document:
            self._tool.move(pointer, is_pressed=self._pressed is not None)
        self.cursor_moved.emit(*pointer.xy)

    def pointer_released(self, event: QMouseEvent) -> None:
        if event.button() is self._pressed:
            pointer, self._pressed = self._pointer(event), None
            self._tool.release(pointer)

    def pointer_wheeled(self, event: QWheelEvent) -> bool:
        if not self._stage.has_document:
            return False
        notches = event.angleDelta().y() / _WHEEL_UNITS_A_NOTCH
        at = self.viewportTransform().inverted()[0].map(event.position())
        taken = self._tool.wheel(Pointer((at.x(), at.y()), event.modifiers()), notches)
        if taken:
            self.update_cursor()
        return taken

    def pointer_cursor(self) -> Qt.CursorShape:
        has_document = self._stage.has_document
        return self._tool.cursor() if has_document else Qt.CursorShape.ArrowCursor

    def update_cursor(self) -> None:
        super().update_cursor()  # after everything that may have changed what the tool does
        if self.hint != self._last_hint:
            self._last_hint = self.hint
            self.hint_changed.emit(self._last_hint)

    def event(self, event: QEvent) -> bool:
        # what a tool does with a key at this moment comes before the window's shortcuts, and Tab
        # before it takes the focus elsewhere
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and self._command(event) is not None:
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab:
                self.keyPressEvent(event)
            if is_override or event.key() == Qt.Key.Key_Tab:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if (command := self._command(event)) is not None:
            command()
            self.update_cursor()
        else:
            super().keyPressEvent(event)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self._placeholder and self.image_rect().isEmpty():
            painter.save()
            painter.setWorldTransform(QTransform())
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect(), flags, self._placeholder)
            painter.restore()

    @property
    def _tool(self) -> Tool:
        return self._tools[self._tool_name]

    def _paint_tool(self, painter: QPainter) -> None:
        self._tool.paint(painter)

    def _tool_bounds(self) -> QRectF:
        return self._tool.bounds()

    def _on_labels_changed(self, ids: frozenset[str]) -> None:
        self._tool.labels_changed(ids)
        self.view_changed()

    def _command(self, event: QKeyEvent) -> Callable[[], None] | None:
        if not self._stage.has_document:
            return None
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        for (key, with_modifiers), command in self._tool.commands().items():
            if key == event.key() and with_modifiers == modifiers:
                return command
        is_escape = event.key() == Qt.Key.Key_Escape and not modifiers
        if is_escape and self._tool_name != _FIRST_TOOL:  # it has nothing left to give up
            return partial(self.set_tool, _FIRST_TOOL)
        return None

    def _is_tools(self, button: Qt.MouseButton) -> bool:
        """Whether a press of this button is told to the tool."""
        is_right = button is Qt.MouseButton.RightButton and self._tool.takes_right_button
        return self._stage.has_document and (is_right or button is Qt.MouseButton.LeftButton)

    def _pointer(self, event: QMouseEvent) -> Pointer:
        at = self.scene_point(event)
        is_right = self._pressed is Qt.MouseButton.RightButton
        return Pointer((at.x(), at.y()), event.modifiers(), is_right)
