"""The keys of the classes: each gives the selected instances its class."""

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.types import LabelClass
from gui.actions import Shortcuts
from gui.session import Session
from gui.texts import tr


class ClassKeys(QObject):
    """Shortcuts of the classes of a session, in a window.

    Of a key that a class and an action have, Qt would trigger neither. A person cannot give a class
    such a key, but the project's file may have it from elsewhere: the action keeps it then.
    """

    def __init__(self, session: Session, shortcuts: Shortcuts, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._shortcuts = shortcuts
        self._window = window
        self._keys: list[QShortcut] = []
        self._told: set[str] = set()
        self._are_on = True
        session.class_list.why_not_key = shortcuts.why_not_for_class
        session.classes_changed.connect(self._make)
        shortcuts.changed.connect(lambda _: self._make())
        self._make()

    def turn(self, *, on: bool) -> None:
        """Lets the keys work, or rest."""
        self._are_on = on
        for key in self._keys:
            key.setEnabled(on)

    def _make(self) -> None:
        for key in self._keys:
            key.setEnabled(False)  # two of the same key, until the event loop has its turn
            key.deleteLater()
        free: dict[QKeySequence, LabelClass] = {}
        for one in self._session.classes:
            keys = QKeySequence(one.key)
            if keys.isEmpty():
                continue
            if why := self._why_not(one, free.get(keys)):
                so = tr(
                    "So it does not give the class {name}: choose another key for it in the list"
                    " of classes."
                )
                self._tell_once(f"{why} {so.format(name=one.name)}")
            else:
                free[keys] = one
        self._keys = [
            QShortcut(keys, self._window, partial(self._session.give_class, one.id))
            for keys, one in free.items()
        ]
        self.turn(on=self._are_on)

    def _why_not(self, one: LabelClass, before: LabelClass | None) -> str:
        if before is not None:
            text = tr("{key} is the key of the class {name} already.")
            return text.format(key=one.key, name=before.name)
        return self._shortcuts.why_not_for_class(one.key)

    def _tell_once(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._session.told.emit(sentence)
