"""What is shown when the program itself went wrong: nothing is lost, and where the report lies."""

import platform
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QMessageBox, QWidget

from gui.texts import tr


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
        self.setWindowTitle(tr("Something went wrong"))
        self.setText(
            tr("Maskloop made a mistake. Your labels are safe: every edit is on the disk.")
        )
        told = [f"{type(error).__name__}: {error}"]
        if report:
            told.append(tr("The report, for whoever repairs it:\n{file}").format(file=report))
        self.setInformativeText("\n\n".join(told))
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.addButton(tr("Go on"), QMessageBox.ButtonRole.AcceptRole)
