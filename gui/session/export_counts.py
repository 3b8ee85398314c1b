"""What an export would write, counted before it does."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import AppError
from core.project import LabelSummary, Project
from core.types import ImageState, Split


@dataclass(frozen=True, slots=True)
class ImageCount:
    """One image's part in an export."""

    is_done: bool
    split: Split | None
    of_person: Mapping[int, int] = field(default_factory=dict, hash=False)
    """Instances that a person vouches for, by class id."""
    predicted: Mapping[int, int] = field(default_factory=dict, hash=False)
    """Predictions that nobody looked at, by class id."""
    is_missing: bool = False
    """Whether the picture itself is gone."""


@dataclass(frozen=True, slots=True)
class ExportCount:
    """What comes out, and what does not."""

    n_images: int
    n_instances: int
    n_empty: int
    """Images that are done and have nothing in them: true negatives."""
    n_not_done: int
    """Images that go out although they are not done."""
    n_staying: int
    """Images that do not go out: not done, and with nothing to show."""
    n_left_out: int
    """Predictions that nobody looked at and that do not go out."""
    n_missing: int
    """Images that do not go out because they are gone."""
    of_class: Mapping[int, int] = field(default_factory=dict, hash=False)
    of_split: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Images of each split; those without one are under an empty name."""


def image_counts(project: Project) -> tuple[ImageCount, ...]:
    """The counts of every image. For threads: it may read label files."""
    splits = project.splits
    counts = []
    for key in project.keys:
        summary = project.summary(key)
        of_person, predicted = _by_class(project, key, summary)
        is_done = summary.state is ImageState.DONE
        is_missing = not project.image_path(key).is_file()
        counts.append(ImageCount(is_done, splits.get(key), of_person, predicted, is_missing))
    return tuple(counts)


def _by_class(
    project: Project, key: str, summary: LabelSummary
) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """What a person vouches for, and what nobody looked at."""
    n_all = sum(summary.class_counts.values())
    if not summary.n_predicted:
        return summary.class_counts, {}
    if summary.n_predicted == n_all:
        return {}, summary.class_counts
    try:
        instances = project.read(key).labels.instances
    except AppError:
        return {}, {}  # the export leaves it out, too, and says why
    of_person = Counter(one.class_id for one in instances if one.is_of_person)
    return of_person, Counter(one.class_id for one in instances if not one.is_of_person)


def export_count(images: Sequence[ImageCount], *, state: str, split: str) -> ExportCount:
    """What an export with this `state` and `split` (see ExportConfig) would write.

    An image goes out if it is done or has an instance that goes out, as in core/jobs/exchange.py.
    """
    with_predictions = state == "all"
    of_split = [one for one in images if not split or one.split == split]
    there = [one for one in of_split if not one.is_missing]
    leaving = [
        (one, Counter(one.of_person) + Counter(one.predicted if with_predictions else {}))
        for one in there
    ]
    out = [(one, counts) for one, counts in leaving if one.is_done or counts]
    of_class: Counter[int] = sum((counts for _, counts in out), Counter())
    left_out = 0 if with_predictions else sum(sum(one.predicted.values()) for one in there)
    return ExportCount(
        n_images=len(out),
        n_instances=of_class.total(),
        n_empty=sum(not counts for _, counts in out),
        n_not_done=sum(not one.is_done for one, _ in out),
        n_staying=len(there) - len(out),
        n_left_out=left_out,
        n_missing=len(of_split) - len(there),
        of_class=of_class,
        of_split=Counter(str(one.split) if one.split else "" for one, _ in out),
    )
