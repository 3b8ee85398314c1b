"""What the actions do that concern the open image: see the table in gui/actions.py."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtGui import QGuiApplication

from core import edits
from core.errors import AppError
from core.geometry import clip
from core.types import ImageLabels
from gui.canvas.clipboard import instances_from, text_of
from gui.canvas.view import Canvas
from gui.document import Document, SelectedChange

_ZOOM_STEP = 1.25
_ASIDE_PX = 12.0
"""How far beside the original a duplicate lies, in pixels of the screen."""


def canvas_handlers(canvas: Canvas) -> dict[str, Callable[[], object]]:
    """The handlers of the actions about tools, the view and the instances of the open image."""
    return {
        "undo": partial(_undo, canvas),
        "redo": partial(_redo, canvas),
        "copy": partial(_copy, canvas),
        "paste": partial(_paste, canvas),
        "duplicate": partial(_duplicate, canvas),
        "select_all": partial(_select_all, canvas),
        "delete_instances": partial(_edit_selected, canvas, "Delete", edits.rejected),
        "delete_vertex": canvas.delete_vertex,
        "select_tool": partial(canvas.set_tool, "select"),
        "polygon_tool": partial(canvas.set_tool, "polygon"),
        "box_tool": partial(canvas.set_tool, "box"),
        "accept": partial(_accept, canvas),
        "accept_all": partial(_accept_all, canvas),
        "reject": partial(_reject, canvas),
        "zoom_in": partial(canvas.zoom_by, _ZOOM_STEP),
        "zoom_out": partial(canvas.zoom_by, 1 / _ZOOM_STEP),
        "fit": canvas.fit,
        "zoom_actual": canvas.zoom_to_actual,
        "show_selected": canvas.show_selected,
    }


def _undo(canvas: Canvas) -> None:
    if canvas.document is not None:
        canvas.document.undo()


def _redo(canvas: Canvas) -> None:
    if canvas.document is not None:
        canvas.document.redo()


def _edit_selected(canvas: Canvas, text: str, change: SelectedChange) -> None:
    if canvas.document is not None:
        canvas.document.edit_selected(text, change)


def _accept(canvas: Canvas) -> None:
    # a lock keeps a shape and its class, which accepting does too
    document = canvas.document
    if document is not None:
        document.edit("Accept", lambda labels: edits.accepted(labels, document.selection))


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


def _accept_all(canvas: Canvas) -> None:
    if canvas.document is not None:
        canvas.document.edit("Accept all", edits.all_accepted)


def _select_all(canvas: Canvas) -> None:
    document = canvas.document
    if document is not None:
        ids = {one.id for one in document.labels.instances}
        document.select(ids - document.marks.out_of_reach)


def _copy(canvas: Canvas) -> None:
    document = canvas.document
    if document is not None and document.selection:
        selected = (one for one in document.labels.instances if one.id in document.selection)
        QGuiApplication.clipboard().setText(text_of(selected, canvas.class_names))


def _paste(canvas: Canvas) -> None:
    document = canvas.document
    if document is None:
        return
    text, size_hw = QGuiApplication.clipboard().text(), document.labels.size_hw
    try:
        pasted = instances_from(text, canvas.class_names, size_hw)
    except AppError as error:
        canvas.refused.emit(str(error))
        return
    _add(document, "Paste", lambda labels: edits.with_instances_added(labels, pasted))


def _duplicate(canvas: Canvas) -> None:
    document = canvas.document
    if document is None or not document.selection:
        return
    aside = _ASIDE_PX / canvas.zoom
    selected = (one for one in document.labels.instances if one.id in document.selection)
    copies = [
        replace(copied, parts=parts)
        for copied in edits.copies_of(selected, by_xy=(aside, aside))
        if (parts := clip(copied.parts, document.labels.size_hw))
    ]
    _add(document, "Duplicate", lambda labels: edits.with_instances_added(labels, copies))


def _add(document: Document, text: str, change: Callable[[ImageLabels], ImageLabels]) -> None:
    before = {one.id for one in document.labels.instances}
    if document.edit(text, change):
        document.select(one.id for one in document.labels.instances if one.id not in before)
