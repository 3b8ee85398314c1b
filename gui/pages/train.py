"""The page of fine-tunes: those of this project on the left, the chosen one on the right."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.events import Event, Failed, Noted, Progress
from core.run_folder import RunFolder, RunState
from gui.dialogs.run_ends import open_export_dialog, use_and_prelabel
from gui.dialogs.train import open_train_dialog
from gui.pages import PageSpec
from gui.runs import ProcessRun, Run
from gui.session import Session
from gui.session.run_list import RunInfo, names_of_weights, run_infos
from gui.session.run_removal import RunRemoval
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.outcome import outcome_text
from gui.widgets.run_table import RunTable
from gui.widgets.run_view import RunView
from gui.widgets.setting_words import Places
from gui.widgets.stand_in import stand_for
from gui.widgets.words import progress_text

_NO_PROJECT = QT_TR_NOOP(
    "No folder is open.\n\nOpen a folder of images (Ctrl+O); its fine-tunes appear here."
)
_NO_RUNS = QT_TR_NOOP(
    "Nothing was fine-tuned in this folder yet.\n\nLabel 10 to 20 images, mark each done (F), then"
    " press Fine-tune. The run appears here, with its curves and what it is worth."
)
_LOOKING = QT_TR_NOOP("Looking for the fine-tunes of this folder…")
_WORDS = {
    RunState.RUNNING: QT_TR_NOOP("It is running. You can go on labelling."),
    RunState.CANCELLED: QT_TR_NOOP("It was cancelled before it was done."),
    RunState.FAILED: QT_TR_NOOP("It failed; its last words are in the log."),
    RunState.BROKEN_OFF: QT_TR_NOOP("It broke off: its process ended without a word."),
}
_CAN_RESUME = QT_TR_NOOP("Resume goes on from its last checkpoint.")

_Listed: TypeAlias = tuple[Path, tuple[RunInfo, ...]]


class TrainPage(QWidget):
    """Lists the runs and shows one; while it is seen, it follows the one that is chosen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._chosen: RunInfo | None = None
        self._listed_folder: Path | None = None
        self._listed: Sequence[RunInfo] = ()
        """The project whose runs are shown; None before they are known."""
        self._removal = RunRemoval(session, self)
        self._listing = session.work.reading(_listed, parent=self)
        self._following = session.work.following(parent=self)
        self._asking_to_end = session.work.reading(RunFolder.ask_to_end, parent=self)
        self._build()
        self._lay_out()
        self._connect()
        self._show_chosen(None)
        self._show_runs(())

    # Composing

    def _build(self) -> None:
        self.runs = RunTable()
        self.start_button = _button(tr("Fine-tune…"), tr("Train on the images that are done."))
        stand_for(self.start_button, "fine_tune")
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        self.title.setFont(font)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.view = RunView(Qt.Orientation.Vertical)
        self.hint = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.use_button = _button(
            tr("Use these weights"), tr("Pre-label with what this run learnt from now on.")
        )
        self.prelabel_button = _button(
            tr("Use and pre-label the rest"),
            tr("Use these weights, and let them label every image that is not done."),
        )
        self.resume_button = _button(
            tr("Resume"), tr("Go on from the last checkpoint of this run.")
        )
        self.cancel_button = _button(tr("Cancel"), tr("Stop it; the last checkpoint is kept."))
        self.export_button = _button(
            tr("Export model…"), tr("Write these weights into a folder of their own.")
        )
        self.folder_button = _button(tr("Open folder"), tr("Show the files of this run."))
        self.delete_button = _button(
            tr("Delete run…"), tr("Move this run to the trash, after asking.")
        )

    def _lay_out(self) -> None:
        left = QWidget()
        of_left = QVBoxLayout(left)
        of_left.setContentsMargins(0, 0, 8, 0)
        of_left.setSpacing(8)
        of_left.addWidget(self.start_button)
        of_left.addWidget(self.runs, 1)
        right = QWidget()
        of_right = QVBoxLayout(right)
        of_right.setContentsMargins(8, 0, 0, 0)
        of_right.setSpacing(8)
        of_right.addWidget(self.title)
        of_right.addWidget(self.status)
        for row in self._button_rows:
            buttons = QHBoxLayout()
            buttons.setSpacing(8)
            for button in row:
                buttons.addWidget(button)
            buttons.addStretch(1)
            of_right.addLayout(buttons)
        of_right.addWidget(self.view, 1)
        self.right = QStackedWidget()
        self.right.addWidget(self.hint)
        self.right.addWidget(right)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self.right)
        splitter.setSizes([320, 880])
        splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(splitter)
        self.setFocusProxy(self.runs)

    @property
    def _button_rows(self) -> tuple[tuple[QPushButton, ...], ...]:
        return (
            (self.prelabel_button, self.use_button, self.resume_button, self.cancel_button),
            (self.export_button, self.folder_button, self.delete_button),
        )

    def _connect(self) -> None:
        session = self._session
        self.start_button.clicked.connect(lambda: open_train_dialog(session, self))
        self.runs.chosen.connect(self._show_chosen)
        self._listing.reported.connect(self._on_listed)
        self._following.began.connect(self.view.clear)
        self._following.said.connect(self._on_said)
        self._following.read_through.connect(self._on_read_through)
        self._removal.removed.connect(self._list)
        self._asking_to_end.ended.connect(self._on_asked_to_end)
        self.prelabel_button.clicked.connect(lambda: self._with_chosen(use_and_prelabel))
        self.use_button.clicked.connect(lambda: self._with_chosen(_use))
        self.resume_button.clicked.connect(self._resume)
        self.cancel_button.clicked.connect(self._cancel)
        self.export_button.clicked.connect(self._export)
        self.folder_button.clicked.connect(self._open_folder)
        self.delete_button.clicked.connect(self._delete)
        session.project_changed.connect(self._on_project_changed)
        session.run_started.connect(self._on_run_started)

    # While it is seen

    def showEvent(self, event: QShowEvent) -> None:
        """As Qt asks."""
        super().showEvent(event)
        if not event.spontaneous():
            self._list()
            self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        """As Qt asks."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._following.stop()

    def _on_project_changed(self) -> None:
        project = self._session.project
        self.start_button.setEnabled(project is not None)
        if project is None or project.labels_folder != self._listed_folder:
            self._listed_folder = None
            self._show_runs(())
        self._list()

    def _list(self) -> None:
        project = self._session.project
        self.start_button.setEnabled(project is not None)
        if project is not None and self.isVisible():
            self._listing.start(project.labels_folder)

    def _on_listed(self, listed: _Listed) -> None:
        project = self._session.project
        folder, runs = listed
        if project is not None and project.labels_folder == folder:
            self._listed_folder = folder
            self._show_runs(runs)

    def _show_runs(self, runs: Sequence[RunInfo]) -> None:
        self._listed = runs
        self.runs.show_runs(runs)
        none = _LOOKING if self._listed_folder is None else _NO_RUNS
        self.hint.setText(tr(none) if self._session.project else tr(_NO_PROJECT))
        self.right.setCurrentIndex(1 if runs else 0)

    def _on_run_started(self, run: Run) -> None:
        if run.is_training:
            self._following.stop()
            self.runs.choose(Path(run.run_folder))
            run.reported.connect(self._on_training_said)
        if run.is_training or (isinstance(run, ProcessRun) and run.name == "unpack"):
            run.ended.connect(lambda _: self._list())

    def _show_settings(self, run: RunInfo) -> None:
        project = self._session.project
        folder = project.folder if project is not None else None
        self.view.show_settings(run.config, Places(folder, names_of_weights(self._listed)))

    def _on_training_said(self, event: object) -> None:
        if isinstance(event, Noted):  # its folder is there from its first sentence on
            self._list()

    # The run that is chosen

    def _show_chosen(self, run: RunInfo | None) -> None:
        is_another = run is None or self._following.folder != run.folder
        begins_again = run is not None and run.state is RunState.RUNNING
        self._chosen = run
        if run is not None:
            self.title.setText(run.title)
            self._show_settings(run)
            self._say(_words_of(run))
        self._update()
        if is_another or (begins_again and not self._following.goes_on):
            self._follow()

    def _follow(self) -> None:
        if self._chosen is None:
            self._following.stop()
        elif self.isVisible():
            self._following.follow(self._chosen.folder)

    def _on_said(self, events: Sequence[Event]) -> None:
        self.view.take(events)
        for event in reversed(events):
            if isinstance(event, Progress):
                if self._chosen is not None and self._chosen.state is RunState.RUNNING:
                    so_far = f"{progress_text(event)}."
                    self._say(" ".join((so_far, tr("You can go on labelling."))))
                break

    def _on_read_through(self, is_alive: bool) -> None:
        run = self._chosen
        if run is not None and not is_alive and run.evaluation.get("after"):
            self.view.show_numbers(run.evaluation.get("before"), run.evaluation["after"])
        if run is not None and is_alive != (run.state is RunState.RUNNING):
            self._list()

    def _update(self) -> None:
        run = self._chosen
        has_weights = run is not None and run.has_weights
        is_running = run is not None and run.state is RunState.RUNNING
        for button in (self.prelabel_button, self.use_button, self.export_button):
            button.setEnabled(has_weights)
        self.resume_button.setVisible(run is not None and run.can_resume)
        self.cancel_button.setVisible(is_running)
        project = self._session.project
        is_locked = project is not None and bool(project.read_only_reason)
        self.delete_button.setEnabled(run is not None and not is_running and not is_locked)

    def _say(self, sentence: str) -> None:
        self.status.setText(sentence)

    def _with_chosen(self, use: Callable[[Session, Path], None]) -> None:
        if self._chosen is not None:
            use(self._session, self._chosen.folder.path)

    def _resume(self) -> None:
        if self._chosen is not None:
            self._session.work.resume(self._chosen.folder.path)

    def _cancel(self) -> None:
        run = self._session.work.training
        if self._chosen is None:
            return
        if run is not None and Path(run.run_folder) == self._chosen.folder.path:
            run.cancel()
        else:  # another window or the command line began it
            self._asking_to_end.start(self._chosen.folder)

    def _on_asked_to_end(self, last: object) -> None:
        if isinstance(last, Failed):
            self._session.told.emit(last.sentence)

    def _export(self) -> None:
        if self._chosen is not None:
            open_export_dialog(self._session, self._chosen.folder.path, self.window())

    def _open_folder(self) -> None:
        if self._chosen is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._chosen.folder.path)))

    def _delete(self) -> None:
        if self._chosen is not None:
            self._removal.ask(self._chosen)


def _listed(labels_folder: Path) -> _Listed:
    """Called in a thread."""
    return labels_folder, run_infos(labels_folder)


def _use(session: Session, run_folder: Path) -> None:
    session.use_weights(run_folder)


def _words_of(run: RunInfo) -> str:
    if run.state is RunState.FINISHED:
        return outcome_text(run.evaluation)
    words = tr(_WORDS[run.state])
    return " ".join((words, tr(_CAN_RESUME))) if run.can_resume else words


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    return button


PAGE = PageSpec("train", 1, TrainPage)
