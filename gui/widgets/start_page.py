"""What is shown while no folder is open: what to do first."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.texts import tr
from gui.widgets.icons import app_icon
from gui.widgets.stand_in import stand_for


class StartPage(QWidget):
    """Two ways to begin."""

    folder_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        picture.setPixmap(app_icon().pixmap(96, 96))
        title = QLabel("Maskloop", alignment=Qt.AlignmentFlag.AlignCenter)
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 2)
        title.setFont(font)
        self.words = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self.open_button = QPushButton(tr("Open folder…"))
        self.open_button.setToolTip(tr("Open a folder of images; labels are kept beside them."))
        stand_for(self.open_button, "open_folder")
        self.open_button.clicked.connect(self.folder_wanted)
        self.demo_button = QPushButton(tr("Try the demo"))
        self.demo_button.setToolTip(tr("Draws 50 small images with labels and opens them."))
        self.demo_button.clicked.connect(self.demo_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.demo_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(16)
        layout.addStretch(1)
        for widget in (picture, title, self.words):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addStretch(2)
        self.set_busy("")

    def set_busy(self, sentence: str) -> None:
        """Says what is being done, with the buttons off; an empty sentence: nothing is."""
        self.words.setText(
            sentence or tr("Open a folder of images to label, or look around in the demo first.")
        )
        self.open_button.setEnabled(not sentence)
        self.demo_button.setEnabled(not sentence)
