"""Where a dialog for files begins."""

from pathlib import Path

from PySide6.QtCore import QDir
from PySide6.QtWidgets import QFileDialog


def begin_near(dialog: QFileDialog, folder: Path | None = None) -> QFileDialog:
    """Begins in this folder where it is there; else where a dialog was last, or at home.

    Left alone, the first dialog of a program begins in the folder that it was started in, which
    for most people is the program's own.
    """
    if folder is not None and folder.is_dir():
        dialog.setDirectory(str(folder))
    elif dialog.directory() == QDir.current():
        dialog.setDirectory(QDir.homePath())
    return dialog
