"""What is done with the weights of a run: used, used for a pre-label, exported."""

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from core.run_folder import RunFolder
from gui.dialogs.export_model import ExportModelDialog
from gui.session import Session, leaving
from gui.texts import tr


def use_and_prelabel(session: Session, run_folder: Path) -> None:
    """Uses the weights of a run, and lets them label the images that nobody marked done."""
    session.use_weights(run_folder)
    session.prelabel_all()


def open_export_dialog(session: Session, run_folder: Path, parent: QWidget) -> None:
    """Asks where the weights of a run shall go."""
    dialog = ExportModelDialog(session, parent)
    title = tr("Run {name}").format(name=run_folder.name)
    dialog.weights.set_weights(str(RunFolder(run_folder).best_weights), title)
    dialog.wanted.connect(partial(leaving.export_model, session))
    dialog.open()
