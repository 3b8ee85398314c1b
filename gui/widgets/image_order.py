"""Which images the list shows and in what order: a wish, and what comes of it."""

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from core.instance_rows import STATES
from core.project import LabelSummary
from core.query import Query, SearchTable, matches, table_of
from core.thresholds import Thresholds
from core.types import ImageState, InstanceState, LabelClass, Split

_Ranks: TypeAlias = npt.NDArray[Any]
_HALF = Thresholds(0.5)
_NEAR = 0.1
"""A prediction whose score is so near to the threshold might as well not be shown."""


class Shown(StrEnum):
    """Which images are shown."""

    ALL = "all"
    UNTOUCHED = "untouched"
    STARTED = "started"
    DONE = "done"
    TO_REVIEW = "to_review"
    PROBLEMS = "problems"


class Sorting(StrEnum):
    """What comes first."""

    NAME = "name"
    NEED = "need"
    """What needs a person most."""
    UNCERTAINTY = "uncertainty"
    """What has the most predictions near the threshold; of those, the least sure one."""
    DISAGREEMENT = "disagreement"
    """Done images of which the model says most other things than the labels."""
    INSTANCES = "instances"
    """What has the most instances."""
    RANDOM = "random"
    """By chance, but each time the same way."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to see of the images."""

    query: Query = field(default_factory=Query)
    """What is typed into the search."""
    shown: Shown = Shown.ALL
    class_id: int | None = None
    """Only images with an instance of this class; None: all."""
    sorting: Sorting = Sorting.NAME
    only: frozenset[str] | None = None
    """Keys of those among which the others are chosen; None: all."""

    @property
    def is_filter(self) -> bool:
        """Whether the menu, or a list of images, leaves some images out."""
        is_menu = self.shown is not Shown.ALL or self.class_id is not None
        return is_menu or self.only is not None

    @property
    def needs_labels(self) -> bool:
        """Whether more than the names of the images decides."""
        return self.is_filter or self.query.needs_labels or self.sorting is not Sorting.NAME


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the images of a folder beside their names."""

    summaries: Mapping[str, LabelSummary] = field(default_factory=dict)
    """Of their labels; an image that was not looked at yet counts as untouched."""
    problems: Collection[str] = ()
    """Keys and label files with something that could not be read."""
    classes: Sequence[LabelClass] = ()
    splits: Mapping[str, Split] = field(default_factory=dict)
    thresholds: Thresholds = _HALF
    """The scores from which on predictions show."""
    disagreements: Mapping[str, int] = field(default_factory=dict)
    """How much model and labels differ, for done images whose predictions are kept."""

    def of(self, key: str) -> LabelSummary:
        """The summary of an image."""
        return self.summaries.get(key, _NOTHING)


_NOTHING = LabelSummary()
_STATES = {
    Shown.UNTOUCHED: ImageState.UNTOUCHED,
    Shown.STARTED: ImageState.STARTED,
    Shown.DONE: ImageState.DONE,
}
_STATE_PLACES = tuple(ImageState)
"""The states by their places in a SearchTable."""
_RANKS = {ImageState.STARTED: 1, ImageState.UNTOUCHED: 2, ImageState.DONE: 3}


def arranged(wish: Wish, keys: Sequence[str], known: Known) -> list[str]:
    """The keys that the wish shows, in its order.

    Args:
        wish: of the person.
        keys: of all images, in the order of their names.
        known: of them.
    """
    table = table_of(keys, known.summaries, classes=known.classes, splits=known.splits)
    found = matches(wish.query, table)
    if wish.is_filter:
        is_shown = _shown(wish, known)
        found &= np.fromiter((is_shown(key) for key in keys), np.bool_, len(keys))
    places = np.flatnonzero(found)
    if ranks := _ranks(wish.sorting, known, table):
        # of what has the same ranks the names decide, as lexsort is stable
        places = places[np.lexsort([one[places] for one in reversed(ranks)])]
    return [keys[place] for place in places.tolist()]


def _ranks(sorting: Sorting, known: Known, table: SearchTable) -> list[_Ranks]:
    """(N,) each, the ranks of the images, what counts most first; none: they are in order."""
    keys = table.keys
    if sorting is Sorting.NEED:
        return _need(known, table)
    if sorting is Sorting.UNCERTAINTY:
        return [-_n_near(table, known.thresholds), *_need(known, table)]
    if sorting is Sorting.DISAGREEMENT:
        differ = known.disagreements
        return [np.fromiter((-differ.get(key, -1) for key in keys), np.int64, len(keys))]
    if sorting is Sorting.INSTANCES:
        return [-table.counts]
    if sorting is Sorting.RANDOM:
        return [_chance(keys)]
    return []


def _need(known: Known, table: SearchTable) -> list[_Ranks]:
    """How much images need a person.

    Predictions to look at come first, the least sure of them before the others, then what is
    started, then what nobody began; what is done needs nobody.
    """
    summaries, n = [known.of(key) for key in table.keys], len(table.keys)
    has_predictions = np.fromiter((one.n_predicted > 0 for one in summaries), np.bool_, n)
    has_predictions &= table.states != _STATE_PLACES.index(ImageState.DONE)
    ranks = np.array([_RANKS[state] for state in _STATE_PLACES])[table.states]
    scores = np.fromiter(
        (1.0 if one.least_score is None else one.least_score for one in summaries), np.float64, n
    )
    return [np.where(has_predictions, 0, ranks), np.where(has_predictions, scores, 0.0)]


def _n_near(table: SearchTable, thresholds: Thresholds) -> npt.NDArray[np.int64]:
    """(N,) how many predictions near the threshold an image has that is not done."""
    least = np.full(len(table.rows), thresholds.overall)
    for class_id, score in thresholds.of_class.items():
        least[table.rows["class_id"] == class_id] = score
    is_near = np.abs(table.rows["score"] - least) <= _NEAR
    is_near &= table.rows["state"] == STATES.index(InstanceState.PREDICTED)
    found = np.bincount(table.image_of[is_near], minlength=len(table.keys))
    found[table.states == _STATE_PLACES.index(ImageState.DONE)] = 0
    return found


def _chance(keys: Sequence[str]) -> _Ranks:
    """(N,) uint64 by chance, of each name alone: images that come or go leave the others in their
    order. The sums are stirred as in SplitMix64 (Steele, Lea and Flood, 2014)."""
    sums = (zlib.crc32(key.encode("utf-8", "surrogatepass")) for key in keys)
    stirred = np.fromiter(sums, np.uint64, len(keys)) + np.uint64(0x9E3779B97F4A7C15)
    stirred = (stirred ^ (stirred >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    stirred = (stirred ^ (stirred >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return stirred ^ (stirred >> np.uint64(31))


def _shown(wish: Wish, known: Known) -> Callable[[str], bool]:
    problems = frozenset(known.problems)

    def is_shown(key: str) -> bool:
        if wish.only is not None and key not in wish.only:
            return False
        summary = known.of(key)
        if wish.class_id is not None and not summary.class_counts.get(wish.class_id):
            return False
        if wish.shown is Shown.TO_REVIEW:
            return summary.n_predicted > 0
        if wish.shown is Shown.PROBLEMS:
            return not problems.isdisjoint((key, f"{key}.json", f"{key.rpartition('.')[0]}.json"))
        return wish.shown is Shown.ALL or summary.state is _STATES[wish.shown]

    return is_shown
