"""A line for a path, with a button that asks for it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from gui.texts import tr


class PathRow(QWidget):
    """A file to write, or a folder to make: typed or chosen."""

    changed = Signal()

    def __init__(
        self, first: Path, title: str, *, suffix: str = "", parent: QWidget | None = None
    ) -> None:
        """Shows `first`; with a suffix (json, zip) it is a file of this kind, else a folder."""
        super().__init__(parent)
        self._title, self._suffix = title, suffix
        self.line = QLineEdit(str(first))
        self.line.setAccessibleName(tr("File") if suffix else tr("Folder"))
        self.line.setToolTip(tr("Where it is written. Type a path, or choose one."))
        self.line.textChanged.connect(lambda _: self.changed.emit())
        self.button = QPushButton(tr("Choose…"))
        self.button.setAutoDefault(False)
        self.button.setToolTip(tr("Look for a place."))
        self.button.clicked.connect(self._ask)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.button)
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """What is named, `~` resolved; None where nothing is, or no absolute path."""
        text = self.line.text().strip()
        try:
            path = Path(text).expanduser()
        except RuntimeError:  # the home of a user that is not there
            return None
        return path if text and path.is_absolute() else None

    def _ask(self) -> None:
        dialog = QFileDialog(self.window(), self._title)
        if self._suffix:
            dialog.setNameFilter(f"*.{self._suffix}")
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix(self._suffix)
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        if self.path is not None:
            dialog.setDirectory(str(self.path.parent))
            dialog.selectFile(self.path.name if self._suffix else "")
        dialog.fileSelected.connect(self._on_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_selected(self, chosen: str) -> None:
        path = Path(chosen)
        if not self._suffix and self.path is not None and path != self.path:
            path = path / self.path.name  # a new folder in the one that was chosen
        self.line.setText(str(path))
