"""The number keys: each gives the selected instances a class."""

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from gui.session import Session


class ClassKeys(QObject):
    """Shortcuts of the classes of a session, in a window."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._keys: list[QShortcut] = []
        self._are_on = True
        session.classes_changed.connect(self._make)

    def turn(self, *, on: bool) -> None:
        """Lets the keys work, or rest."""
        self._are_on = on
        for key in self._keys:
            key.setEnabled(on)

    def _make(self) -> None:
        for key in self._keys:
            key.setEnabled(False)  # two of the same key, until the event loop has its turn
            key.deleteLater()
        self._keys = [
            QShortcut(
                QKeySequence(one.key), self._window, partial(self._session.give_class, one.id)
            )
            for one in self._session.classes
            if one.key
        ]
        self.turn(on=self._are_on)
