"""Accept and reject predictions."""

from collections.abc import Collection, Mapping

from core import edits
from gui.canvas.commands import Command
from gui.canvas.view import Canvas
from gui.document import Document
from gui.texts import tr


def _accept(canvas: Canvas) -> None:
    # a lock keeps a shape and its class, which accepting does too
    document = canvas.document
    if document is None:
        return
    if not document.selection:
        canvas.refused.emit(tr("Select the predictions first that are right; N goes to the next."))
    elif _has_waiting(document, document.selection):
        document.edit(tr("Accept"), lambda labels: edits.accepted(labels, document.selection))
    else:
        canvas.refused.emit(tr("No prediction that nobody looked at is selected."))


def _accept_all(canvas: Canvas) -> None:
    document = canvas.document
    if document is None:
        return
    if _has_waiting(document, {one.id for one in document.labels.instances}):
        is_some_hidden = _has_waiting(document, document.marks.hidden)
        if document.edit(tr("Accept all"), edits.all_accepted) and is_some_hidden:
            canvas.refused.emit(tr("Hidden predictions were accepted too. Shift+H shows them."))
    else:
        canvas.refused.emit(tr("This image has no prediction that nobody looked at."))


def _has_waiting(document: Document, ids: Collection[str]) -> bool:
    """Whether predictions are among these instances."""
    return any(not one.is_of_person for one in document.labels.instances if one.id in ids)


def _reject(canvas: Canvas) -> None:
    # what a person drew is not a model's to be turned down: Delete is for that
    document = canvas.document
    if document is None:
        return
    if not document.selection:
        canvas.refused.emit(tr("Select the predictions first that are wrong; N goes to the next."))
        return
    selected = [one for one in document.labels.instances if one.id in document.selection]
    predicted = {one.id for one in selected if not one.is_of_person}
    if predicted:
        document.edit_selected(
            tr("Reject"), lambda labels, ids: edits.rejected(labels, predicted.intersection(ids))
        )
    else:
        canvas.refused.emit(
            tr(
                "Only predictions that nobody accepted or edited can be rejected. Delete takes away"
                " what is selected."
            )
        )


COMMANDS: Mapping[str, Command] = {
    "accept": _accept,
    "accept_all": _accept_all,
    "reject": _reject,
}
