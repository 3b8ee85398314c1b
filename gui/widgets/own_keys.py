"""Controls that keep their own keys on a page where these are shortcuts."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QWidget

_PRESSES = frozenset({Qt.Key.Key_Space})
_TAKES = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})


def keep_own_keys(page: QWidget) -> None:
    """Lets the space bar press the control that has the focus, and Enter take what is in a field,
    for all controls that are on the page now."""
    keys = _OwnKeys(page)
    for kind in (QAbstractButton, QAbstractSpinBox, QComboBox):
        for control in page.findChildren(kind):
            control.installEventFilter(keys)


class _OwnKeys(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            own = _PRESSES if isinstance(watched, QAbstractButton) else _TAKES
            if event.key() in own:
                event.accept()
                return True
        return super().eventFilter(watched, event)
