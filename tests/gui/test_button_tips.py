"""Buttons that do what an action does say its shortcut, and another one when it changed."""

from gui.main_window import MainWindow


def test_a_button_of_a_panel_says_the_shortcut(window: MainWindow) -> None:
    button = window.docks["prelabel"].widget().image_button
    assert button.toolTip().endswith("(Ctrl+R)")


def test_a_button_of_a_page_says_the_shortcut(window: MainWindow) -> None:
    window.pages.show_page("train")
    assert window.pages.page("train").start_button.toolTip().endswith("(Ctrl+T)")


def test_it_says_the_shortcut_that_a_person_chose(window: MainWindow) -> None:
    window.shortcuts.set_key("prelabel_image", "F7")
    assert window.docks["prelabel"].widget().image_button.toolTip().endswith("(F7)")
