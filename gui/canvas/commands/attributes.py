"""What is said of the selected instances: that they are a crowd, and notes."""

from collections.abc import Mapping

from core import edits
from gui.canvas.commands import Command
from gui.canvas.view import Canvas
from gui.dialogs.note import NoteDialog
from gui.document import Document
from gui.texts import QT_TR_NOOP, tr

_SELECT_FIRST = QT_TR_NOOP("Select the instances first, on the canvas or in the list.")


def _crowd(canvas: Canvas) -> None:
    document = canvas.document
    if document is None:
        return
    selected = [one for one in document.labels.instances if one.id in document.selection]
    if not selected:
        canvas.refused.emit(tr(_SELECT_FIRST))
        return
    is_crowd = not all(one.crowd for one in selected)
    document.edit_selected(
        tr("Mark as crowd") if is_crowd else tr("Mark as single"),
        lambda labels, ids: edits.with_crowd(labels, ids, crowd=is_crowd),
    )


def _note(canvas: Canvas) -> None:
    document = canvas.document
    if document is None:
        return
    notes = [one.note for one in document.labels.instances if one.id in document.selection]
    if not notes:
        canvas.refused.emit(tr(_SELECT_FIRST))
        return
    dialog = NoteDialog(notes, canvas.window())
    ids = document.selection
    dialog.written.connect(lambda note: _write(document, ids, note))
    document.destroyed.connect(dialog.close)  # another folder is open: it is about nothing there
    dialog.show()


def _write(document: Document, ids: frozenset[str], note: str) -> None:
    # a lock keeps a shape and its class, which a note does too
    document.edit(tr("Note"), lambda labels: edits.with_note(labels, ids, note=note))


COMMANDS: Mapping[str, Command] = {"crowd": _crowd, "note": _note}
