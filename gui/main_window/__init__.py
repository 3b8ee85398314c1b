"""The main window: composes the session, the canvas, the panels and the actions."""

from gui.main_window.window import MainWindow

__all__ = ["MainWindow"]
