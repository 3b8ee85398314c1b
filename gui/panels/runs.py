"""Everything that goes on: what it is, how far, how long still, and a way to stop it."""

import time

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.events import Failed, Finished, LiveOpened, Progress
from gui.panels import PanelSpec
from gui.runs import Run
from gui.session import Session
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.icons import icon_of
from gui.widgets.looks import icon_side
from gui.widgets.words import duration_text, progress_steps, progress_text

_MOST = 20


class RunsPanel(QScrollArea):
    """The runs of this session, the newest first."""

    def __init__(self, session: Session) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.rows: list[RunRow] = []
        self._hint = QLabel(
            tr(
                "Nothing has run yet. What you start appears here with how far it is: pre-label,"
                " fine-tune, export."
            )
        )
        self._hint.setWordWrap(True)
        inside = QWidget()
        self._layout = QVBoxLayout(inside)
        self._layout.setContentsMargins(4, 4, 4, 4)
        self._layout.setSpacing(4)
        self._layout.addWidget(self._hint)
        self._layout.addStretch(1)
        self.setWidget(inside)
        session.run_started.connect(self._on_run_started)

    def _on_run_started(self, run: Run) -> None:
        self._hint.hide()
        row = RunRow(run)
        self.rows.insert(0, row)
        self._layout.insertWidget(0, row)
        while len(self.rows) > _MOST and not self.rows[-1].run.is_going:
            self.rows.pop().deleteLater()


class RunRow(QWidget):
    """One run."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self._started_s = time.monotonic()
        letter = self.fontMetrics().averageCharWidth()
        self._mark = QLabel()
        self._mark.setFixedWidth(icon_side(self))
        self.title = QLabel(run.title)
        self.title.setFixedWidth(28 * letter)
        self.title.setText(
            self.fontMetrics().elidedText(run.title, Qt.TextElideMode.ElideMiddle, 28 * letter)
        )
        self.title.setToolTip(run.title)
        self.progress = QProgressBar(maximum=0)
        self.progress.setAccessibleName(tr("How far “{title}” is").format(title=run.title))
        self.progress.setFixedWidth(28 * letter)
        self.words = QLabel(tr("Starting…"))
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setToolTip(
            tr("Stop “{title}”; what is done is kept.").format(title=run.title)
        )
        self.cancel_button.clicked.connect(self._on_cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self._mark, self.title, self.progress):
            layout.addWidget(widget)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.cancel_button)
        run.reported.connect(self._on_reported)
        run.ended.connect(self._on_ended)
        self._draw_mark()

    def changeEvent(self, event: QEvent) -> None:
        """Its icon follows the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_started_s"):
            self._draw_mark()

    def _on_cancelled(self) -> None:
        self.cancel_button.setEnabled(False)
        self.words.setText(tr("Stopping…"))
        self.run.cancel()

    def _on_reported(self, event: object) -> None:
        if isinstance(event, LiveOpened):
            self.progress.hide()
            self.words.setText(tr("Watching, until you stop it."))
            self.cancel_button.setText(tr("Stop"))
        elif isinstance(event, Progress) and self.cancel_button.isEnabled():
            done, total = progress_steps(event)
            self.progress.setMaximum(total)
            self.progress.setValue(done)
            self.words.setText(progress_text(event))

    def _on_ended(self, last: object) -> None:
        self.cancel_button.hide()
        self.progress.hide()
        duration = duration_text(time.monotonic() - self._started_s)
        is_known = not self.run.began_elsewhere
        if isinstance(last, Failed):
            self.words.setText(last.sentence)
        elif isinstance(last, Finished) and last.was_cancelled:
            stopped = (
                tr("Stopped after {duration}; what was done is kept.")
                if is_known
                else tr("Stopped; what was done is kept.")
            )
            self.words.setText(stopped.format(duration=duration))
        else:
            done = tr("Done in {duration}.") if is_known else tr("Done.")
            self.words.setText(done.format(duration=duration))
        self._draw_mark()

    def _draw_mark(self) -> None:
        last = self.run.last
        if last is None:
            name, words = "notice", tr("It goes on.")
        elif isinstance(last, Failed):
            name, words = "warning", tr("It failed.")
        elif last.was_cancelled:
            name, words = "cancel_run", tr("It was stopped.")
        else:
            name, words = "accept", tr("It is done.")
        side = icon_side(self)
        pixmap = icon_of(name, self.palette()).pixmap(QSize(side, side), self.devicePixelRatioF())
        self._mark.setPixmap(pixmap)
        self._mark.setToolTip(words)
        self._mark.setAccessibleName(words)


PANEL = PanelSpec(
    "runs",
    QT_TR_NOOP("Runs"),
    Qt.DockWidgetArea.BottomDockWidgetArea,
    1,
    RunsPanel,
    is_open_at_first=False,
)
