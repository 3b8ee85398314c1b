"""Keys that do something only while they are held."""

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class HeldKey(QObject):
    """Tells when the key that triggered an action of a page is let go, if it was held for long.

    Which key that is does not matter here: a person chooses it.
    """

    let_go = Signal()

    def __init__(self, page: QWidget, *, least_ms: int) -> None:
        """Watches the keys of a page and of all that is on it now."""
        super().__init__(page)
        self._least_ms = least_ms
        self._since = QElapsedTimer()
        for widget in (page, *page.findChildren(QWidget)):
            widget.installEventFilter(self)

    def begin(self) -> None:
        """Says that the action was triggered."""
        self._since.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As Qt asks."""
        if isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            if event.type() == QEvent.Type.ShortcutOverride:
                self._since.invalidate()  # what is let go next is another key
            elif event.type() == QEvent.Type.KeyRelease and self._since.isValid():
                is_long = self._since.elapsed() >= self._least_ms
                self._since.invalidate()
                if is_long:
                    self.let_go.emit()
        return super().eventFilter(watched, event)
