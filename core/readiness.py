"""Whether the done images can teach something, and what to do where they cannot.

What is found here is said before a fine-tune: by the dialog, and by the job itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import AppError
from core.project import Project
from core.types import ImageLabels, LabelClass, Split
from core.wording import counted, listed

FEWEST_IMAGES = 10
"""Below so many images to learn from, little can be expected."""
FEWEST_INSTANCES = 5
"""Below so many instances of a class, it is seldom learnt."""


class Severity(StrEnum):
    """What a finding means for the fine-tune."""

    STOP = "stop"
    """It cannot begin."""
    WARN = "warn"
    """It can, and gives less than it could."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know before a fine-tune."""

    severity: Severity
    sentence: str
    help: str
    """What to do about it, in a sentence."""
    keys: tuple[str, ...] = ()
    """The images that it is about, where it is about some."""


@dataclass(frozen=True, slots=True)
class DoneImage:
    """What counts of a done image."""

    key: str
    split: Split
    class_counts: Mapping[int, int] = field(default_factory=dict, hash=False)
    """Instances of each class id that a person vouches for, crowds left out."""
    n_predicted: int = 0
    """Instances that nobody looked at."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """How well a project stands before a fine-tune."""

    findings: tuple[Finding, ...]
    """What stops it first."""
    n_train: int
    """Images to learn from."""
    n_val: int
    """Images to measure on."""

    @property
    def why_not(self) -> Finding | None:
        """What stops the fine-tune, if something does."""
        stops = [one for one in self.findings if one.severity is Severity.STOP]
        return stops[0] if stops else None


def readiness_of(project: Project) -> Readiness:
    """How the project stands; images that became done are given their splits. For threads.

    Raises:
        AppError: the splits cannot be stored.
    """
    project.assign_splits()
    images = done_images(project)
    return Readiness(
        findings(images, project.classes, missing=missing_images(project)),
        n_train=_n_of(images, Split.TRAIN),
        n_val=_n_of(images, Split.VAL),
    )


def done_images(project: Project) -> tuple[DoneImage, ...]:
    """The done images of a project that has its splits assigned."""
    return tuple(_done_image(project, key) for key in project.done_keys())


def missing_images(project: Project) -> tuple[str, ...]:
    """Keys of images that were done, and of which only the labels are still there."""
    present = set(project.keys)
    return tuple(
        key for key in project.splits if key not in present and _has_labels_only(project, key)
    )


def done_image_of(key: str, split: Split, labels: ImageLabels) -> DoneImage:
    """What counts of an image with these labels."""
    counts = Counter(one.class_id for one in labels.instances if one.is_of_person and not one.crowd)
    n_predicted = sum(not one.is_of_person for one in labels.instances)
    return DoneImage(key, split, counts, n_predicted)


def findings(
    images: Sequence[DoneImage], classes: Sequence[LabelClass], *, missing: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """What is to be said before a fine-tune; what stops it comes alone, but for missing images.

    Args:
        images: those that are done.
        classes: of the project.
        missing: keys of images that were done and are not there any more.
    """
    train = [one for one in images if one.split is Split.TRAIN]
    stops = _stops(images, train, classes)
    warnings = () if stops else (*_of_learning(train, classes), *_of_measuring(images, classes))
    return (*stops, *warnings, *_missing(missing))


def _stops(
    images: Sequence[DoneImage], train: Sequence[DoneImage], classes: Sequence[LabelClass]
) -> tuple[Finding, ...]:
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
    if not any(n for one in train for class_id, n in one.class_counts.items() if class_id in known):
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


def _of_learning(train: Sequence[DoneImage], classes: Sequence[LabelClass]) -> tuple[Finding, ...]:
    found = []
    if len(train) < FEWEST_IMAGES:
        found.append(
            Finding(
                Severity.WARN,
                f"There {'is' if len(train) == 1 else 'are'} only {counted(len(train), 'image')} to"
                " learn from: expect little before there are more.",
                "Mark 20 to 50 images done; you can also begin now and learn again later.",
            )
        )
    counts = _counts(train)
    without = [one.name for one in classes if not counts[one.id]]
    if without:
        found.append(
            Finding(
                Severity.WARN,
                f"No image to learn from shows {listed(without)}, so the model will never find"
                f" {'it' if len(without) == 1 else 'them'}.",
                "Label some in images that are done, or remove the class if it is not needed.",
            )
        )
    few = [one for one in classes if 0 < counts[one.id] < FEWEST_INSTANCES]
    if few:
        names = listed([f"{one.name} ({counts[one.id]})" for one in few])
        found.append(
            Finding(
                Severity.WARN,
                f"Fewer than {FEWEST_INSTANCES} instances to learn from: {names}.",
                "Label more of them; images that show them teach most.",
            )
        )
    return tuple(found)


def _of_measuring(
    images: Sequence[DoneImage], classes: Sequence[LabelClass]
) -> tuple[Finding, ...]:
    val = [one for one in images if one.split is Split.VAL]
    found = []
    if not val:
        found.append(
            Finding(
                Severity.WARN,
                "No done image is kept to measure on, so nothing can be said of how good the new"
                " weights are.",
                "Mark more images done: one of five is kept to measure on.",
            )
        )
    else:
        learnt, measured = _counts(one for one in images if one.split is Split.TRAIN), _counts(val)
        unmeasured = [one.name for one in classes if learnt[one.id] and not measured[one.id]]
        if unmeasured:
            found.append(
                Finding(
                    Severity.WARN,
                    f"No image to measure on shows {listed(unmeasured)}, so there will be no AP of"
                    f" {'it' if len(unmeasured) == 1 else 'them'}.",
                    "Mark more images done that show what is missing.",
                )
            )
    return (*found, *_unseen(images))


def _unseen(images: Sequence[DoneImage]) -> tuple[Finding, ...]:
    unseen = [one for one in images if one.n_predicted]
    n = sum(one.n_predicted for one in unseen)
    if not n:
        return ()
    subject = "1 prediction" if n == 1 else f"{n} predictions"
    verb = "was" if n == 1 else "were"
    return (
        Finding(
            Severity.WARN,
            f"{subject} in {counted(len(unseen), 'image')} that"
            f" {'is' if len(unseen) == 1 else 'are'} done {verb}"
            " looked at by nobody and will teach nothing.",
            "Accept what is right and delete what is not.",
            tuple(one.key for one in unseen),
        ),
    )


def _missing(keys: Sequence[str]) -> tuple[Finding, ...]:
    if not keys:
        return ()
    return (
        Finding(
            Severity.WARN,
            f"{counted(len(keys), 'image')} with labels {'is' if len(keys) == 1 else 'are'} not in"
            f" the folder any more: {listed(keys)}.",
            "Put what is missing back to learn from it, or go on without.",
        ),
    )


def _done_image(project: Project, key: str) -> DoneImage:
    split = project.splits.get(key, Split.TRAIN)
    summary = project.summary(key)
    if not summary.n_predicted:
        return DoneImage(key, split, summary.class_counts)
    try:
        # Only the labels themselves say of which class the predictions are.
        return done_image_of(key, split, project.read(key).labels)
    except AppError:  # the job leaves it out, with a sentence
        return DoneImage(key, split)


def _has_labels_only(project: Project, key: str) -> bool:
    try:
        return not project.image_path(key).exists() and project.label_path(key).exists()
    except (AppError, OSError):
        return False


def _counts(images: Iterable[DoneImage]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for one in images:
        counts.update(one.class_counts)
    return counts


def _n_of(images: Sequence[DoneImage], split: Split) -> int:
    return sum(one.split is split for one in images)


def _images_to_learn_from(n: int) -> str:
    if n == 1:
        return "The only done image to learn from has"
    return f"The {n} done images to learn from have"


def _all_images(n: int) -> str:
    return "The only done image is" if n == 1 else f"All {n} done images are"
