"""What is behind the numbers of an evaluation. For threads: there may be many."""

import math
from collections.abc import Iterable, Mapping

from core.matches import Matches
from core.matches.behind import Pair, behind_cell, counted, missing, right, wrong
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.measured.behind_rows import Behind, BehindGroup, rows_of
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


def _what(matches: Matches, class_index: int | None) -> str:
    return tr("All classes") if class_index is None else matches.classes[class_index]
