"""The title of a dock: one look for all of them, in icons of ours."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from gui.texts import tr
from gui.widgets.icons import icon_of
from gui.widgets.looks import icon_side


class DockTitle(QWidget):
    """What a dock is called; a button that closes it. It is dragged by what is left free."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        title = QLabel(dock.windowTitle())
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        name = dock.windowTitle()
        self.float_button = QToolButton(autoRaise=True)
        self.float_button.setToolTip(
            tr("Take “{dock}” out of the window, or put it back.").format(dock=name)
        )
        self.float_button.setAccessibleName(tr("Take out {dock}").format(dock=name))
        self.float_button.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self.close_button = QToolButton(autoRaise=True)
        self.close_button.setToolTip(
            tr("Close “{dock}”; the menu View brings it back.").format(dock=name)
        )
        self.close_button.setAccessibleName(tr("Close {dock}").format(dock=name))
        self.close_button.clicked.connect(dock.close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(0)
        layout.addWidget(title, 1)
        for button in (self.float_button, self.close_button):
            # Tab goes by them, to what is in the dock: the menu View does the same by keyboard.
            button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            layout.addWidget(button)
        self._draw_icons()

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "close_button"):
            self._draw_icons()

    def _draw_icons(self) -> None:
        side = max(12, icon_side(self) - 4)
        for button, icon in ((self.float_button, "float"), (self.close_button, "close")):
            button.setIcon(icon_of(icon, self.palette()))
            button.setIconSize(QSize(side, side))
