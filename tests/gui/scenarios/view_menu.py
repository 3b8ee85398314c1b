"""The menu View."""

import pytest

from gui.canvas.crosshair import CrosshairLine
from gui.canvas.display import Display
from gui.pages import all_pages
from gui.widgets.looks import FocusRing
from tests.gui.user import User


def page_annotate(user: User) -> None:
    for page in all_pages():
        user.window.pages.show_page(page.name)
    user.press("page_annotate", on=user.window)
    assert user.window.pages.current == "annotate"
    assert user.window.canvas.isVisible()


def page_live(user: User) -> None:
    user.press("page_live")
    assert user.window.pages.current == "live"
    assert user.window.pages.page("live").isVisible()


def zoom_in(user: User) -> None:
    before = user.window.canvas.zoom
    user.press("zoom_in")
    assert user.window.canvas.zoom > before
    assert user.window.status.zoom.text() == f"{user.window.canvas.zoom * 100:.0f} %"


def zoom_out(user: User) -> None:
    before = user.window.canvas.zoom
    user.press("zoom_out")
    assert user.window.canvas.zoom < before


def fit(user: User) -> None:
    before = user.window.canvas.zoom
    user.window.canvas.zoom_by(5)
    user.click("fit")
    assert user.window.canvas.zoom == pytest.approx(before)


def zoom_actual(user: User) -> None:
    user.press("zoom_actual")
    assert user.window.canvas.zoom == pytest.approx(1)
    assert user.window.status.zoom.text() == "100 %"


def show_selected(user: User) -> None:
    user.add()
    user.press("show_selected")
    assert user.window.canvas.visible_rect().center().toTuple() == pytest.approx((30, 30), abs=1)


def focus_next_area(user: User) -> None:
    user.add()
    user.window.activateWindow()
    user.window.canvas.setFocus()
    seen = []
    for _ in range(9):
        user.press("focus_next_area")
        focus = user.window.focusWidget()
        assert user.window.findChild(FocusRing).widget() is focus
        seen += [name for name, dock in user.window.docks.items() if dock.isAncestorOf(focus)]
        if user.window.canvas.hasFocus():
            break
    shown = [name for name, dock in user.window.docks.items() if not dock.visibleRegion().isEmpty()]
    assert sorted(seen) == sorted(shown)
    assert user.window.canvas.hasFocus()


def display(user: User) -> None:
    user.press("display")
    assert user.window.docks["display"].isVisible()
    assert user.window.docks["display"].isAncestorOf(user.window.focusWidget())


def crosshair(user: User) -> None:
    user.press("crosshair")
    user.point_at(30, 20)
    display = user.window.canvas.findChild(Display)
    lines = [one for one in display.crosshair.parent().children() if isinstance(one, CrosshairLine)]
    at = user.place(30, 20)
    assert {one.geometry().getRect()[:2] for one in lines} == {(0, at.y()), (at.x(), 0)}
    assert all(one.isVisible() for one in lines)


def navigator(user: User) -> None:
    display = user.window.canvas.findChild(Display)
    user.window.canvas.zoom_by(5)
    assert display.navigator.isVisible()
    user.press("navigator")
    assert not display.navigator.isVisible()


def colour_by_state(user: User) -> None:
    user.add(class_index=1)  # the first class has the colour of this state
    user.document.select(())
    at = user.place(30, 30)

    def pixel() -> int:
        return user.window.canvas.viewport().grab().toImage().pixel(at)

    by_class = pixel()
    user.press("colour_by_state")
    assert pixel() != by_class
    user.press("colour_by_state")
    assert pixel() == by_class
