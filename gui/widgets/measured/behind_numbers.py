"""What is behind the numbers of an evaluation. For threads: there may be many."""

import math
from collections.abc import Iterable, Mapping, Sequence

from core.effort.left import Left, left_from_json
from core.kept_evaluations import EFFORT, KeptEvaluation
from core.matches import Matches
from core.matches.behind import Pair, behind_cell, counted, missing, right, wrong
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.measured.behind_rows import Behind, BehindGroup, BehindRow, around, rows_of
from gui.widgets.measured.effort_view import KINDS
from gui.widgets.words import percent_text

_SMALL, _LARGE = 32.0**2, 96.0**2
_SIZES: Mapping[str, tuple[float, float, str]] = {
    "s": (0.0, _SMALL, QT_TR_NOOP("{what}, small, at a confidence of {threshold}")),
    "m": (_SMALL, _LARGE, QT_TR_NOOP("{what}, of medium size, at a confidence of {threshold}")),
    "l": (_LARGE, math.inf, QT_TR_NOOP("{what}, large, at a confidence of {threshold}")),
}
"""COCO's sizes, in square pixels, by the last letter of a number's name."""
_EVERY_SIZE = (0.0, math.inf, QT_TR_NOOP("{what} at a confidence of {threshold}"))


def behind_number(
    matches: Matches, class_index: int | None, name: str, *, threshold: float
) -> Behind:
    """What was wrong, missed and found of a class, or of all, of the sizes that a number is of."""
    least, most, title = _SIZES.get(name[-1:], _EVERY_SIZE)

    def group(words: str, pairs: Iterable[Pair]) -> BehindGroup:
        of_size = (one for one in pairs if least <= one.area <= most)
        return BehindGroup(words, rows_of(of_size, matches.classes))

    words = tr(title).format(what=_what(matches, class_index), threshold=percent_text(threshold))
    return Behind(
        words,
        (
            group(tr("Missed"), missing(matches, class_index, threshold=threshold)),
            group(tr("Wrong"), wrong(matches, class_index, threshold=threshold)),
            group(tr("Found"), right(matches, class_index, threshold=threshold)),
        ),
    )


def behind_count(matches: Matches, class_index: int | None) -> Behind:
    """The instances of a class, or of all."""
    title = tr("{what}: instances").format(what=_what(matches, class_index))
    rows = rows_of(counted(matches, class_index), matches.classes, says=False)
    return Behind(title, (BehindGroup(tr("Instances"), rows),))


def behind_confusion(
    matches: Matches, row: int, column: int, *, threshold: float, title: str
) -> Behind:
    """What a cell of the confusion matrix counts."""
    pairs = behind_cell(matches, row, column, threshold=threshold)
    text = tr("{what}, at a confidence of {threshold}")
    words = text.format(what=title, threshold=percent_text(threshold))
    return Behind(words, (BehindGroup("", rows_of(pairs, matches.classes)),))


def behind_effort(kept: KeptEvaluation, kind: str) -> Behind:
    """The instances, or predictions, of which a kind of work is left; those of most edits first.

    Raises:
        AppError: what is left was not kept, or cannot be read.
    """
    title, _ = KINDS[kind]
    left = left_from_json(kept.read_json(EFFORT))
    of_image: dict[str, list[Left]] = {}
    for one in left:
        if one.kind == kind or (kind == "wrong_class" and one.is_wrong_class):
            of_image.setdefault(one.image, []).append(one)
    rows = [_left_row(key, several) for key, several in of_image.items()]
    rows.sort(key=lambda row: -sum(one.edits for one in of_image[row.key]))
    return Behind(tr(title), (BehindGroup("", tuple(rows)),))


def _left_row(key: str, left: Sequence[Left]) -> BehindRow:
    edits = sum(one.edits for one in left)
    words = tr("1 edit") if edits == 1 else tr("%n edits", "", edits)
    ids = tuple(str(one.name) for one in left if one.name is not None)
    return BehindRow(key, len(left), words, ids, around(one.box_xywh for one in left))


def _what(matches: Matches, class_index: int | None) -> str:
    return tr("All classes") if class_index is None else matches.classes[class_index]
