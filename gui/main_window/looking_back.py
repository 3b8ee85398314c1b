"""An earlier version of the labels on the canvas: marked above it, until Escape."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui.canvas.view import Canvas
from gui.session import Session
from gui.texts import tr
from gui.widgets.moments import moment_text
from gui.widgets.wrapped import WrappedLabel


class LookingBackBar(QFrame):
    """Says that what the canvas shows is not how the labels are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.words = WrappedLabel()
        self.words.setForegroundRole(QPalette.ColorRole.HighlightedText)
        self.setBackgroundRole(QPalette.ColorRole.Highlight)
        self.bring_back = QPushButton(tr("Bring back"))
        self.bring_back.setToolTip(tr("Make the labels what they were then. It can be undone."))
        self.stop = QPushButton(tr("Back to now"))
        self.stop.setToolTip(tr("Show the labels as they are now (Esc)."))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.bring_back)
        layout.addWidget(self.stop)
        self.hide()


class LookingBack(QObject):
    """Gives the canvas the version that is looked at, and afterwards the labels as they are."""

    def __init__(self, session: Session, canvas: Canvas, parent: QWidget) -> None:
        """Nothing is looked at.

        Args:
            session: whose earlier versions they are.
            canvas: that shows them.
            parent: the window, in all of which Escape ends it.
        """
        super().__init__(parent)
        self.bar = LookingBackBar()
        self._session = session
        self._canvas = canvas
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), parent)
        self._escape.setEnabled(False)
        self._escape.activated.connect(session.earlier.stop_looking)
        self.bar.stop.clicked.connect(session.earlier.stop_looking)
        self.bar.bring_back.clicked.connect(
            lambda: session.earlier.bring_back(session.earlier.shown_name)
        )
        session.earlier.shown_changed.connect(self._on_shown_changed)

    def _on_shown_changed(self) -> None:
        earlier = self._session.earlier
        is_looking = earlier.shown is not None
        if is_looking:
            self._canvas.set_tool("select")  # no draft of another tool is lost unseen
            at = next(
                x.version.at for x in earlier.versions if x.version.name == earlier.shown_name
            )
            text = tr(
                "The labels as they were at {moment}. Nothing can be changed here; Escape goes back"
                " to now."
            )
            self.bar.words.setText(text.format(moment=moment_text(at)))
        self._escape.setEnabled(is_looking)
        self.bar.setVisible(is_looking)
        self._canvas.set_document(earlier.shown or self._session.document)
