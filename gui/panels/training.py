"""Fine-tuning: live losses and AP, what the run says, and the way to use what came out."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.events import CheckpointSaved, Failed, Finished, Metrics, Noted, Progress
from core.types import Json
from gui.dialogs.train import TrainDialog
from gui.panels import PanelSpec
from gui.runs import Run
from gui.session import Session
from gui.widgets.plots import Curves
from gui.widgets.words import ap_text, duration_text

_MOST_LINES = 2000


class TrainingPanel(QWidget):
    """Shows the fine-tune that started last."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._run: Run | None = None
        self._new_weights: Path | None = None
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.progress = QProgressBar()
        self.start_button = QPushButton("Fine-tune…")
        self.start_button.setToolTip("Train on the images that are done.")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setToolTip("Stop; the last checkpoint is kept and can go on later.")
        self.use_button = QPushButton("Use the new weights")
        self.use_button.setToolTip("Pre-label with the weights of this run from now on.")
        self.curves = Curves()
        self.log = QPlainTextEdit(readOnly=True, maximumBlockCount=_MOST_LINES)
        self.log.setAccessibleName("What the run says")
        self._lay_out()
        self.start_button.clicked.connect(self.ask_and_start)
        self.cancel_button.clicked.connect(lambda: self._run.cancel() if self._run else None)
        self.use_button.clicked.connect(self._use_weights)
        session.run_started.connect(self._on_run_started)
        session.project_changed.connect(self._update)
        self._say("Nothing was fine-tuned yet. Label 10 to 20 images, mark them done, then begin.")
        self._update()

    def ask_and_start(self) -> None:
        """Opens the dialog with the few things to choose."""
        dialog = TrainDialog(self._session.settings, self.window())
        dialog.chosen.connect(self._session.work.start_training)
        dialog.open()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.start_button)
        buttons.addWidget(self.progress, 1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.use_button)
        buttons.addStretch(0)
        self.details = QSplitter(Qt.Orientation.Horizontal)
        self.details.addWidget(self.curves)
        self.details.addWidget(self.log)
        self.details.setSizes([700, 300])
        self.details.hide()  # until there is something to see
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(buttons)
        layout.addWidget(self.status)
        layout.addWidget(self.details, 1)
        layout.addStretch(0)

    def _on_run_started(self, run: Run) -> None:
        if not run.is_training:
            return
        self._run = run
        self._new_weights = None
        self.curves.clear()
        self.log.clear()
        self.details.show()
        self.progress.setRange(0, 0)
        self._say("Starting…")
        run.reported.connect(self._on_reported)
        run.ended.connect(self._on_ended)
        self._update()

    def _on_reported(self, event: object) -> None:
        if isinstance(event, Metrics):
            self.curves.add(event.iteration, event.values)
        elif isinstance(event, Progress):
            self._show_progress(event)
        elif isinstance(event, Noted):
            self.log.appendPlainText(event.sentence)
        elif isinstance(event, CheckpointSaved):
            self.log.appendPlainText(f"Checkpoint at iteration {event.iteration}.")

    def _show_progress(self, event: Progress) -> None:
        self.progress.setRange(0, event.total)
        self.progress.setValue(event.done)
        left = "" if event.eta_s is None else f", {duration_text(event.eta_s)} left"
        of = f" of {event.total}" if event.total else ""
        self._say(f"{event.done}{of} {event.what}{left}. You can go on labelling.")

    def _on_ended(self, last: object) -> None:
        self.progress.setRange(0, 1)
        self.progress.setValue(0)
        if isinstance(last, Failed):
            self._say(last.sentence)
            self.log.appendPlainText(last.details or last.sentence)
        elif isinstance(last, Finished) and last.was_cancelled:
            self._say("Cancelled. The last checkpoint is kept; the run can go on later.")
        elif isinstance(last, Finished):
            self.progress.setValue(1)
            self._say(_outcome(last.result))
            self._new_weights = Path(str(last.result["run"])) if "run" in last.result else None
        self._update()

    def _use_weights(self) -> None:
        if self._new_weights is not None:
            self._session.use_weights(self._new_weights)
            self.use_button.hide()

    def _say(self, sentence: str) -> None:
        self.status.setText(sentence)

    def _update(self) -> None:
        is_going = self._run is not None and self._run.is_going
        self.start_button.setEnabled(self._session.project is not None and not is_going)
        self.cancel_button.setVisible(is_going)
        self.progress.setVisible(is_going)
        self.use_button.setVisible(self._new_weights is not None)


def _outcome(result: Json) -> str:
    before, after = result.get("before"), result.get("after")
    if not after:
        return "Done. No done image was kept to measure on, so there is no AP."
    parts = []
    for task, name in (("segm", "Mask AP"), ("bbox", "Box AP")):
        numbers = after.get(task) or {}
        if numbers:
            old = f"{ap_text((before.get(task) or {}).get('AP'))} → " if before else ""
            parts.append(f"{name} {old}{ap_text(numbers.get('AP'))}")
    how = ", before → after" if before else ""
    return f"Done. On the val images{how}: {', '.join(parts)}."


PANEL = PanelSpec("training", "Fine-tune", Qt.DockWidgetArea.BottomDockWidgetArea, 0, TrainingPanel)
