"""Changes of classes carried into the label files that use them."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from core.errors import AppError
from core.project.facts import Facts
from core.project.journal import Journal
from core.project.labels import LabelStore
from core.project.places import Places
from core.project.values import ClassUsage
from core.types import ImageLabels, Instance

_MOST_NAMED = 3


class Rewriter:
    """Finds the label files that name a class, and writes them anew."""

    def __init__(self, labels: LabelStore, places: Places, journal: Journal) -> None:
        self._labels = labels
        self._places = places
        self._journal = journal

    def usage(self, keys: Iterable[str], names: Collection[str]) -> ClassUsage:
        """In how many of these images classes of these names are, and how often."""
        counts = [
            sum(facts.class_counts.get(name, 0) for name in names)
            for key in keys
            if _names(facts := self._facts_of(key), names)
        ]
        return ClassUsage(len(counts), sum(counts))

    def require_saved(self, keys: Iterable[str], names: Collection[str]) -> None:
        """Makes sure that nothing in these files is about to change.

        Raises:
            AppError: one of them has edits that are not saved.
        """
        for key in self._using(keys, names):
            if self._journal.has_pending(key):
                raise AppError(f"{key} has edits that are not saved yet; save it first.")

    def rewrite(
        self,
        keys: Iterable[str],
        names: Collection[str],
        *,
        step: Callable[[ImageLabels], ImageLabels] = lambda labels: labels,
        keeps_old: bool = False,
    ) -> None:
        """Writes every label file that names one of these classes, each atomically.

        Args:
            keys: of all images.
            names: of the classes.
            step: what becomes of the labels.
            keeps_old: whether the old files go to history.

        Raises:
            AppError: some could not be written; all others are.
        """
        failed = []
        for key in self._using(keys, names):
            try:
                loaded = self._labels.read(key)
                if keeps_old:
                    self._labels.set_aside(key)
                after = step(loaded.labels)
                self._labels.write(key, after, stamp=loaded.stamp, journal=self._journal)
            except AppError as error:
                failed.append(str(error))
        if failed:
            more = f" So it is with {len(failed) - _MOST_NAMED} more."
            named = " ".join(failed[:_MOST_NAMED])
            raise AppError(
                f"{len(failed)} label files still have the old class: {named}"
                f"{more if len(failed) > _MOST_NAMED else ''} All others are changed; do it again"
                " when that is put right."
            )

    def _using(self, keys: Iterable[str], names: Collection[str]) -> list[str]:
        return [key for key in keys if _names(self._facts_of(key), names)]

    def _facts_of(self, key: str) -> Facts:
        return self._places.place(key).facts


def _names(facts: Facts, names: Collection[str]) -> bool:
    return any(name in facts.class_counts or name in facts.rejected_names for name in names)


def without_class(labels: ImageLabels, class_id: int) -> ImageLabels:
    """The labels without any instance of a class, rejected ones included."""
    return replace(
        labels,
        instances=tuple(one for one in labels.instances if one.class_id != class_id),
        rejected=tuple(one for one in labels.rejected if one.class_id != class_id),
    )


def with_class_replaced(labels: ImageLabels, class_id: int, *, into: int) -> ImageLabels:
    """The labels with each instance of a class made one of another, rejected ones included."""

    def of_other_class(instances: tuple[Instance, ...]) -> tuple[Instance, ...]:
        return tuple(
            replace(one, class_id=into) if one.class_id == class_id else one for one in instances
        )

    return replace(
        labels,
        instances=of_other_class(labels.instances),
        rejected=of_other_class(labels.rejected),
    )
