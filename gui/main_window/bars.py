"""The toolbars: the pages as tabs, then what is used most."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QMainWindow, QToolBar

from gui.actions import ACTIONS, fill_toolbar
from gui.texts import tr
from gui.widgets.looks import icon_side

_LINE_PX = 3


class _PagesBar(QToolBar):
    """A line below the page that is shown: it is told without colour."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt asks."""
        super().paintEvent(event)
        painter = QPainter(self)
        for action in self.actions():
            button = self.widgetForAction(action)
            if action.isChecked() and button is not None:
                place = button.geometry()
                line = QRect(place.left(), self.height() - _LINE_PX, place.width(), _LINE_PX)
                painter.fillRect(line, self.palette().color(QPalette.ColorRole.Highlight))
        painter.end()


def add_toolbars(window: QMainWindow, actions: Mapping[str, QAction]) -> Sequence[QToolBar]:
    """Puts both toolbars on a window: of its pages, and of what is done while labelling."""
    pages = _PagesBar(tr("Pages"), window)
    pages.setObjectName("pages")
    _set_up(window, pages, Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    pages.addActions([actions[spec.name] for spec in ACTIONS if spec.radio == "page"])
    for action in pages.actions():
        action.toggled.connect(lambda _: pages.update())
    toolbar = QToolBar(tr("Toolbar"), window)
    toolbar.setObjectName("toolbar")
    _set_up(window, toolbar, Qt.ToolButtonStyle.ToolButtonIconOnly)
    fill_toolbar(toolbar, actions)
    for bar in (pages, toolbar):
        _make_reachable(bar)
    return pages, toolbar


def tool_column(actions: Mapping[str, QAction]) -> QToolBar:
    """The tools, one below the other, as they stand beside the canvas."""
    bar = QToolBar(tr("Tools"))
    bar.setObjectName("tools")
    bar.setOrientation(Qt.Orientation.Vertical)
    side = icon_side(bar)
    bar.setIconSize(QSize(side, side))
    for spec in ACTIONS:
        if spec.radio == "tool":
            if spec.begins_section and bar.actions():
                bar.addSeparator()
            bar.addAction(actions[spec.name])
    _make_reachable(bar)
    return bar


def _set_up(window: QMainWindow, bar: QToolBar, style: Qt.ToolButtonStyle) -> None:
    bar.setToolButtonStyle(style)
    side = icon_side(bar)
    bar.setIconSize(QSize(side, side))
    bar.setMovable(False)
    bar.toggleViewAction().setVisible(False)  # hidden by mistake it would be hard to find again
    window.addToolBar(bar)


def _make_reachable(bar: QToolBar) -> None:
    for action in bar.actions():
        button = bar.widgetForAction(action)
        if button is not None and not action.isSeparator():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.text())
