"""What is shown when the program itself went wrong: nothing is lost, and where the report lies."""

import platform
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QMessageBox, QWidget


def write_report(
    folder: Path,
    kind: type[BaseException],
    error: BaseException,
    where: TracebackType | None,
) -> Path:
    """Writes what is needed to find the mistake, and gives the file.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"crash_{time.strftime('%Y-%m-%d_%H%M%S')}.txt"
    about = f"Python {sys.version}\nQt {qVersion()}\n{platform.platform()}\n\n"
    path.write_text(about + "".join(traceback.format_exception(kind, error, where)), "utf-8")
    return path


class CrashDialog(QMessageBox):
    """Says that the program made a mistake, and that the labels are safe."""

    def __init__(self, error: BaseException, report: Path | None, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle("Something went wrong")
        self.setText("Maskloop made a mistake. Your labels are safe: every edit is on the disk.")
        where = f"\n\nThe report, for whoever repairs it:\n{report}" if report else ""
        self.setInformativeText(f"{type(error).__name__}: {error}{where}")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.addButton("Go on", QMessageBox.ButtonRole.AcceptRole)
