"""Instances of many images side by side: what is known of each without its geometry."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core import edits
from core.geometry import bounds_of, parts_area
from core.types import ImageLabels, ImageState, Instance, InstanceState

REJECTED = "rejected"
"""The state of a card whose prediction a person turned down."""


class CardOrder(StrEnum):
    """What comes first."""

    SCORE = "score"
    """The least sure; what a person drew has no score and comes last."""
    SIZE = "size"
    """The smallest."""
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Card:
    """One instance, or a prediction that was turned down, of one image."""

    key: str
    """Of the image."""
    instance_id: str
    class_id: int
    state: str
    """An InstanceState, or REJECTED."""
    score: float | None
    area: float
    """Square pixels."""
    box_xyxy: tuple[float, float, float, float]
    is_in_done: bool = False
    """Whether its image is done."""

    @property
    def place(self) -> tuple[str, str]:
        """What tells it from all others: the image's key and its id."""
        return self.key, self.instance_id


def cards_of(key: str, labels: ImageLabels) -> tuple[Card, ...]:
    """A card for each instance of an image, then those that a person turned down."""
    is_done = labels.state is ImageState.DONE
    there = (_card(key, one, one.state, is_in_done=is_done) for one in labels.instances)
    gone = (_card(key, one, REJECTED, is_in_done=is_done) for one in labels.rejected)
    return (*there, *gone)


def in_order(cards: Iterable[Card], order: CardOrder, *, place_of: Mapping[str, int]) -> list[Card]:
    """The cards, what wants a look most at first.

    Args:
        cards: of any images.
        order: what comes first.
        place_of: the place of each image in the project, by its key.
    """
    if order is CardOrder.SCORE:
        return sorted(cards, key=lambda one: math.inf if one.score is None else one.score)
    if order is CardOrder.SIZE:
        return sorted(cards, key=lambda one: one.area)
    return sorted(cards, key=lambda one: place_of.get(one.key, len(place_of)))


def accepted_or_restored(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with these predictions accepted, those too that were turned down before."""
    there = {one.id for one in labels.instances}
    # of an id that is there too, the one that is there was meant
    return edits.accepted(edits.restored(labels, set(ids) - there), ids)


def turned_down(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
    """The labels with these rejected: predictions, and those that were accepted as they are.

    What a person drew or edited is not a model's to be turned down, and stays.
    """
    models = (InstanceState.PREDICTED, InstanceState.ACCEPTED)
    wanted = [one for one in labels.instances if one.id in ids and one.state in models]
    of_model = {one.id for one in wanted if one.score is not None or not one.is_of_person}
    if not of_model:
        return labels
    as_predicted = tuple(
        replace(one, state=InstanceState.PREDICTED) if one.id in of_model else one
        for one in labels.instances
    )
    return edits.rejected(replace(labels, instances=as_predicted), of_model)


def with_verdict(card: Card, state: str) -> Card:
    """The card as it will be when this is said of it: "accepted", or REJECTED."""
    models = (InstanceState.PREDICTED, InstanceState.ACCEPTED, REJECTED)
    if card.state not in models or (state != REJECTED and card.state == InstanceState.ACCEPTED):
        return card
    return replace(card, state=state)


def with_class(card: Card, class_id: int | None) -> Card:
    """The card as it will be with this class; None is none."""
    if class_id is None or class_id == card.class_id or card.state == REJECTED:
        return card
    is_drawn = card.state == InstanceState.DRAWN
    return replace(card, class_id=class_id, state=card.state if is_drawn else "edited")


def _card(key: str, one: Instance, state: InstanceState | str, *, is_in_done: bool) -> Card:
    return Card(
        key, one.id, one.class_id, str(state), one.score, parts_area(one.parts),
        bounds_of(one.parts), is_in_done,
    )  # fmt: skip
