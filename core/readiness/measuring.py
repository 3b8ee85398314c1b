"""Whether the val images can tell how good the new weights are."""

from collections.abc import Sequence

from core.readiness.done import DoneImage, counts_of, in_split
from core.readiness.finding import Finding, warning
from core.types import LabelClass, Split
from core.wording import counted, listed

FEWEST_VAL_IMAGES = 10
FEWEST_VAL_INSTANCES = 20
"""With fewer, one instance more or less found moves AP by several points."""


def of_measuring(images: Sequence[DoneImage], classes: Sequence[LabelClass]) -> tuple[Finding, ...]:
    """What makes the numbers of a fine-tune say little, or nothing."""
    val = in_split(images, Split.VAL)
    if not val:
        return (
            warning(
                "No done image is kept to measure on, so nothing can be said of how good the new"
                " weights are.",
                "Mark more images done: one of five is kept to measure on.",
            ),
        )
    learnt, measured = counts_of(in_split(images, Split.TRAIN)), counts_of(val)
    unmeasured = [one.name for one in classes if learnt[one.id] and not measured[one.id]]
    found = list(_coarse(val, classes))
    if unmeasured:
        found.append(
            warning(
                f"No image to measure on shows {listed(unmeasured)}, so there will be no AP of"
                f" {'it' if len(unmeasured) == 1 else 'them'}.",
                "Mark more images done that show what is missing.",
            )
        )
    return tuple(found)


def _coarse(val: Sequence[DoneImage], classes: Sequence[LabelClass]) -> tuple[Finding, ...]:
    counts = counts_of(val)
    n_instances = sum(counts[one.id] for one in classes)
    if len(val) >= FEWEST_VAL_IMAGES and n_instances >= FEWEST_VAL_INSTANCES:
        return ()
    there = "is" if len(val) == 1 else "are"
    return (
        warning(
            f"There {there} {counted(len(val), 'image')} with {counted(n_instances, 'instance')} to"
            " measure on: AP of so few is a coarse number.",
            "Compare weights by more than AP until there are 50 done images or so: one of five is"
            " kept to measure on.",
        ),
    )
