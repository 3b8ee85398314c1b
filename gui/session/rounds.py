"""Rounds of a folder: images that two models have seen, and what differs between them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core.errors import AppError
from core.predictions import Predictions, PredictionStore, usable
from core.project import Project
from core.rounds import Difference, Kind, accepted_from, differences
from core.types import ImageLabels, ImageState

WeightsId: TypeAlias = tuple[str, str]
"""The name of weights, and the stamp that tells them from others of that name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Which two models are held against each other; None: the newest, and the one before it."""

    old: WeightsId | None = None
    new: WeightsId | None = None
    least_score: float = 0.5
    """Predictions below it do not count."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which differences are accepted at once."""

    kind: Kind
    least_score: float = 0.0

    def fits(self, one: Difference) -> bool:
        """Whether it is accepted by this rule; nothing that a person made is."""
        score = one.instance.score or 0.0
        return one.kind is self.kind and one.label is None and score >= self.least_score


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """An image as two models see it."""

    key: str
    old: Predictions
    new: Predictions
    labels: ImageLabels
    found: tuple[Difference, ...]

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many differences of each kind there are."""
        return Counter(one.kind for one in self.found)

    @property
    def is_done(self) -> bool:
        """Whether the image is done, so that nothing is accepted into it."""
        return self.labels.state is ImageState.DONE


@dataclass(frozen=True, slots=True)
class RoundRow:
    """What the list says of an image that two models have seen."""

    key: str
    counts: Mapping[Kind, int]
    weights: tuple[WeightsId, ...]
    """All that have seen it, the newest first."""

    @property
    def n_different(self) -> int:
        """How many objects the two see differently."""
        return sum(n for kind, n in self.counts.items() if kind is not Kind.SAME)


def id_of(predictions: Predictions) -> WeightsId:
    """Whose these predictions are."""
    return predictions.by.weights, predictions.by.stamp


def compared(
    project: Project, store: PredictionStore, key: str, labels: ImageLabels, pair: Pair
) -> Compared | None:
    """An image as the two models see it; None where one of them has not seen it. For threads."""
    sets = [one for one in store.of_each_weights(key) if one.size_hw == labels.size_hw]
    new = next((one for one in sets if pair.new in (None, id_of(one))), None)
    if new is None:
        return None
    before = sets[sets.index(new) + 1 :] if pair.old is None else sets
    old = next((one for one in before if one is not new and pair.old in (None, id_of(one))), None)
    if old is None:
        return None
    sides = []
    for one in (old, new):
        there = usable(one, labels, classes=project.classes)
        sides.append([each for each in there if (each.score or 0.0) >= pair.least_score])
    return Compared(key, old, new, labels, differences(sides[0], sides[1], labels))


def rows_of(
    project: Project, store: PredictionStore, keys: Sequence[str], pair: Pair
) -> Iterator[RoundRow | int]:
    """A row for each image that both models have seen, and after each image how many were looked
    at so far. For threads."""
    for n_looked, key in enumerate(store.those_kept(keys), start=1):
        try:
            labels = project.read(key).labels
        except AppError:
            continue  # the list of images says what is wrong with it
        found = compared(project, store, key, labels, pair)
        if found is not None:
            weights = tuple(id_of(one) for one in store.of_each_weights(key))
            yield RoundRow(key, found.counts, weights)
        yield n_looked


def with_rule(
    project: Project,
    store: PredictionStore,
    key: str,
    labels: ImageLabels,
    *,
    pair: Pair,
    rule: Rule,
) -> ImageLabels:
    """The labels with what a rule accepts of the new model's predictions for this image."""
    found = compared(project, store, key, labels, pair)
    if found is None:
        return labels
    return accepted_from(labels, [one for one in found.found if rule.fits(one)])
