"""What an export would write, counted before it does."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.project import Project
from core.types import ImageState, Split


@dataclass(frozen=True, slots=True)
class ImageCount:
    """One image's part in an export."""

    is_done: bool
    split: Split | None
    n_of_person: int
    n_predicted: int


@dataclass(frozen=True, slots=True)
class ExportCount:
    """What comes out."""

    n_images: int
    n_instances: int
    n_empty: int
    """Images that are done and have nothing in them: true negatives."""
    n_not_done: int
    n_left_out: int
    """Predictions that nobody looked at and that do not go out."""


def image_counts(project: Project) -> tuple[ImageCount, ...]:
    """The counts of every image. For threads: it may read label files."""
    splits = project.splits
    counts = []
    for key in project.keys:
        summary = project.summary(key)
        n_all = sum(summary.class_counts.values())
        is_done = summary.state is ImageState.DONE
        n_of_person = n_all - summary.n_predicted
        counts.append(ImageCount(is_done, splits.get(key), n_of_person, summary.n_predicted))
    return tuple(counts)


def export_count(images: Sequence[ImageCount], *, state: str, split: str) -> ExportCount:
    """What an export with this `state` and `split` (see ExportConfig) would write.

    An image goes out if it is done or has an instance that goes out, as in core/jobs/exchange.py.
    """
    with_predictions = state == "all"
    of_split = [one for one in images if not split or one.split == split]
    leaving = [
        (one, one.n_of_person + (one.n_predicted if with_predictions else 0)) for one in of_split
    ]
    out = [(one, n) for one, n in leaving if one.is_done or n]
    return ExportCount(
        n_images=len(out),
        n_instances=sum(n for _, n in out),
        n_empty=sum(n == 0 for _, n in out),
        n_not_done=sum(not one.is_done for one, _ in out),
        n_left_out=0 if with_predictions else sum(one.n_predicted for one in of_split),
    )
