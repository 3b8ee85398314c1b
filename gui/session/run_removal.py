"""Deleting a run: asked first, moved to the trash, never one that goes on."""

from PySide6.QtCore import QFile, QObject, Signal

from core.errors import AppError
from core.run_folder import RunFolder
from gui.session.run_list import RunInfo
from gui.session.session import Session
from gui.texts import tr
from gui.widgets.notices import Notice

_TOPIC = "delete_run"


class RunRemoval(QObject):
    """Asks, and moves the folder in a thread."""

    removed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def ask(self, run: RunInfo) -> None:
        """Asks whether this run shall go; a notice has the answer. Says why it cannot where the
        folder can only be looked at."""
        project = self._session.project
        if project is not None and project.read_only_reason:
            self._session.told.emit(project.read_only_reason)
            return
        used = self._session.settings.text("weights") == str(run.folder.best_weights)
        loss = tr("Its weights are the ones that pre-label now.")
        question = tr(
            "Move the run of {when} to the trash, with its weights and its curves?"
        ).format(when=run.when)
        sentence = f"{question} {loss}" if used else question
        move = (tr("Move to the trash"), lambda: self._remove(run.folder))
        self._session.asked.emit(Notice(sentence, (move,), topic=_TOPIC))

    def _remove(self, folder: RunFolder) -> None:
        self._session.work.when_written(
            lambda _: _move_to_trash(folder), lambda _: self.removed.emit()
        )


def _move_to_trash(folder: RunFolder) -> None:
    """Called in a thread; nothing where somebody else deleted it already.

    Raises:
        AppError: the run goes on, or the folder could not be moved.
    """
    if not folder.path.exists():
        return
    if folder.is_alive():
        runs = tr("{run} is running. Cancel it first, then delete it.")
        raise AppError(runs.format(run=folder.path.name))
    moved = QFile.moveToTrash(str(folder.path))
    if not (moved[0] if isinstance(moved, tuple) else moved):
        stays = tr(
            "{folder} could not be moved to the trash: the system has none for this disk. Nothing"
            " was deleted; delete the folder yourself where you do not need it."
        )
        raise AppError(stays.format(folder=folder.path))
