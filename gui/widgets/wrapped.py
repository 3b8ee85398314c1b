"""A label that is never cut: docks give their contents less than the lines of a wrapped text."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget


class WrappedLabel(QLabel):
    """Wraps its text, and takes the height that all of its lines need."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        """As Qt's."""
        super().setText(text)
        self._take_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As Qt asks."""
        super().resizeEvent(event)
        self._take_height()

    def _take_height(self) -> None:
        self.setMinimumHeight(0)  # what it is counts as needed
        if self.text():
            self.setMinimumHeight(self.heightForWidth(self.width()))
