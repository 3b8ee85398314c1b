"""Whether there is something to learn, and enough of it."""

from collections.abc import Sequence

from core.readiness.done import DoneImage, counts_of, in_split
from core.readiness.finding import Finding, Severity, warning
from core.types import LabelClass, Split
from core.wording import counted, listed

FEWEST_IMAGES = 10
"""Below so many images to learn from, little can be expected."""
FEWEST_INSTANCES = 5
"""Below so many instances of a class, it is seldom learnt."""


def stops(images: Sequence[DoneImage], classes: Sequence[LabelClass]) -> tuple[Finding, ...]:
    """Why a fine-tune cannot begin; nothing where it can."""
    train = in_split(images, Split.TRAIN)
    if not images:
        return (
            Finding(
                Severity.STOP,
                "No image is done, so there is nothing to learn from.",
                "Label 10 to 20 images, mark each done, then fine-tune.",
            ),
        )
    if not train:
        return (
            Finding(
                Severity.STOP,
                f"{_all_images(len(images))} kept to measure with, so there is nothing to learn"
                " from.",
                "Mark more images done.",
            ),
        )
    known = {one.id for one in classes}
    if not any(n for class_id, n in counts_of(train).items() if class_id in known):
        return (
            Finding(
                Severity.STOP,
                f"{_images_to_learn_from(len(train))} no instance that a person drew,"
                " accepted or corrected.",
                "Label some, or accept what was predicted, then fine-tune.",
                tuple(one.key for one in train),
            ),
        )
    return ()


def of_learning(images: Sequence[DoneImage], classes: Sequence[LabelClass]) -> tuple[Finding, ...]:
    """What makes little, or nothing, of what is there to learn."""
    train = in_split(images, Split.TRAIN)
    counts = counts_of(train)
    found = [*_few_images(train), *_crowds_only(train, classes)]
    crowded = {class_id for one in train for class_id in one.crowd_counts}
    without = [one.name for one in classes if not counts[one.id] and one.id not in crowded]
    if without:
        found.append(
            warning(
                f"No image to learn from shows {listed(without)}, so the model will never find"
                f" {'it' if len(without) == 1 else 'them'}.",
                "Label some in images that are done, or remove the class if it is not needed.",
            )
        )
    few = [one for one in classes if 0 < counts[one.id] < FEWEST_INSTANCES]
    if few:
        names = listed([f"{one.name} ({counts[one.id]})" for one in few])
        found.append(
            warning(
                f"Fewer than {FEWEST_INSTANCES} instances to learn from: {names}.",
                "Label more of them; images that show them teach most.",
            )
        )
    return tuple(found)


def of_unseen(images: Sequence[DoneImage]) -> tuple[Finding, ...]:
    """Predictions that nobody looked at: neither examples nor background."""
    with_some = [one for one in images if one.n_predicted]
    n = sum(one.n_predicted for one in with_some)
    if not n:
        return ()
    are, were, their = ("is", "was", "its area") if n == 1 else ("are", "were", "their areas")
    done = "is" if len(with_some) == 1 else "are"
    return (
        warning(
            f"{counted(n, 'prediction')} in {counted(len(with_some), 'image')} that {done} done"
            f" {were} looked at by nobody, so {their} will teach nothing: neither what {are} there"
            " nor background.",
            "Accept what is right and delete what is not.",
            keys=tuple(one.key for one in with_some),
        ),
    )


def of_left_out(keys: Sequence[str]) -> tuple[Finding, ...]:
    """Images that a person labelled and that are not done: they are not used."""
    if not keys:
        return ()
    are = "is not done and is" if len(keys) == 1 else "are not done and are"
    return (
        warning(
            f"{counted(len(keys), 'image')} with labels of yours {are} left out.",
            "Mark each done when all that it shows is labelled.",
            keys=tuple(keys),
        ),
    )


def of_missing(keys: Sequence[str]) -> tuple[Finding, ...]:
    """Images that were done and are not there any more."""
    if not keys:
        return ()
    return (
        warning(
            f"{counted(len(keys), 'image')} with labels {'is' if len(keys) == 1 else 'are'} not in"
            f" the folder any more: {listed(keys)}.",
            "Put what is missing back to learn from it, or go on without.",
        ),
    )


def _few_images(train: Sequence[DoneImage]) -> list[Finding]:
    if len(train) >= FEWEST_IMAGES:
        return []
    return [
        warning(
            f"There {'is' if len(train) == 1 else 'are'} only {counted(len(train), 'image')} to"
            " learn from: expect little before there are more.",
            "Mark 20 to 50 images done; you can also begin now and learn again later.",
        )
    ]


def _crowds_only(train: Sequence[DoneImage], classes: Sequence[LabelClass]) -> list[Finding]:
    """Classes that would look labelled: a crowd is left out of learning and of AP."""
    counts = counts_of(train)
    keys = {
        one.id: [image.key for image in train if one.id in image.crowd_counts]
        for one in classes
        if not counts[one.id]
    }
    names = [one.name for one in classes if keys.get(one.id)]
    if not names:
        return []
    return [
        warning(
            f"All that is labelled as {listed(names)} is marked as a crowd, and crowds teach"
            " nothing.",
            "Take the mark off where it is a single thing, or label some one by one.",
            keys=tuple(dict.fromkeys(key for found in keys.values() for key in found)),
        )
    ]


def _images_to_learn_from(n: int) -> str:
    if n == 1:
        return "The only done image to learn from has"
    return f"The {n} done images to learn from have"


def _all_images(n: int) -> str:
    return "The only done image is" if n == 1 else f"All {n} done images are"
