"""Where everything is at the first start, before a person has put it elsewhere."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

_SIZE, _FRAME = QSize(1440, 900), QSize(16, 48)
"""Of the window, and about what the system draws around it."""
_LOW_PX = 110
"""Of the dock below, while there is nothing to see in it."""
_HEIGHTS_PX = {"classes": 140, "instances": 300, "confidence": 70, "prelabel": 200}
"""The list of instances is needed all the time; the pre-label panel scrolls."""
_ROOM_FOR_ALL_PX = 660
"""On a screen less high, as of a laptop at 200 %, the docks one below the other do not fit."""


def lay_out_first(window: QMainWindow, docks: Mapping[str, QDockWidget], *, room: QSize) -> None:
    """Gives a window and its docks their sizes, on a screen with this room."""
    window.resize(_SIZE.boundedTo(room - _FRAME))
    letter = window.fontMetrics().averageCharWidth()
    window.resizeDocks([docks["images"]], [40 * letter], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["classes"]], [46 * letter], Qt.Orientation.Horizontal)
    if room.height() < _ROOM_FOR_ALL_PX:
        for shown, behind in (("instances", "classes"), ("prelabel", "confidence")):
            window.tabifyDockWidget(docks[shown], docks[behind])
            docks[shown].raise_()
    else:
        window.resizeDocks(
            [docks[name] for name in _HEIGHTS_PX], list(_HEIGHTS_PX.values()),
            Qt.Orientation.Vertical,
        )  # fmt: skip
    window.tabifyDockWidget(docks["images"], docks["doubts"])
    docks["images"].raise_()
    # closed at first, and where it is high when it is opened
    window.tabifyDockWidget(docks["images"], docks["history"])
    docks["history"].hide()
    window.tabifyDockWidget(docks["training"], docks["runs"])
    docks["training"].raise_()
    window.resizeDocks([docks["training"]], [_LOW_PX], Qt.Orientation.Vertical)
