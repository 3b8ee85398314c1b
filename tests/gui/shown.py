"""Pages and dialogs that are open on a folder, and know what they wait for."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.dialogs.train import TrainDialog
from gui.pages.compare import ComparePage
from gui.pages.train import TrainPage
from gui.session import Session

_RunsPage = TypeVar("_RunsPage", ComparePage, TrainPage)
OpenFolder = Callable[[Path], None]


def page_of_runs(
    kind: type[_RunsPage], qtbot: QtBot, session: Session, open_folder: OpenFolder, folder: Path
) -> _RunsPage:
    """Opens the folder, with whatever runs it has by now, and the page that lists them."""
    open_folder(folder)
    made = kind(session)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    n_runs = len(list((folder / ".maskloop" / "runs").glob("*")))
    qtbot.waitUntil(lambda: made.runs.topLevelItemCount() == n_runs)
    return made


def train_dialog(
    qtbot: QtBot, session: Session, open_folder: OpenFolder, folder: Path
) -> TrainDialog:
    """Opens the folder and the dialog, and waits until it has looked at the images."""
    open_folder(folder)
    dialog = TrainDialog(session)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.passes.text() != "" or dialog.why_not.text() != "")
    return dialog
