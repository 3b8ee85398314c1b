"""The two palettes, the theme, and the ring around what has the keyboard."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.widgets.icons import icon_of
from gui.widgets.looks import FocusRing, Theme, palette_of

ROLE = QPalette.ColorRole
TEXT_ON = (
    (ROLE.WindowText, ROLE.Window),
    (ROLE.Text, ROLE.Base),
    (ROLE.Text, ROLE.AlternateBase),
    (ROLE.ButtonText, ROLE.Button),
    (ROLE.PlaceholderText, ROLE.Base),
    (ROLE.PlaceholderText, ROLE.Window),
    (ROLE.HighlightedText, ROLE.Highlight),
    (ROLE.ToolTipText, ROLE.ToolTipBase),
    (ROLE.Link, ROLE.Window),
)


def luminance(colour: QColor) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(palette: QPalette, one: QPalette.ColorRole, other: QPalette.ColorRole) -> float:
    light, dark = sorted((luminance(palette.color(role)) for role in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_can_be_read(
    scheme: str, text: QPalette.ColorRole, ground: QPalette.ColorRole
) -> None:
    assert contrast(palette_of(scheme), text, ground) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", [ROLE.Window, ROLE.Base, ROLE.Button])
def test_the_ring_can_be_seen(scheme: str, ground: QPalette.ColorRole) -> None:
    assert contrast(palette_of(scheme), ROLE.Accent, ground) >= 3


def test_icons_follow_when_the_theme_changes(qtbot: QtBot, window: MainWindow) -> None:
    theme = Theme(QApplication.instance(), window)

    def ink() -> int:
        image = window.actions_by_name["undo"].icon().pixmap(32, 32).toImage()
        return max(
            QColor(image.pixelColor(x, y)).lightness()
            for x in range(32)
            for y in range(32)
            if image.pixelColor(x, y).alpha() > 200
        )

    theme.choose("light")
    qtbot.waitUntil(lambda: ink() < 128)
    theme.choose("dark")
    qtbot.waitUntil(lambda: ink() > 128)
    theme.choose("system")


@pytest.mark.parametrize("side", [16, 20, 24, 32])
@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_icons_are_drawn_for_the_screen_and_not_stretched(
    qtbot: QtBot, side: int, ratio: float
) -> None:
    pixmap = icon_of("undo", palette_of("light")).pixmap(QSize(side, side), ratio)
    assert pixmap.width() == round(side * ratio)


def test_the_ring_is_around_what_was_reached_by_key(qtbot: QtBot) -> None:
    window = QWidget()
    layout = QHBoxLayout(window)
    first, second = QPushButton("one"), QPushButton("two")
    layout.addWidget(first)
    layout.addWidget(second)
    qtbot.addWidget(window)
    ring = FocusRing(window)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    assert ring.widget() is None
    assert not ring.isVisible()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: ring.widget() is second)
    assert ring.isVisible()
