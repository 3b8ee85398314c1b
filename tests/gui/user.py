"""A person in front of the window: presses keys, clicks buttons, reads what is shown.

Scenarios (tests/gui/scenarios) are written with it. It triggers an action only as a person can.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from core import edits
from core.types import Instance, InstanceState, Part, new_instance_id
from gui.document import Document
from gui.main_window import MainWindow
from gui.session import Session

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
W = TypeVar("W", bound=QWidget)


@dataclass(frozen=True, slots=True)
class User:
    """Works a window in which a folder of three images (120 x 90) is open, with the classes red and
    green, nothing labelled, and the fake engine chosen."""

    qtbot: QtBot
    window: MainWindow
    tmp_path: Path
    """An empty place, beside `folder`."""
    folder: Path
    """The open folder: img_0.png to img_2.png."""

    @property
    def session(self) -> Session:
        return self.window.session

    @property
    def document(self) -> Document:
        document = self.session.document
        assert document is not None
        return document

    @property
    def instances(self) -> tuple[Instance, ...]:
        return self.document.labels.instances

    @property
    def told(self) -> list[str]:
        """The sentences that the window shows."""
        return [notice.sentence for notice in self.window.notices.notices]

    def action(self, name: str) -> QAction:
        return self.window.actions_by_name[name]

    # Triggering

    def press(self, name: str, on: QWidget | None = None) -> None:
        """Triggers an action by its shortcut, the keys going to `on` or where the focus is."""
        shortcut = self.action(name).shortcut()
        assert not shortcut.isEmpty(), f"{name} has no shortcut"
        self._watched(name, lambda: self.keys(shortcut, on))

    def click(self, name: str) -> None:
        """Triggers an action by its button on a toolbar."""
        for toolbar in self.window.findChildren(QToolBar):
            button = toolbar.widgetForAction(self.action(name))
            if button is not None:
                self._watched(name, lambda button=button: self.qtbot.mouseClick(button, LEFT))
                return
        raise AssertionError(f"{name} is on no toolbar")

    def _watched(self, name: str, do: Callable[[], object]) -> None:
        with self.qtbot.waitSignal(self.action(name).triggered):
            do()

    def keys(self, keys: str | QKeySequence, on: QWidget | None = None) -> None:
        """Presses keys, one chord after the other."""
        if QApplication.activeWindow() is None:  # a desktop would have given the keyboard back
            with self.qtbot.waitActive(self.window):
                self.window.activateWindow()
        target = on or QApplication.focusWidget() or self.window.canvas
        for chord in QKeySequence(keys):
            # QTest gives each to the shortcuts first, as a real keyboard does
            self.qtbot.keyClick(target, chord.key(), chord.keyboardModifiers())

    def write(self, text: str, into: QWidget) -> None:
        self.qtbot.keyClicks(into, text)

    # On the image, in its pixels

    def place(self, x: float, y: float) -> QPoint:
        return self.window.canvas.mapFromScene(QPointF(x, y))

    def point_at(self, x: float, y: float) -> None:
        self.qtbot.mouseMove(self.window.canvas.viewport(), self.place(x, y))

    def click_at(self, x: float, y: float) -> None:
        self.point_at(x, y)
        self.qtbot.mouseClick(self.window.canvas.viewport(), LEFT, NONE, self.place(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        viewport = self.window.canvas.viewport()
        self.point_at(*start)
        self.qtbot.mousePress(viewport, LEFT, NONE, self.place(*start))
        self.point_at((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.point_at(*end)
        self.qtbot.mouseRelease(viewport, LEFT, NONE, self.place(*end))

    def add(
        self, state: InstanceState = InstanceState.DRAWN, *, x: float = 10, class_index: int = 0
    ) -> str:
        """A square of 40 from (x, 10), selected; its id. Put there without a hand: what it is good
        for is not what is tested."""
        part = Part([[x, 10], [x + 40, 10], [x + 40, 50], [x, 50]])
        class_id = self.session.classes[class_index].id
        score = 0.9 if state is InstanceState.PREDICTED else None
        one = Instance(new_instance_id(), class_id, (part,), state=state, score=score)
        self.document.edit("Draw", lambda now: edits.with_instance_added(now, one))
        self.document.select([one.id])
        return one.id

    # What is there now

    def child(self, kind: type[W]) -> W:
        """The one open widget of this kind, a dialog for example."""
        shown = [one for one in self.window.findChildren(kind) if one.isVisible()]
        assert len(shown) == 1, f"{len(shown)} of {kind.__name__} are shown"
        return shown[0]

    def until(self, is_so: Callable[[], bool], *, timeout_s: float = 60) -> None:
        self.qtbot.waitUntil(is_so, timeout=round(timeout_s * 1000))

    def until_on(self, key: str) -> None:
        """Waits until the labels of this image are open."""
        self.until(lambda: self.session.document is not None and self.document.key == key)
