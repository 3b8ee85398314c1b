"""Holes, specks, instances with each other, their order, and what is one instance or several."""

from collections.abc import Mapping
from functools import partial

from core import edits
from gui.canvas.commands import Command
from gui.canvas.specks import speck_percent
from gui.canvas.view import Canvas
from gui.document import SelectedChange

_SELECT_FIRST = "Select the instances first, on the canvas or in the list."


def _edit(canvas: Canvas, text: str, change: SelectedChange, *, unchanged: str = "") -> None:
    """Edits the selected instances; those that are made of them are selected too.

    Args:
        canvas: of the open document.
        text: of the undo step.
        change: the edit.
        unchanged: said where it changes nothing.
    """
    document = canvas.document
    if document is None:
        return
    if not document.selection:
        canvas.refused.emit(_SELECT_FIRST)
        return
    before = document.labels
    if document.edit_selected(text, change):
        if document.labels is before and unchanged:
            canvas.refused.emit(unchanged)
        known = {one.id for one in before.instances}
        new = {one.id for one in document.labels.instances if one.id not in known}
        document.select(document.selection | new)


def _drop_specks(canvas: Canvas) -> None:
    percent = speck_percent(canvas.tools)
    _edit(
        canvas,
        "Drop specks",
        partial(edits.with_specks_dropped, below=percent / 100),
        unchanged=f"No part of the selected is smaller than {percent} % of its instance's largest."
        " The eraser's options say how small a speck is.",
    )


def _take_away_below(canvas: Canvas) -> None:
    document = canvas.document
    if document is None:
        return
    ids = document.selection
    if not ids:
        canvas.refused.emit(_SELECT_FIRST)
        return
    overlapped = set(edits.overlapped_by(document.labels, ids))
    if not overlapped:
        canvas.refused.emit("Nothing lies under the selected instances.")
        return
    in_reach = overlapped - document.marks.out_of_reach
    before = document.labels
    if document.edit(
        "Take away below", lambda labels: edits.with_taken_away(labels, ids, below=in_reach)
    ):
        left = {one for one in in_reach if document.labels.instance(one) == before.instance(one)}
        _tell_what_stays(canvas, n_kept=len(overlapped - in_reach), n_covered=len(left))


def _tell_what_stays(canvas: Canvas, *, n_kept: int, n_covered: int) -> None:
    if n_kept:
        lie = "1 instance lies" if n_kept == 1 else f"{n_kept} instances lie"
        is_ = "it is locked or hidden" if n_kept == 1 else "they are locked or hidden"
        canvas.refused.emit(f"{lie} under the selected and did not change, as {is_}.")
    if n_covered:
        lie = "1 instance lies" if n_covered == 1 else f"{n_covered} instances lie"
        them = "it" if n_covered == 1 else "them"
        canvas.refused.emit(
            f"{lie} wholly under the selected and did not change: nothing would be left of {them}."
            f" Delete {them} if not wanted."
        )


def _edited(text: str, change: SelectedChange, *, unchanged: str = "") -> Command:
    return lambda canvas: _edit(canvas, text, change, unchanged=unchanged)


COMMANDS: Mapping[str, Command] = {
    "fill_holes": _edited(
        "Fill holes", edits.with_holes_filled, unchanged="The selected instances have no holes."
    ),
    "drop_specks": _drop_specks,
    "unite": _edited("Unite", edits.with_united),
    "subtract": _edited("Subtract", edits.with_subtracted),
    "intersect": _edited("Intersect", edits.with_intersected),
    "take_away_below": _take_away_below,
    "to_front": _edited(
        "To front", edits.brought_to_front, unchanged="The selected are in front already."
    ),
    "to_back": _edited(
        "To back", edits.sent_to_back, unchanged="The selected are at the back already."
    ),
    "split_parts": _edited(
        "Split parts",
        edits.with_parts_split,
        unchanged="Each of the selected instances is one part already.",
    ),
    "join": _edited("Join", edits.with_joined),
}
