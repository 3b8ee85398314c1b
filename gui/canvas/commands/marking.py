"""Hiding and locking instances of the open image, by actions."""

from collections.abc import Callable, Mapping
from functools import partial

from gui.canvas.commands import Command
from gui.canvas.view import Canvas
from gui.document import Document
from gui.texts import QT_TR_NOOP, tr

_SELECT_FIRST = QT_TR_NOOP("Select the instances first, on the canvas or in the list.")


def _with_document(canvas: Canvas, act: Callable[[Document], None]) -> None:
    if canvas.document is not None:
        act(canvas.document)


def _with_selected(canvas: Canvas, act: Callable[[Document], None]) -> None:
    document = canvas.document
    if document is None:
        return
    if document.selection:
        act(document)
    else:
        canvas.refused.emit(tr(_SELECT_FIRST))


def _hide_or_show(document: Document) -> None:
    marks, selected = document.marks, document.selection
    if selected <= marks.hidden_by_hand:
        marks.set_hidden(marks.hidden_by_hand - selected)
        return
    marks.set_hidden(marks.hidden_by_hand | selected)
    # what is not seen must not be deleted by the next key
    document.select(())


def _hide_others(document: Document) -> None:
    ids = {one.id for one in document.labels.instances}
    document.marks.set_hidden(ids - document.selection)


def _lock_or_unlock(document: Document) -> None:
    marks, selected = document.marks, document.selection
    is_locked = selected <= marks.locked
    marks.set_locked(marks.locked - selected if is_locked else marks.locked | selected)


COMMANDS: Mapping[str, Command] = {
    "hide_selected": partial(_with_selected, act=_hide_or_show),
    "hide_others": partial(_with_selected, act=_hide_others),
    "show_all": partial(_with_document, act=lambda one: one.marks.show_all()),
    "lock_selected": partial(_with_selected, act=_lock_or_unlock),
    "unlock_all": partial(_with_document, act=lambda one: one.marks.set_locked(())),
}
