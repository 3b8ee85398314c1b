"""Copy, paste and duplicate instances; select them all; delete."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtGui import QGuiApplication

from core import edits
from core.errors import AppError
from core.geometry import clip
from core.types import ImageLabels
from gui.canvas.clipboard import instances_from, text_of
from gui.canvas.commands import Command
from gui.canvas.view import Canvas
from gui.document import Document
from gui.texts import tr

_ASIDE_PX = 12.0
"""How far beside the original a duplicate lies, in pixels of the screen."""


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
    _add(document, tr("Paste"), lambda labels: edits.with_instances_added(labels, pasted))


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
    _add(document, tr("Duplicate"), lambda labels: edits.with_instances_added(labels, copies))


def _delete(canvas: Canvas) -> None:
    if canvas.document is not None:
        canvas.document.edit_selected(tr("Delete"), edits.rejected)


def _delete_vertex(canvas: Canvas) -> None:
    canvas.delete_vertex()


def _add(document: Document, text: str, change: Callable[[ImageLabels], ImageLabels]) -> None:
    before = {one.id for one in document.labels.instances}
    if document.edit(text, change):
        document.select(one.id for one in document.labels.instances if one.id not in before)


COMMANDS: Mapping[str, Command] = {
    "copy": _copy,
    "paste": _paste,
    "duplicate": _duplicate,
    "select_all": _select_all,
    "delete_instances": _delete,
    "delete_vertex": _delete_vertex,
}
