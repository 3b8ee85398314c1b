"""Crops that were made, and those that are wanted: made in threads, what is seen first."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from core.cards import Card
from gui.canvas.crops import Crop, CropMaker
from gui.session.review import Review

_KEPT = 1000
"""A dozen screens of crops: 65 MB on a screen of 100 %."""
_LANES = 2
_AT_ONCE = 24
"""Crops of one image that are made before those of another."""


class CropShelf(QObject):
    """The crops of the cards of one folder."""

    arrived = Signal(object)
    """The place of a card whose crop is here."""

    def __init__(self, review: Review, *, side_px: int, parent: QObject | None = None) -> None:
        """A shelf without crops.

        Args:
            review: of the folder.
            side_px: of each crop.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self._side_px = side_px
        self._colours: Mapping[int, str] = {}
        self._made: OrderedDict[tuple[str, str], tuple[Card, QPixmap]] = OrderedDict()
        self._wanted: list[Card] = []
        self._is_over = False
        review.left.connect(self.drop)
        self._maker = CropMaker(review.project)
        self._lanes = [review.reading(self._crops, parent=self) for _ in range(_LANES)]
        for lane in self._lanes:
            lane.reported.connect(self._on_made)
            lane.ended.connect(lambda _: self._next())

    def set_colours(self, colours: Mapping[int, str]) -> None:
        """Draws outlines in these colours of the classes, in crops from now on."""
        if dict(colours) != dict(self._colours):
            self._colours = dict(colours)
            self._made.clear()

    def pixmap(self, card: Card) -> QPixmap | None:
        """The crop of a card, as it was made last; None where there is none."""
        made = self._made.get(card.place)
        return None if made is None or made[1].isNull() else made[1]

    def is_made(self, card: Card) -> bool:
        """Whether a crop of the card as it is now was made, or cannot be."""
        made = self._made.get(card.place)
        return made is not None and made[0] == card

    def want(self, cards: Sequence[Card]) -> None:
        """Makes the crops of these cards, in their order, and of no others any more."""
        if self._is_over:
            return
        for card in cards:
            if card.place in self._made:
                self._made.move_to_end(card.place)
        self._wanted = [card for card in cards if not self.is_made(card)]
        self._next()

    def drop(self) -> None:
        """Makes no more."""
        self._is_over = True
        self._wanted.clear()
        for lane in self._lanes:
            lane.drop()

    def _next(self) -> None:
        for lane in self._lanes:
            if self._wanted and not lane.is_going:
                key = self._wanted[0].key
                cards = [card for card in self._wanted if card.key == key][:_AT_ONCE]
                self._wanted = [card for card in self._wanted if card not in cards]
                lane.start(key, tuple(cards), self._colours)

    def _crops(
        self, key: str, cards: Sequence[Card], colours: Mapping[int, str]
    ) -> Iterator[tuple[Card, Crop]]:
        """Called in a thread."""
        ids = [card.instance_id for card in cards]
        crops = self._maker.crops(key, ids, side_px=self._side_px, colours=colours)
        yield from zip(cards, crops, strict=True)

    def _on_made(self, made: tuple[Card, Crop]) -> None:
        card, crop = made
        pixmap = QPixmap() if crop.image is None else QPixmap.fromImage(crop.image)
        self._made[card.place] = (card, pixmap)
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)
        self.arrived.emit(card.place)
