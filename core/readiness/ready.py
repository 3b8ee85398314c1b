"""How a project stands before a fine-tune, as far as that is known at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.project import Project
from core.readiness.class_list import of_classes, twin_ids
from core.readiness.done import DoneImage, in_split, missing_images, stock_of
from core.readiness.finding import Finding, Severity
from core.readiness.learning import of_learning, of_left_out, of_missing, of_unseen, stops
from core.readiness.measuring import of_measuring
from core.readiness.sizes import ModelLimits, of_sizes
from core.types import LabelClass, Split


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
        return next((one for one in self.findings if one.severity is Severity.STOP), None)


def readiness_of(project: Project, *, limits: ModelLimits | None = None) -> Readiness:
    """How the project stands; images that became done are given their splits. For threads.

    Args:
        project: that is asked about.
        limits: of the model that is to learn; None: detectron2's.

    Raises:
        AppError: the splits cannot be stored.
    """
    project.assign_splits()
    stock = stock_of(project, class_ids=twin_ids(project.classes))
    return Readiness(
        findings(
            stock.done,
            project.classes,
            missing=missing_images(project),
            left_out=stock.left_out,
            keys_of_class=stock.keys_of_class,
            limits=limits,
        ),
        n_train=len(in_split(stock.done, Split.TRAIN)),
        n_val=len(in_split(stock.done, Split.VAL)),
    )


def findings(
    images: Sequence[DoneImage],
    classes: Sequence[LabelClass],
    *,
    missing: Sequence[str] = (),
    left_out: Sequence[str] = (),
    keys_of_class: Mapping[int, Sequence[str]] = MappingProxyType({}),
    limits: ModelLimits | None = None,
) -> tuple[Finding, ...]:
    """What is to be said before a fine-tune; what stops it comes alone, but for what is not there.

    Args:
        images: those that are done.
        classes: of the project.
        missing: keys of images that were done and are not there any more.
        left_out: keys of images that a person labelled and that are not done.
        keys_of_class: by the id of a class that has a twin, all images that hold some of it.
        limits: of the model that is to learn; None: detectron2's.
    """
    absent = (*of_left_out(left_out), *of_missing(missing))
    if stopped := stops(images, classes):
        return (*stopped, *absent)
    return (
        *of_learning(images, classes),
        *of_classes(images, classes, keys_of_class=keys_of_class),
        *of_measuring(images, classes),
        *of_unseen(images),
        *of_sizes(images, classes, limits=limits or ModelLimits()),
        *absent,
    )
