"""The cards that the Review page shows: chosen and ordered in a thread, kept in their places."""

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import QObject, Signal

from core.cards import Card, CardOrder, in_order
from gui.session.review import Review


class ShownCards(QObject):
    """Cards by their numbers. What is judged stays in its place until they are arranged anew."""

    arranged = Signal(object)
    """The places that are shown now, in their order; take them by `show`."""
    renewed = Signal(object)
    """Label files were read again. The places that are left, or None where all of them are."""

    def __init__(self, review: Review, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review = review
        self._shown: list[tuple[str, str]] = []
        self._at: dict[tuple[str, str], int] = {}
        self._said: dict[tuple[str, str], Card] = {}
        """Cards with a verdict that is on its way into their label files."""
        self._arranging = review.reading(_arranged, parent=self)
        self._arranging.reported.connect(self.arranged)
        self._is_over = False
        review.cards.renewed.connect(self._on_renewed)
        review.left.connect(self._on_left)
        review.verdicts.stayed.connect(self._on_stayed)

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Of the cards, in their order."""
        return self._shown

    def arrange(
        self, fits: Callable[[Card], bool], order: CardOrder, *, keys: Sequence[str]
    ) -> None:
        """Chooses and orders the cards anew; `arranged` tells.

        Args:
            fits: which are shown; called in a thread.
            order: what comes first.
            keys: the images in the project's order.
        """
        if self._is_over:
            return
        self._arranging.start(list(self._review.cards.all()), fits, order, tuple(keys))

    def show(self, places: Sequence[tuple[str, str]]) -> None:
        """Makes these the cards, by their places."""
        self._shown = list(places)
        self._at = {place: number for number, place in enumerate(places)}

    def number_of(self, place: tuple[str, str]) -> int | None:
        """Where a card is shown; None where it is not."""
        return self._at.get(place)

    def card(self, number: int) -> Card | None:
        """The card at a number, as it will be when its verdict is written; None where none is."""
        if not 0 <= number < len(self._shown):
            return None
        place = self._shown[number]
        return self._said.get(place) or self._review.cards.card(place)

    def say(self, card: Card) -> None:
        """Shows a card so until its label file is read again."""
        self._said[card.place] = card

    def forget_said(self) -> None:
        """Shows every card as its label file was read."""
        self._said.clear()

    def _on_stayed(self, keys: Collection[str]) -> None:
        """Reads again what no label file took: one may be locked, broken or another by now."""
        for key in {place[0] for place in self._said}.intersection(keys):
            self._review.cards.look_at(key)

    def _on_left(self) -> None:
        self._is_over = True  # there is no thread any more
        self._arranging.drop()

    def _on_renewed(self, keys: Sequence[str]) -> None:
        images = set(keys)
        for place in [one for one in self._said if one[0] in images]:
            del self._said[place]
        gone = {
            place
            for place in self._shown
            if place[0] in images and self._review.cards.card(place) is None
        }
        left = [place for place in self._shown if place not in gone]
        self.renewed.emit(left if gone else None)


def _arranged(
    cards: Sequence[Card], fits: Callable[[Card], bool], order: CardOrder, keys: Sequence[str]
) -> list[tuple[str, str]]:
    """The places of the cards that fit, in their order. Called in a thread."""
    place_of = {key: place for place, key in enumerate(keys)}
    return [one.place for one in in_order(filter(fits, cards), order, place_of=place_of)]
