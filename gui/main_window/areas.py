"""The areas of the window, through which a key goes round."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QScrollArea, QWidget


def next_area(areas: Sequence[QWidget]) -> None:
    """Gives the keyboard to the next of these areas that is seen and takes it.

    Args:
        areas: in their order; each takes the keyboard itself, or the first in it that does.
    """
    focus = QApplication.focusWidget()
    current = next((i for i, area in enumerate(areas) if _has(area, focus)), -1)
    for area in (*areas[current + 1 :], *areas[: current + 1]):
        target = _target(area) if _is_seen(area) else None
        if target is not None:
            # Set by hand, and kept with this reason: Qt takes it away where Tab is only named.
            area.window().setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return


def _is_seen(area: QWidget) -> bool:
    # a dock behind the tab of another counts as visible
    is_behind = isinstance(area, QDockWidget) and area.visibleRegion().isEmpty()
    return area.isVisible() and not is_behind


def _has(area: QWidget, focus: QWidget | None) -> bool:
    return focus is not None and (area is focus or area.isAncestorOf(focus))


def _target(area: QWidget) -> QWidget | None:
    if _takes_keys(area):
        return area
    inside: Iterable[QWidget] = area.findChildren(QWidget)
    return next((one for one in inside if one.isVisible() and _takes_keys(one)), None)


def _takes_keys(widget: QWidget) -> bool:
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    is_frame = isinstance(widget, QScrollArea)  # of what is in it, which is meant
    return bool(by_tab) and widget.isEnabled() and not is_frame
