"""Accept and reject predictions."""

from collections.abc import Mapping

from core import edits
from gui.canvas.commands import Command
from gui.canvas.view import Canvas


def _accept(canvas: Canvas) -> None:
    # a lock keeps a shape and its class, which accepting does too
    document = canvas.document
    if document is not None:
        document.edit("Accept", lambda labels: edits.accepted(labels, document.selection))


def _accept_all(canvas: Canvas) -> None:
    if canvas.document is not None:
        canvas.document.edit("Accept all", edits.all_accepted)


def _reject(canvas: Canvas) -> None:
    # what a person drew is not a model's to be turned down: Delete is for that
    document = canvas.document
    if document is None or not document.selection:
        return
    selected = [one for one in document.labels.instances if one.id in document.selection]
    predicted = {one.id for one in selected if not one.is_of_person}
    if predicted:
        document.edit_selected(
            "Reject", lambda labels, ids: edits.rejected(labels, predicted.intersection(ids))
        )
    else:
        canvas.refused.emit(
            "Only predictions that nobody accepted or edited can be rejected. Delete takes away"
            " what is selected."
        )


COMMANDS: Mapping[str, Command] = {
    "accept": _accept,
    "accept_all": _accept_all,
    "reject": _reject,
}
