"""Asks which run has come back from another machine."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from gui.session import Session
from gui.session.coming_back import unpack
from gui.texts import tr
from gui.widgets.browsing import begin_near

_FILES = ("*.zip", "best.pth", "model_*.pth", "config.json", "metrics.json")


def open_run_dialog(session: Session, parent: QWidget) -> None:
    """Asks for a zip or a file in a run's folder, and brings the run back."""
    if session.project is None:
        session.told.emit(tr("Open the folder first that the run is of."))
        return
    dialog = QFileDialog(parent, tr("A zip of a run, or a file in its folder"))
    remembered = session.settings.text("export_folder")
    begin_near(dialog, Path(remembered) if remembered else None)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(tr("Runs ({files})").format(files=" ".join(_FILES)))
    dialog.fileSelected.connect(lambda file: unpack(session, Path(file)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
