"""How the program looks: its light and its dark colours, and the ring around what has the keyboard.

Fusion draws everything, on every system; the colours are a palette, and whoever paints takes them
from there. Contrasts of text are at least 4.5 to 1 (WCAG 2.2, 1.4.3), of the ring 3 to 1 (1.4.11).
"""

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QFocusFrame, QWidget

_ROLE = QPalette.ColorRole
_LIGHT = {
    _ROLE.Window: "#f3f4f6",
    _ROLE.WindowText: "#1d2227",
    _ROLE.Base: "#ffffff",
    _ROLE.AlternateBase: "#f7f8fa",
    _ROLE.Text: "#1d2227",
    _ROLE.PlaceholderText: "#666f79",
    _ROLE.Button: "#fafbfc",
    _ROLE.ButtonText: "#1d2227",
    _ROLE.BrightText: "#ffffff",
    _ROLE.Light: "#ffffff",
    _ROLE.Midlight: "#e6e9ec",
    _ROLE.Mid: "#c5cad0",
    _ROLE.Dark: "#b4b7ba",
    _ROLE.Shadow: "#70777f",
    _ROLE.Highlight: "#0068a3",
    _ROLE.HighlightedText: "#ffffff",
    _ROLE.Accent: "#0068a3",
    _ROLE.Link: "#0068a3",
    _ROLE.LinkVisited: "#7a4b8f",
    _ROLE.ToolTipBase: "#ffffff",
    _ROLE.ToolTipText: "#1d2227",
}
_DARK = {
    _ROLE.Window: "#282b2f",
    _ROLE.WindowText: "#e7e9eb",
    _ROLE.Base: "#1e2124",
    _ROLE.AlternateBase: "#23262a",
    _ROLE.Text: "#e7e9eb",
    _ROLE.PlaceholderText: "#979fa8",
    _ROLE.Button: "#35393e",
    _ROLE.ButtonText: "#e7e9eb",
    _ROLE.BrightText: "#ffffff",
    _ROLE.Light: "#4b5157",
    _ROLE.Midlight: "#40454b",
    _ROLE.Mid: "#3a3f45",
    _ROLE.Dark: "#17191c",
    _ROLE.Shadow: "#0e1012",
    _ROLE.Highlight: "#1a6fa8",
    _ROLE.HighlightedText: "#ffffff",
    _ROLE.Accent: "#5fb6ea",
    _ROLE.Link: "#6fbdee",
    _ROLE.LinkVisited: "#c79bdb",
    _ROLE.ToolTipBase: "#35393e",
    _ROLE.ToolTipText: "#e7e9eb",
}
_DISABLED = {"light": "#8c949c", "dark": "#7b838b"}
RING_PX = 2
"""Of the ring around what has the keyboard: so much room it needs around a widget."""
_RING_CORNER_PX = 3


def palette_of(scheme: str) -> QPalette:
    """The colours of a scheme, "light" or "dark"."""
    palette = QPalette()
    for role, colour in (_DARK if scheme == "dark" else _LIGHT).items():
        palette.setColor(role, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for role in (_ROLE.Text, _ROLE.WindowText, _ROLE.ButtonText, _ROLE.PlaceholderText):
        palette.setColor(disabled, role, QColor(_DISABLED[scheme]))
    palette.setColor(disabled, _ROLE.Highlight, palette.color(_ROLE.Mid))
    palette.setColor(disabled, _ROLE.HighlightedText, palette.color(_ROLE.WindowText))
    return palette


class Theme(QObject):
    """Keeps the application light or dark: as a person chose, or as the system says."""

    def __init__(self, application: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._application = application
        self._wished = "system"
        application.styleHints().colorSchemeChanged.connect(lambda _: self._apply())
        self._apply()

    def choose(self, wished: str) -> None:
        """Takes "light", "dark" or "system" from now on."""
        self._wished = wished
        hints = self._application.styleHints()
        # So that what the system draws follows: the frame of the window, its dialogs for files.
        hints.setColorScheme(
            {
                "light": Qt.ColorScheme.Light,
                "dark": Qt.ColorScheme.Dark,
            }.get(wished, Qt.ColorScheme.Unknown)
        )
        self._apply()

    def _apply(self) -> None:
        scheme = self._wished if self._wished != "system" else self._of_system()
        self._application.setPalette(palette_of(scheme) if scheme else QPalette())

    def _of_system(self) -> str:
        """Empty where it does not say: then its own colours stay."""
        said = self._application.styleHints().colorScheme()
        return {Qt.ColorScheme.Light: "light", Qt.ColorScheme.Dark: "dark"}.get(said, "")


class FocusRing(QFocusFrame):
    """A ring around what has the keyboard, from the moment a person uses it to get there."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.hide()  # or it would come with the window, around nothing
        self._window = window
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]  # it has one

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt asks."""
        # Around the widget and not on it: Qt cuts away the rest of this one.
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(_ROLE.Accent), RING_PX))
        inside = RING_PX / 2
        around = QRectF(self.rect()).adjusted(inside, inside, -inside, -inside)
        painter.drawRoundedRect(around, _RING_CORNER_PX, _RING_CORNER_PX)
        painter.end()

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        window = new.window() if new is not None else None
        # The window is only compared: it may be on its way out.
        is_by_key = (
            window is not None
            and window is self._window
            and window.testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        )
        self.setWidget(new if is_by_key else None)  # type: ignore[arg-type]  # None: nothing


def icon_side(widget: QWidget) -> int:
    """How large icons are beside the text of a widget, in pixels: with larger text larger."""
    return max(16, round(widget.fontMetrics().height() * 1.4 / 4) * 4)
