"""Going from instance to instance with the keyboard."""

from collections.abc import Mapping
from functools import partial

from core.geometry import bounds_of
from core.types import Instance
from gui.canvas.commands import Command
from gui.canvas.view import Canvas
from gui.texts import tr


def _step(canvas: Canvas, by: int) -> None:
    """Selects the neighbour, as a page is read, of what is selected; of predictions that nobody
    looked at alone, as long as there are some."""
    document = canvas.document
    if document is None:
        return
    out_of_reach = document.marks.out_of_reach
    in_reach = [one for one in document.labels.instances if one.id not in out_of_reach]
    to_review = [one for one in in_reach if not one.is_of_person]
    # back is forth through the same row turned round
    row = sorted(to_review or in_reach, key=_place, reverse=by < 0)
    if not row:
        canvas.refused.emit(tr("There is no instance in this image to go to."))
        return
    chosen = [_place(document.labels.instance(one)) for one in document.selection]
    behind = row
    if chosen and by > 0:
        behind = [one for one in row if _place(one) > max(chosen)]
    elif chosen:
        behind = [one for one in row if _place(one) < min(chosen)]
    document.select([(behind or row)[0].id])
    canvas.keep_selected_in_view()


def _place(instance: Instance) -> tuple[float, float, str]:
    left, top, _, _ = bounds_of(instance.parts)
    return top, left, instance.id


COMMANDS: Mapping[str, Command] = {
    "next_instance": partial(_step, by=1),
    "previous_instance": partial(_step, by=-1),
}
