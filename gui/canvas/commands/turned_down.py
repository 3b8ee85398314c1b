"""Rejected predictions: to be seen, and brought back."""

from collections.abc import Mapping

from core import edits
from gui.canvas.commands import Command
from gui.canvas.view import Canvas
from gui.texts import QT_TR_NOOP, tr

_NONE = QT_TR_NOOP("No prediction was rejected in this image.")


def _show(canvas: Canvas) -> None:
    canvas.rejected.show_all(not canvas.rejected.is_shown)
    document = canvas.document
    if canvas.rejected.is_shown and document is not None and not document.labels.rejected:
        from_now_on = tr("Where some are, they are shown from now on, crossed out.")
        canvas.refused.emit(" ".join((tr(_NONE), from_now_on)))


def _restore(canvas: Canvas) -> None:
    document = canvas.document
    if document is None:
        return
    rejected = {one.id for one in document.labels.rejected}
    if not rejected:
        canvas.refused.emit(tr(_NONE))
        return
    ids = document.marks.picked & rejected or rejected
    there = {one.id for one in document.labels.instances}
    if document.edit(tr("Restore rejected"), lambda labels: edits.restored(labels, ids)):
        document.select(one.id for one in document.labels.instances if one.id not in there)


COMMANDS: Mapping[str, Command] = {"show_rejected": _show, "restore_rejected": _restore}
