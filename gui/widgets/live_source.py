"""The field that chooses what the live view watches: a camera, a video file, a folder."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from gui.texts import QT_TR_NOOP, tr
from gui.widgets.browsing import begin_near

KINDS = {
    "camera": QT_TR_NOOP("Camera"),
    "file": QT_TR_NOOP("Video file"),
    "folder": QT_TR_NOOP("Folder of frames"),
}
_NONE_YET = {
    "file": QT_TR_NOOP("Video file: none chosen yet"),
    "folder": QT_TR_NOOP("Folder of frames: none chosen yet"),
}
_MOST_CAMERAS = 64
_PATH_STRETCH = 100
"""So that the stretch after it matters only where there is no path."""
_VIDEOS = QT_TR_NOOP(
    "Videos (*.mp4 *.avi *.mov *.mkv *.webm *.m4v *.mpg *.mpeg *.wmv);;All files (*)"
)
_TIPS = {
    "file": QT_TR_NOOP("The video file to watch; you can drop one here too."),
    "folder": QT_TR_NOOP(
        "The folder whose images are shown one after the other, in the order of their names."
    ),
}


class LiveSourceField(QWidget):
    """A kind of source, and what of that kind; what was chosen of the other kinds is kept."""

    changed = Signal()
    """A person chose something else."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths = {"file": "", "folder": ""}
        self.kinds = QComboBox()
        self.kinds.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.kinds.setAccessibleName(tr("Source"))
        self.kinds.setToolTip(tr("What to watch."))
        for kind, title in KINDS.items():
            self.kinds.addItem(tr(title), kind)
        self.number_label = QLabel(tr("Number"))
        self.number = QSpinBox(maximum=_MOST_CAMERAS - 1)
        self.number.setKeyboardTracking(False)
        self.number.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.number.setAccessibleName(tr("Number of the camera"))
        self.number.setToolTip(tr("0 is the first camera of this machine, 1 the next."))
        self.number_label.setBuddy(self.number)
        self.path = QLineEdit()
        self.path.setMinimumWidth(160)
        self.choose_button = QPushButton(tr("Choose…"))
        self.loop = QCheckBox(tr("Again at the end"))
        self.loop.setToolTip(tr("Begin from the start again when the end is reached."))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.kinds)
        layout.addWidget(self.number_label)
        layout.addWidget(self.number)
        layout.addWidget(self.path, _PATH_STRETCH)
        layout.addWidget(self.choose_button)
        layout.addWidget(self.loop)
        layout.addStretch(1)
        self.kinds.activated.connect(self._on_kind_chosen)
        self.number.valueChanged.connect(lambda _: self.changed.emit())
        self.path.editingFinished.connect(self._on_path_edited)
        self.choose_button.clicked.connect(self._ask_for_path)
        self.loop.clicked.connect(lambda _: self.changed.emit())
        self._show_kind()

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return str(self.kinds.currentData())

    def path_of(self, kind: str) -> str:
        """The path that was chosen last of the kind `file` or `folder`, or empty."""
        return self._paths[kind]

    def set_all(self, kind: str, *, number: int, file: str, folder: str, is_looped: bool) -> None:
        """Shows this as chosen, without saying `changed`."""
        self._paths = {"file": file, "folder": folder}
        self.number.blockSignals(True)
        self.kinds.setCurrentIndex(max(self.kinds.findData(kind), 0))
        self.number.setValue(number)
        self.loop.setChecked(is_looped)
        self.number.blockSignals(False)
        self._show_kind()

    def choose_path(self, path: Path) -> None:
        """Takes a file or a folder as the source."""
        kind = "folder" if path.is_dir() else "file"
        self._paths[kind] = str(path)
        self.kinds.setCurrentIndex(self.kinds.findData(kind))
        self._show_kind()
        self.changed.emit()

    def _on_kind_chosen(self, _row: int) -> None:
        self._show_kind()
        self.changed.emit()

    def _show_kind(self) -> None:
        kind = self.kind
        has_path = kind in self._paths
        self.number_label.setVisible(not has_path)
        self.number.setVisible(not has_path)
        self.path.setVisible(has_path)
        self.choose_button.setVisible(has_path)
        self.loop.setVisible(has_path)
        if has_path:
            self.path.setText(self._paths[kind])
            self.path.setAccessibleName(tr(KINDS[kind]))
            self.path.setPlaceholderText(tr(_NONE_YET[kind]))
            self.path.setToolTip(self._paths[kind] or tr(_TIPS[kind]))
            self.choose_button.setToolTip(tr(_TIPS[kind]))

    def _on_path_edited(self) -> None:
        if self.kind in self._paths and self.path.text() != self._paths[self.kind]:
            self._paths[self.kind] = self.path.text()
            self.changed.emit()

    def _ask_for_path(self) -> None:
        kind = self.kind
        dialog = begin_near(QFileDialog(self.window(), tr(KINDS[kind]), self._paths[kind]))
        if kind == "folder":
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setNameFilter(tr(_VIDEOS))
        dialog.fileSelected.connect(lambda path: self.choose_path(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
