"""Everything that goes on: what it is, how far, how long still, and a way to stop it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.events import Failed, Finished, Progress
from gui.panels import PanelSpec
from gui.runs import Run
from gui.session import Session
from gui.widgets.words import progress_steps, progress_text

_MOST = 20


class RunsPanel(QScrollArea):
    """The runs of this session, the newest first."""

    def __init__(self, session: Session) -> None:
        super().__init__(widgetResizable=True)
        self.rows: list[RunRow] = []
        self._hint = QLabel("Nothing has run yet. Pre-label, fine-tune and export appear here.")
        self._hint.setWordWrap(True)
        inside = QWidget()
        self._layout = QVBoxLayout(inside)
        self._layout.setContentsMargins(4, 4, 4, 4)
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
        self.progress = QProgressBar(maximum=0)
        self.progress.setFixedWidth(180)
        self.words = QLabel("Starting…")
        self.words.setWordWrap(True)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setToolTip(f"Stop “{run.title}”; what is done is kept.")
        self.cancel_button.clicked.connect(run.cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        title = QLabel(run.title)
        title.setMinimumWidth(160)
        layout.addWidget(title)
        layout.addWidget(self.progress)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.cancel_button)
        run.reported.connect(self._on_reported)
        run.ended.connect(self._on_ended)

    def _on_reported(self, event: object) -> None:
        if not isinstance(event, Progress):
            return
        done, total = progress_steps(event)
        self.progress.setMaximum(total)
        self.progress.setValue(done)
        self.words.setText(progress_text(event))

    def _on_ended(self, last: object) -> None:
        self.cancel_button.hide()
        self.progress.setMaximum(1)
        self.progress.setValue(0)
        if isinstance(last, Failed):
            self.words.setText(last.sentence)
        elif isinstance(last, Finished) and last.was_cancelled:
            self.words.setText("Cancelled.")
        else:
            self.progress.setValue(1)
            self.words.setText("Done.")


PANEL = PanelSpec(
    "runs", "Runs", Qt.DockWidgetArea.BottomDockWidgetArea, 1, RunsPanel, is_open_at_first=False
)
