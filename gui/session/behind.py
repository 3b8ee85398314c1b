"""From a number of an evaluation to what is behind it, and to what is done about it."""

from collections.abc import Iterable, Sequence

from core.types import ImageState
from gui.session.review import Place
from gui.session.session import Session
from gui.texts import tr
from gui.widgets.measured.behind_rows import Behind, BehindGroup, BehindRow
from gui.widgets.words import whole_percents


def instances_in(session: Session, class_name: str, split: str) -> Behind:
    """The done images of a split with their instances of a class, from what is known of them.

    Args:
        session: with a folder that is open, or without.
        class_name: empty for all classes.
        split: train, val or test.
    """
    ids = [one.id for one in session.classes if class_name in ("", one.name)]
    rows = []
    for key, given in session.project.splits.items() if session.project else ():
        summary = session.summaries.get(key)
        if given == split and summary and summary.state is ImageState.DONE:
            n = sum(summary.class_counts.get(one, 0) for one in ids)
            rows += [BehindRow(key, n)] * bool(n)
    title = tr("{class_name}: instances in {split}").format(
        class_name=class_name or tr("All classes"), split=split
    )
    return Behind(title, (BehindGroup(tr("Instances"), tuple(rows)),))


def go_to(session: Session, row: BehindRow) -> None:
    """Opens the image with what is behind the number selected and in view."""
    if session.review is not None:
        session.review.go_to(Place(row.key, row.ids, row.box_xyxy))


def list_only(session: Session, keys: Sequence[str], words: str) -> None:
    """Lists these images alone beside the canvas, and opens the first of them."""
    session.order.show_only(keys, words)
    if session.review is not None and keys:
        session.review.go_to(Place(keys[0]))


def use_thresholds(session: Session, wanted: Iterable[tuple[str, float]]) -> None:
    """Makes these the project's: names of classes, the empty one for all, and scores."""
    confidence, project = session.confidence, session.project
    if confidence is None or project is None:
        return
    if project.read_only_reason:
        session.told.emit(project.read_only_reason)
        return
    ids: dict[str, int | None] = {"": None, **{one.name: one.id for one in session.classes}}
    thresholds = confidence.thresholds
    for name, score in wanted:
        if name in ids:  # a class may be gone since it was measured
            thresholds = thresholds.with_least(ids[name], whole_percents(score))
    if thresholds == confidence.thresholds:
        session.told.emit(tr("That is the confidence of the project already."))
        return
    confidence.set_thresholds(thresholds)
    confidence.settle()
    session.told.emit(tr("The confidence of the project is set."))
