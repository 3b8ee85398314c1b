"""Fine-tuning: live losses and AP, what the run says, and the way to use what came out."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.configs import TrainConfig, to_json
from core.errors import AppError
from core.events import Event, Failed, Finished, Progress
from core.run_folder import RunFolder
from core.types import Json
from gui.dialogs.run_ends import open_export_dialog, use_and_prelabel
from gui.dialogs.train import open_train_dialog
from gui.panels import PanelSpec
from gui.runs import ProcessRun, Run
from gui.session import Session
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.outcome import is_worse, outcome_text
from gui.widgets.run_view import RunView
from gui.widgets.setting_words import Places
from gui.widgets.stand_in import stand_for
from gui.widgets.words import progress_steps, progress_text
from gui.widgets.wrapped import WrappedLabel

_NOTHING_YET = QT_TR_NOOP(
    "Nothing was fine-tuned yet. Label 10 to 20 images, mark them done, then begin."
)


class TrainingPanel(QWidget):
    """Shows the fine-tune that started last."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._run: Run | None = None
        self._new_weights: Path | None = None
        """The run folder that they are in."""
        self._can_resume = False
        self._labels_folder: Path | None = None
        """Of the project that the run is of."""
        self._earlier = session.work.following(parent=self)
        """What a run said in an earlier window, before it went on in this one."""
        self._held: list[Event] | None = None
        """What it says meanwhile."""
        self._build()
        self._lay_out()
        self._connect()
        self._say(tr(_NOTHING_YET))
        self._update()

    def ask_and_start(self) -> None:
        """Opens the dialog with the few things to choose."""
        open_train_dialog(self._session, self)

    def _build(self) -> None:
        self.status = WrappedLabel()
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("How far the fine-tune is"))
        self.start_button = _button(tr("Fine-tune…"), tr("Train on the images that are done."))
        stand_for(self.start_button, "fine_tune")
        self.cancel_button = _button(
            tr("Cancel"), tr("Stop; the last checkpoint is kept and can go on later.")
        )
        self.resume_button = _button(
            tr("Resume"), tr("Go on from the last checkpoint of this run.")
        )
        self.use_button = _button(
            tr("Use the new weights and pre-label the rest"),
            tr(
                "Pre-label with what this run learnt from now on, and let it label every image"
                " that is not done."
            ),
        )
        self.use_only_button = _button(
            tr("Use only"),
            tr("Pre-label with what this run learnt from now on; nothing is labelled now."),
        )
        self.export_button = _button(
            tr("Export model…"), tr("Write the new weights into a folder of their own.")
        )
        self.view = RunView()
        self.curves, self.log, self.table = self.view.curves, self.view.log, self.view.table

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self.start_button)
        first.addWidget(self.resume_button)
        first.addWidget(self.use_button)
        first.addWidget(self.use_only_button)
        first.addWidget(self.export_button)
        first.addWidget(self.progress, 1)
        first.addWidget(self.cancel_button)
        first.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(first)
        layout.addWidget(self.status)
        layout.addWidget(self.view, 1)
        layout.addStretch(0)
        self.view.hide()  # until there is something to see

    def _connect(self) -> None:
        session = self._session
        self.start_button.clicked.connect(self.ask_and_start)
        self.cancel_button.clicked.connect(self._cancel)
        self.resume_button.clicked.connect(self._resume)
        self.use_button.clicked.connect(self._use_and_prelabel)
        self.use_only_button.clicked.connect(self._use_only)
        self.export_button.clicked.connect(self._export)
        session.run_started.connect(self._on_run_started)
        session.project_changed.connect(self._on_project_changed)
        self._earlier.said.connect(self.view.take)
        self._earlier.read_through.connect(self._on_earlier_read)

    def _on_run_started(self, run: Run) -> None:
        if not run.is_training:
            return
        goes_on = (
            self._run is not None and run.run_folder and run.run_folder == self._run.run_folder
        )
        self._run = run
        self._new_weights = None
        self._can_resume = False
        self._labels_folder = _labels_folder_of(self._session)
        if not goes_on:
            self._begin_anew(run)
        project = self._session.project
        places = Places(project.folder if project is not None else None)
        self.view.show_settings(_settings_of(run), places)
        self.view.show()
        self.progress.setRange(0, 0)
        self._say(tr("Starting…"))
        run.reported.connect(self._on_reported)
        run.ended.connect(self._on_ended)
        self._update()

    def _begin_anew(self, run: Run) -> None:
        self.view.clear()
        self._earlier.stop()
        self._held = None
        if isinstance(run, ProcessRun) and run.name == "resume":
            self._held = []
            self._earlier.follow(RunFolder(Path(run.run_folder)))

    def _on_earlier_read(self) -> None:
        self._earlier.stop()
        held, self._held = self._held, None
        self.view.take(held or ())

    def _take(self, event: Event) -> None:
        if self._held is None:
            self.view.take([event])
        else:
            self._held.append(event)

    def _on_project_changed(self) -> None:
        """What ended is of another folder, and its weights are not for this one."""
        if self._run is not None and not self._run.is_going:
            self._run = self._new_weights = None
            self._can_resume = False
            self.view.hide()
            self._say(tr(_NOTHING_YET))
        self._update()

    def _on_reported(self, event: Event) -> None:
        if isinstance(event, Progress):
            done, total = progress_steps(event)
            self.progress.setRange(0, total)
            self.progress.setValue(done)
            far = progress_text(event)
            self._say(tr("{progress}. You can go on labelling.").format(progress=far))
        else:
            self._take(event)

    def _on_ended(self, last: Finished | Failed) -> None:
        self._take(last)
        run_folder = self._run.run_folder if self._run else ""
        folder = RunFolder(Path(run_folder)) if run_folder else None
        self._can_resume = folder is not None and folder.last_checkpoint.is_file()
        if isinstance(last, Failed):
            self._say_stopped(last.sentence)
        elif last.was_cancelled:
            self._say_stopped(tr("Cancelled. What it learnt so far is kept."))
        else:
            self._finish(last)
        self._update()

    def _finish(self, last: Finished) -> None:
        if self._labels_folder != _labels_folder_of(self._session):
            again = tr("Open {folder} again to use the new weights: its Train page has them.")
            self._say(f"{outcome_text(last.result)} {again.format(folder=self._labels_folder)}")
            return
        self._say(outcome_text(last.result))
        self._new_weights = Path(str(last.result["run"])) if "run" in last.result else None
        # What a person most likely wants next stands out; weights that are worse do not. It takes
        # no focus: somebody may be labelling.
        self.use_button.setFont(_bold(self.font(), bold=not is_worse(last.result)))

    def _cancel(self) -> None:
        if self._run is not None:
            self._run.cancel()

    def _resume(self) -> None:
        if self._run is not None:
            self._session.work.resume(Path(self._run.run_folder))

    def _use_and_prelabel(self) -> None:
        if self._new_weights is not None:
            use_and_prelabel(self._session, self._new_weights)

    def _use_only(self) -> None:
        if self._new_weights is not None:
            self._session.use_weights(self._new_weights)

    def _export(self) -> None:
        if self._new_weights is not None:
            open_export_dialog(self._session, self._new_weights, self.window())

    def _say_stopped(self, sentence: str) -> None:
        go_on = tr("Resume goes on from its last checkpoint.")
        self._say(f"{sentence} {go_on}" if self._can_resume else sentence)

    def _say(self, sentence: str) -> None:
        self.status.setText(sentence)

    def _update(self) -> None:
        is_going = self._run is not None and self._run.is_going
        self.start_button.setEnabled(self._session.project is not None and not is_going)
        self.cancel_button.setVisible(is_going)
        self.progress.setVisible(is_going)
        self.resume_button.setVisible(self._can_resume and not is_going)
        for button in (self.use_button, self.use_only_button, self.export_button):
            button.setVisible(self._new_weights is not None)


def _labels_folder_of(session: Session) -> Path | None:
    return session.project.labels_folder if session.project else None


def _settings_of(run: Run) -> Json:
    if isinstance(run, ProcessRun) and isinstance(run.config, TrainConfig):
        return to_json(run.config)  # its folder is not written yet
    try:
        return RunFolder(Path(run.run_folder)).read_config()[1]
    except AppError:
        return {}


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    return button


def _bold(font: QFont, *, bold: bool) -> QFont:
    font = QFont(font)
    font.setBold(bold)
    return font


PANEL = PanelSpec(
    "training", QT_TR_NOOP("Fine-tune"), Qt.DockWidgetArea.BottomDockWidgetArea, 0, TrainingPanel
)
