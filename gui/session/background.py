"""Runs in children of their own: fine-tuning, export, the demo project; and runs found again."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.configs import DemoConfig, ResumeConfig, TrainConfig
from core.errors import AppError
from core.events import Event, Failed, Finished, Noted
from core.project import Project
from core.run_folder import RunFolder, new_run_folder, runs_of
from gui.runs import ProcessRun, Run
from gui.session.run_following import RunFollowing
from gui.session.told_runs import forget_told, mark_told, was_told
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.notices import Notice

_ONE_AT_A_TIME = QT_TR_NOOP("A fine-tune is running already; wait for it, or cancel it first.")
_MOVED = QT_TR_NOOP(
    "Predictions are made on the CPU, which takes longer, until the fine-tune has ended: it has the"
    " device."
)


class FoundRun(Run):
    """A run that another window started and that still goes on, followed by its folder."""

    def __init__(self, folder: RunFolder, reader: Executor, parent: QObject | None = None) -> None:
        super().__init__(tr("Fine-tune"), parent)
        self.run_folder = str(folder.path)
        self._folder = folder
        self._was_cancelled = False
        self._following = RunFollowing(reader, self)
        self._following.said.connect(self._on_said)
        self._following.read_through.connect(self._on_read_through)
        self.ended.connect(self._following.stop)
        self._following.follow(folder)

    @property
    def is_training(self) -> bool:
        """Whether it is a fine-tune: only those are found again."""
        return True

    @property
    def began_elsewhere(self) -> bool:
        """As any run: it did."""
        return True

    def cancel(self) -> None:
        """Asks its process to stop, which keeps the last checkpoint."""
        self._was_cancelled = True
        try:
            self._folder.ask_to_end()
        except AppError as error:
            self._take(Noted(str(error)))

    def leave(self) -> None:
        """Looks at it no more; it goes on."""
        self._following.stop()

    def _on_said(self, events: Sequence[Event]) -> None:
        for event in events:
            self._take(event)

    def _on_read_through(self, is_alive: bool) -> None:
        if not is_alive:
            if self._was_cancelled:
                self._take(Finished(was_cancelled=True))
            self._take(Failed(tr("The run broke off: its process is gone.")))


class Background(QObject):
    """Starts jobs in children and keeps them."""

    started = Signal(object)
    """Run."""
    told = Signal(str)
    asked = Signal(object)
    """Notice."""

    def __init__(self, command: Sequence[str] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._runs: list[Run] = []
        self._said_of: Run | None = None
        """The fine-tune of which it was said that it moves predictions."""

    @property
    def training(self) -> Run | None:
        """The fine-tune that goes on, if one does."""
        for run in self._runs:
            if run.is_going and run.is_training:
                return run
        return None

    @property
    def training_takes_gpu(self) -> bool:
        """Whether a fine-tune goes on that has the GPU, where there is one."""
        run = self.training
        return run is not None and not _is_on_cpu(run)

    def device_left(self, wished: str) -> str:
        """Where predictions are made: as wished, or on the CPU while a fine-tune has the device."""
        run = self.training
        if run is None or wished == "cpu" or not self.training_takes_gpu:
            return wished
        if run is not self._said_of:
            self._said_of = run
            self.told.emit(tr(_MOVED))
        return "cpu"

    def start_training(self, project: Project, config: TrainConfig) -> ProcessRun | None:
        """Fine-tunes on the done images of a project; one run at a time."""
        if self.training is not None:
            self.told.emit(tr(_ONE_AT_A_TIME))
            return None
        try:
            folder = new_run_folder(project.labels_folder, "train")
        except AppError as error:
            self.told.emit(str(error))
            return None
        config = replace(
            config,
            folder=str(project.folder),
            labels_folder=str(project.labels_folder),
            out=str(folder.path),
        )
        out, title = str(folder.path), tr("Fine-tune")
        return self._start("train", config, out, title=title, keep_going=True)

    def start_demo(self, out: Path) -> ProcessRun:
        """Draws the demo project below this folder."""
        title = tr("Draw the demo project")
        return self._start("demo_project", DemoConfig(str(out)), title=title)

    def start(self, job: str, config: Any, *, title: str) -> ProcessRun:
        """A job in a child of its own that ends with the window."""
        return self._start(job, config, title=title)

    def start_unseen(self, job: str, config: Any) -> ProcessRun:
        """A job in a child that no list shows: whoever asked for it tells of it."""
        run = ProcessRun(job, config, command=self._command, parent=self)
        self._runs.append(run)
        run.ended.connect(lambda _: self._runs.remove(run))
        return run

    def find_again(self, project: Project, reader: Executor) -> None:
        """Follows a fine-tune of this project that goes on since an earlier window, or offers to go
        on with the last one where it broke off."""
        own = {run.run_folder for run in self._runs if run.is_going}
        folders = [
            folder for folder in runs_of(project.labels_folder)[:5] if _is_of_training(folder)
        ]
        if any(str(folder.path) in own for folder in folders):
            return  # this window shows it already
        for folder in folders:
            if folder.is_alive():
                self._keep(FoundRun(folder, reader, self))
                self.told.emit(
                    tr("A fine-tune of this folder is still running and is shown again.")
                )
                return
        if folders and folders[0].last_checkpoint.is_file() and not was_told(folders[0].path):
            mark_told(folders[0].path)  # once: the Train page goes on with it at any time
            self._offer_to_resume(folders[0])

    def resume(self, folder: Path) -> ProcessRun | None:
        """Goes on with a fine-tune that was cancelled or broke off."""
        if self.training is not None:
            self.told.emit(tr(_ONE_AT_A_TIME))
            return None
        forget_told(folder)
        config = ResumeConfig(str(folder))
        title = tr("Fine-tune")
        return self._start("resume", config, str(folder), title=title, keep_going=True)

    def _offer_to_resume(self, folder: RunFolder) -> None:
        sentence = tr(
            "The fine-tune {run} stopped before it was done. Go on with it from its last"
            " checkpoint?"
        ).format(run=folder.path.name)
        go_on = (tr("Go on"), lambda: self.resume(folder.path))
        self.asked.emit(Notice(sentence, (go_on,), topic="resume"))

    def leave(self, *, keep_training: bool) -> None:
        """Lets go of every child; a fine-tune may keep going."""
        for run in self._runs:
            if isinstance(run, ProcessRun) and run.is_going:
                if not (keep_training and run.is_training):
                    run.cancel()
                run.leave()
            elif isinstance(run, FoundRun) and run.is_going:
                if not keep_training:
                    run.cancel()
                run.leave()

    def _start(
        self, job: str, config: Any, run_folder: str = "", *, title: str, keep_going: bool = False
    ) -> ProcessRun:
        run = ProcessRun(
            job, config, run_folder, title=title, keep_going=keep_going, command=self._command,
            parent=self,
        )  # fmt: skip
        self._keep(run)
        return run

    def _keep(self, run: Run) -> None:
        run.ended.connect(lambda last: self._on_ended(run, last))
        self._runs.append(run)
        self.started.emit(run)

    def _on_ended(self, run: Run, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(f"{run.title}: {last.sentence}")
        elif isinstance(last, Finished) and last.was_cancelled:
            kept = tr("{run} was cancelled; what is done so far is kept.")
            none = tr("{run} was cancelled.")
            self.told.emit((kept if run.is_training else none).format(run=run.title))


def _is_on_cpu(run: Run) -> bool:
    return (
        isinstance(run, ProcessRun)
        and isinstance(run.config, TrainConfig)
        and run.config.device == "cpu"
    )


def _is_of_training(folder: RunFolder) -> bool:
    try:
        return folder.read_config()[0] in ("train", "resume")
    except AppError:
        return False
