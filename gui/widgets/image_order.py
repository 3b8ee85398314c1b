"""Which images the list shows and in what order: a wish, and what comes of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.project import LabelSummary
from core.types import ImageState


class Shown(StrEnum):
    """Which images are shown."""

    ALL = "all"
    UNTOUCHED = "untouched"
    STARTED = "started"
    DONE = "done"
    TO_REVIEW = "to review"
    PROBLEMS = "problems"


class Sorting(StrEnum):
    """What comes first."""

    NAME = "name"
    NEED = "need"
    """What needs a person most."""
    INSTANCES = "instances"
    """What has the most instances."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to see of the images."""

    text: str = ""
    """A part of the image's key, in any case."""
    shown: Shown = Shown.ALL
    class_id: int | None = None
    """Only images with an instance of this class; None: all."""
    sorting: Sorting = Sorting.NAME

    @property
    def is_filter(self) -> bool:
        """Whether some images may be left out by more than their name."""
        return self.shown is not Shown.ALL or self.class_id is not None

    @property
    def needs_labels(self) -> bool:
        """Whether what is in the label files decides."""
        return self.is_filter or self.sorting is not Sorting.NAME


_NOTHING = LabelSummary()
_STATES = {
    Shown.UNTOUCHED: ImageState.UNTOUCHED,
    Shown.STARTED: ImageState.STARTED,
    Shown.DONE: ImageState.DONE,
}
_RANKS = {ImageState.STARTED: 1, ImageState.UNTOUCHED: 2, ImageState.DONE: 3}


def arranged(
    wish: Wish,
    keys: Sequence[str],
    summaries: Mapping[str, LabelSummary],
    *,
    problems: Collection[str] = (),
) -> list[str]:
    """The keys that the wish shows, in its order.

    Args:
        wish: of the person.
        keys: of all images, in the order of their names.
        summaries: of their labels; an image that was not looked at yet counts as untouched.
        problems: keys and label files with something that could not be read.
    """
    text = wish.text.strip().casefold()
    is_shown = _shown(wish, summaries, frozenset(problems))
    shown = [key for key in keys if text in key.casefold() and is_shown(key)]
    if wish.sorting is Sorting.NEED:
        shown.sort(key=lambda key: need(summaries.get(key, _NOTHING)))
    elif wish.sorting is Sorting.INSTANCES:
        shown.sort(key=lambda key: -sum(summaries.get(key, _NOTHING).class_counts.values()))
    return shown


def need(summary: LabelSummary) -> tuple[int, float]:
    """How much an image needs a person, the least first.

    Predictions to look at come first, the least sure of them before the others, then what is
    started, then what nobody began; what is done needs nobody.
    """
    is_done = summary.state is ImageState.DONE
    if summary.n_predicted and not is_done:
        return 0, 1.0 if summary.least_score is None else summary.least_score
    return _RANKS[summary.state], 0.0


def _shown(
    wish: Wish, summaries: Mapping[str, LabelSummary], problems: frozenset[str]
) -> Callable[[str], bool]:
    if not wish.is_filter:
        return lambda _key: True

    def is_shown(key: str) -> bool:
        summary = summaries.get(key, _NOTHING)
        if wish.class_id is not None and not summary.class_counts.get(wish.class_id):
            return False
        if wish.shown is Shown.TO_REVIEW:
            return summary.n_predicted > 0
        if wish.shown is Shown.PROBLEMS:
            return not problems.isdisjoint((key, f"{key}.json", f"{key.rpartition('.')[0]}.json"))
        return wish.shown is Shown.ALL or summary.state is _STATES[wish.shown]

    return is_shown
