"""The toolbars: the pages as tabs, then what is used most."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QToolBar

from gui.actions import ACTIONS, fill_toolbar
from gui.widgets.looks import icon_side

_TABS = """
QToolBar#pages QToolButton {
    border: none; border-bottom: 3px solid transparent; border-radius: 0; padding: 4px 8px 1px 8px;
}
QToolBar#pages QToolButton:hover { background: palette(midlight); }
QToolBar#pages QToolButton:checked {
    border-bottom: 3px solid palette(highlight); background: palette(base);
}
"""


def add_toolbars(window: QMainWindow, actions: Mapping[str, QAction]) -> Sequence[QToolBar]:
    """Puts both toolbars on a window: of its pages, and of what is done while labelling."""
    pages = _bar(window, "Pages", Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    pages.addActions([actions[spec.name] for spec in ACTIONS if spec.radio == "page"])
    pages.setStyleSheet(_TABS)
    toolbar = _bar(window, "Toolbar", Qt.ToolButtonStyle.ToolButtonIconOnly)
    fill_toolbar(toolbar, actions)
    for bar in (pages, toolbar):
        _make_reachable(bar)
    return pages, toolbar


def _bar(window: QMainWindow, title: str, style: Qt.ToolButtonStyle) -> QToolBar:
    bar = QToolBar(title, window)
    bar.setObjectName(title.lower())
    bar.setToolButtonStyle(style)
    side = icon_side(bar)
    bar.setIconSize(QSize(side, side))
    bar.setMovable(False)
    bar.toggleViewAction().setVisible(False)  # hidden by mistake it would be hard to find again
    window.addToolBar(bar)
    return bar


def _make_reachable(bar: QToolBar) -> None:
    for action in bar.actions():
        button = bar.widgetForAction(action)
        if button is not None and not action.isSeparator():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.text())
