"""Work that runs in children: what a person can begin, everything that has begun, how it ends."""

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.configs import TrainConfig
from core.events import Failed
from core.project import Project
from gui.runs import ProcessRun, Run, ThreadRun
from gui.session.background import Background
from gui.session.run_following import RunFollowing
from gui.texts import tr


class Work(QObject):
    """Begins jobs when every edit is written, and keeps the runs of this session."""

    run_started = Signal(object)
    """Run."""
    told = Signal(str)
    asked = Signal(object)
    """Notice."""
    demo_drawn = Signal(object)
    """Path of the demo project."""
    left = Signal()
    """The window lets go of its children, and nothing is read any more."""

    def __init__(
        self,
        background: Background,
        writer: Executor,
        reader: Executor,
        *,
        project_of: Callable[[], Project | None],
        save_all: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.runs: list[Run] = []
        """Of this session, in the order in which they began."""
        self._project_of = project_of
        self._save_all = save_all
        self._writer = writer
        self._reader = reader
        self._background = background
        background.setParent(self)
        background.started.connect(self.take)
        background.told.connect(self.told)
        background.asked.connect(self.asked)

    @property
    def training(self) -> Run | None:
        """The fine-tune that goes on, if one does."""
        return self._background.training

    @property
    def training_takes_gpu(self) -> bool:
        """Whether a fine-tune goes on that has the GPU, where there is one."""
        return self._background.training_takes_gpu

    def take(self, run: Run) -> None:
        """Keeps a run that began elsewhere, and tells of it."""
        self.runs.append(run)
        self.run_started.emit(run)

    def device_left(self, wished: str) -> str:
        """Where predictions are made: as wished, or on the CPU while a fine-tune has the device."""
        return self._background.device_left(wished)

    def start_training(self, config: TrainConfig) -> None:
        """Fine-tunes on the done images, when every edit is written."""
        project = self._project_of()
        if project is not None:
            # A done image joins a split before it is learnt from, and keeps it.
            self.when_written(
                lambda project: project.assign_splits(),
                lambda _: self._background.start_training(project, config),
            )

    def resume(self, run_folder: Path) -> None:
        """Goes on with a fine-tune that was cancelled or broke off."""
        self._background.resume(run_folder)

    def start(self, job: str, config: Any, *, title: str) -> ProcessRun:
        """Begins a job in a child of its own that ends with the window."""
        return self._background.start(job, config, title=title)

    def start_unseen(self, job: str, config: Any) -> ProcessRun:
        """Begins a job that no list shows and nobody is told of; it ends with the window."""
        return self._background.start_unseen(job, config)

    def reading(self, job: Callable[..., Any], *, parent: QObject) -> ThreadRun:
        """A ThreadRun for what reads and writes nothing; only its latest start counts."""
        return ThreadRun(job, self._reader, latest_only=True, parent=parent)

    def following(self, *, parent: QObject) -> RunFollowing:
        """What follows a run by its folder."""
        made = RunFollowing(self._reader, parent)
        self.left.connect(made.stop)
        return made

    def start_demo(self, out: Path) -> None:
        """Draws the demo project; `demo_drawn` tells."""
        run = self._background.start_demo(out)
        run.ended.connect(lambda last: self._on_demo_ended(last, out / "project"))

    def cancel_last_run(self) -> None:
        """Cancels the run that started last and still goes on."""
        for run in reversed(self.runs):
            if run.is_going:
                run.cancel()
                return
        self.told.emit(tr("Nothing is running."))

    def when_written(self, work: Callable[[Project], Any], then: Callable[[Any], object]) -> None:
        """Calls `work(project)` in a thread when every edit is written, and `then(result)` here."""
        project = self._project_of()
        if project is None:
            return
        self._save_all()
        working = ThreadRun(lambda: work(project), self._writer, parent=self)
        working.reported.connect(then)
        working.ended.connect(self._on_work_ended)
        working.ended.connect(working.deleteLater)
        working.start()

    def find_again(self, project: Project) -> None:
        """Shows a fine-tune of this project that goes on since an earlier window, or offers to go
        on with the last one where it broke off."""
        self._background.find_again(project, self._reader)

    def leave(self, *, keep_training: bool) -> None:
        """Lets go of every child; a fine-tune may keep going."""
        self._background.leave(keep_training=keep_training)
        self.left.emit()

    def _on_work_ended(self, last: object) -> None:
        if isinstance(last, Failed):
            self.told.emit(last.sentence)

    def _on_demo_ended(self, last: object, folder: Path) -> None:
        if not isinstance(last, Failed):
            self.demo_drawn.emit(folder)
