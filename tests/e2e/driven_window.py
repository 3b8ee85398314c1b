"""The real program with a quick hand: driven_window.py FOLDER FIRST_NUMBER.

It runs main.main() and edits through the window's documents as fast as the event loop goes, until
it is killed. Every edit has a number, which is the place of a vertex (`place_of`), and two lines:
"begun NUMBER KEY ID" before it is made, and "shown NUMBER KEY ID add|move|delete" after.
"""

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

import main
from core import edits
from core.types import ImageLabels, Instance, Part, new_instance_id
from gui import app
from gui.document import Document
from gui.main_window import MainWindow

_MOST_INSTANCES = 25
_SAVE_EVERY, _TURN_EVERY = 9, 31


def place_of(number: int) -> tuple[float, float]:
    """Where the first vertex is that edit `number` put there, in an image of 300 x 200."""
    return float(number % 300), float(number // 300)


class QuickHand(QObject):
    """Draws, moves and deletes, saves now and then, and goes from image to image."""

    def __init__(self, window: MainWindow, *, first_number: int) -> None:
        super().__init__(window)
        self._session = window.session
        self._number = first_number
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._edit)
        self._timer.start()

    def _edit(self) -> None:
        document = self._session.document
        if document is None or document.key != self._session.key or self._session.is_looking:
            return
        self._number += 1
        change, instance_id, what = self._next_edit(document)
        _say("begun", self._number, document.key, instance_id)
        if not document.edit(what, change):
            raise RuntimeError("an edit was refused")
        _say("shown", self._number, document.key, instance_id, what)
        if self._number % _SAVE_EVERY == 0:
            self._session.save_now()
        if self._number % _TURN_EVERY == 0:
            keys = self._session.keys
            self._session.open_image(keys[self._number // _TURN_EVERY % len(keys)])

    def _next_edit(
        self, document: Document
    ) -> tuple[Callable[[ImageLabels], ImageLabels], str, str]:
        number, instances = self._number, document.labels.instances
        if len(instances) >= _MOST_INSTANCES or (instances and number % 11 == 0):
            gone = instances[number % len(instances)].id
            return (lambda labels: edits.rejected(labels, [gone])), gone, "delete"
        if instances and number % 2:
            moved = instances[number % len(instances)].id
            return (lambda labels: self._moved(labels, moved)), moved, "move"
        classes = self._session.class_list
        class_id = (classes.current or classes.add("thing")).id
        drawn = Instance(
            new_instance_id(), class_id, (Part([place_of(number), (290, 150), (20, 190)]),)
        )
        return (lambda labels: edits.with_instance_added(labels, drawn)), drawn.id, "add"

    def _moved(self, labels: ImageLabels, instance_id: str) -> ImageLabels:
        return edits.with_vertex_moved(
            labels, instance_id, part=0, ring=0, vertex=0, to_xy=place_of(self._number)
        )


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _run(folder: str, first_number: int) -> int:
    begin = app.begin

    def begin_and_edit(window: MainWindow, arguments: list[str]) -> None:
        begin(window, arguments)
        QuickHand(window, first_number=first_number)

    app.begin = begin_and_edit
    sys.argv = ["main.py", folder]
    return main.main()


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1], int(sys.argv[2])))
