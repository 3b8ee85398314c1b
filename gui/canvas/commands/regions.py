"""Holes, specks, instances with each other, their order, and what is one instance or several."""

from collections.abc import Mapping
from functools import partial

from core import edits
from gui.canvas.commands import Command
from gui.canvas.specks import speck_percent
from gui.canvas.view import Canvas
from gui.document import SelectedChange
from gui.texts import QT_TR_NOOP, tr

_SELECT_FIRST = QT_TR_NOOP("Select the instances first, on the canvas or in the list.")


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
        canvas.refused.emit(tr(_SELECT_FIRST))
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
    unchanged = tr(
        "No part of the selected is smaller than {percent} % of its instance's largest. The"
        " eraser's options say how small a speck is."
    )
    _edit(
        canvas,
        tr("Drop specks"),
        partial(edits.with_specks_dropped, below=percent / 100),
        unchanged=unchanged.format(percent=percent),
    )


def _take_away_below(canvas: Canvas) -> None:
    document = canvas.document
    if document is None:
        return
    ids = document.selection
    if not ids:
        canvas.refused.emit(tr(_SELECT_FIRST))
        return
    overlapped = set(edits.overlapped_by(document.labels, ids))
    if not overlapped:
        canvas.refused.emit(tr("Nothing lies under the selected instances."))
        return
    in_reach = overlapped - document.marks.out_of_reach
    before = document.labels
    if document.edit(
        tr("Take away below"), lambda labels: edits.with_taken_away(labels, ids, below=in_reach)
    ):
        left = {one for one in in_reach if document.labels.instance(one) == before.instance(one)}
        _tell_what_stays(canvas, n_kept=len(overlapped - in_reach), n_covered=len(left))


def _tell_what_stays(canvas: Canvas, *, n_kept: int, n_covered: int) -> None:
    if n_kept == 1:
        canvas.refused.emit(
            tr("1 instance lies under the selected and did not change, as it is locked or hidden.")
        )
    elif n_kept:
        several = tr(
            "%n instances lie under the selected and did not change, as they are locked or hidden.",
            "",
            n_kept,
        )
        canvas.refused.emit(several)
    if n_covered == 1:
        canvas.refused.emit(
            tr(
                "1 instance lies wholly under the selected and did not change: nothing would be"
                " left of it. Delete it if not wanted."
            )
        )
    elif n_covered:
        several = tr(
            "%n instances lie wholly under the selected and did not change: nothing would be left"
            " of them. Delete them if not wanted.",
            "",
            n_covered,
        )
        canvas.refused.emit(several)


def _edited(text: str, change: SelectedChange, *, unchanged: str = "") -> Command:
    """A command of the English text of its step, and of what is said where it changes nothing."""
    return lambda canvas: _edit(canvas, tr(text), change, unchanged=tr(unchanged))


COMMANDS: Mapping[str, Command] = {
    "fill_holes": _edited(
        QT_TR_NOOP("Fill holes"),
        edits.with_holes_filled,
        unchanged=QT_TR_NOOP("The selected instances have no holes."),
    ),
    "drop_specks": _drop_specks,
    "unite": _edited(QT_TR_NOOP("Unite"), edits.with_united),
    "subtract": _edited(QT_TR_NOOP("Subtract"), edits.with_subtracted),
    "intersect": _edited(QT_TR_NOOP("Intersect"), edits.with_intersected),
    "take_away_below": _take_away_below,
    "to_front": _edited(
        QT_TR_NOOP("To front"),
        edits.brought_to_front,
        unchanged=QT_TR_NOOP("The selected are in front already."),
    ),
    "to_back": _edited(
        QT_TR_NOOP("To back"),
        edits.sent_to_back,
        unchanged=QT_TR_NOOP("The selected are at the back already."),
    ),
    "split_parts": _edited(
        QT_TR_NOOP("Split parts"),
        edits.with_parts_split,
        unchanged=QT_TR_NOOP("Each of the selected instances is one part already."),
    ),
    "join": _edited(QT_TR_NOOP("Join"), edits.with_joined),
}
