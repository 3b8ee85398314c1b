"""The page to review: instances of all images side by side, judged many at once."""

import math
from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QPixmap, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core import edits
from core.cards import (
    REJECTED,
    Card,
    accepted_or_restored,
    turned_down,
    with_class,
    with_verdict,
)
from core.types import ImageLabels, InstanceState, LabelClass
from gui.canvas.crop_shelf import CropShelf
from gui.dialogs.classes import ClassDialog
from gui.pages import PageSpec
from gui.session import Session
from gui.session.confidence import percent
from gui.session.news import News
from gui.session.review import Place, Review
from gui.session.shown_cards import ShownCards
from gui.texts import QT_TR_NOOP, n_images, n_instances, tr
from gui.widgets.crop_cell import CROP_PX, Cell
from gui.widgets.crop_grid import CropGrid
from gui.widgets.own_keys import keep_own_keys
from gui.widgets.review_bars import FilterBar, VerdictBar
from gui.widgets.states import state_text

_NO_PROJECT = QT_TR_NOOP(
    "No folder is open. Open a folder of images (Ctrl+O); then all its instances are here."
)
_NOTHING = QT_TR_NOOP(
    "No image has an instance yet.\n\nPre-label the images (Ctrl+Shift+R), or draw instances on the"
    " page Annotate (Alt+1). Then they are all here, the least sure ones first, to be judged many"
    " at once."
)
_NOT_LIKE_THAT = QT_TR_NOOP("No instance is like that. Choose another class or state above.")
_ALL_IN_DONE = QT_TR_NOOP(
    "Every instance like that lies in an image that is marked done. Tick “Done images too” to see"
    " them, and to judge them."
)
_SOON_MS = 300
_MARKS = {"accepted": "✓", "edited": "✎", "drawn": "✎", REJECTED: "✗"}
_UNKNOWN_COLOUR = "#9a9a9a"


class ReviewPage(QWidget):
    """Cards of the instances in a grid; keys and strokes of the mouse judge them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._review: Review | None = None
        self._shelf: CropShelf | None = None
        self._cards: ShownCards | None = None
        self._has_news = False
        """Whether there was a pre-label since the label files were read."""
        self.filter = FilterBar()
        self.grid = CropGrid(self._cell)
        self.grid.setAccessibleName(tr("Instances"))
        self.grid.setToolTip("")
        self.verdict_bar = VerdictBar()
        self.status = QLabel(wordWrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.filter)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.status)
        layout.addWidget(self.verdict_bar)
        keep_own_keys(self)
        self.setFocusProxy(self.grid)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._rebuild)
        self._connect()
        self._on_project_changed()

    def _connect(self) -> None:
        session, bar = self._session, self.verdict_bar
        session.project_changed.connect(self._on_project_changed)
        session.classes_changed.connect(self._on_classes_changed)
        News(session, self).came.connect(self._on_news)
        self.filter.changed.connect(self._rebuild)
        self.filter.again.connect(self.look_again)
        self.grid.opened.connect(self._go_to)
        self.grid.painted.connect(self._on_painted)
        self.grid.seen.connect(self._want)
        self.grid.selection_changed.connect(self._tell)
        bar.accept_button.clicked.connect(self.accept)
        bar.reject_button.clicked.connect(self.reject)
        bar.class_button.clicked.connect(self.ask_for_class)
        bar.go_button.clicked.connect(self.go_there)
        bar.back_button.clicked.connect(self.take_back)

    # While it is seen

    def showEvent(self, event: QShowEvent) -> None:
        """As Qt asks."""
        super().showEvent(event)
        cards = self._review.cards if self._review else None
        if not event.spontaneous() and cards and (self._has_news or not cards.has_begun):
            self.look_again()

    def _on_news(self) -> None:
        self._has_news = True
        if self.isVisible():
            self.look_again()

    def look_again(self) -> None:
        """Reads all label files, what needs a look most first, and orders anew."""
        if self._review is None:
            return
        self._has_news = False
        self._session.save_now()
        summaries = self._session.summaries

        def need(key: str) -> float:
            summary = summaries.get(key)
            least = summary.least_score if summary else None
            return math.inf if least is None else least

        if self._cards is not None:
            self._cards.forget_said()
        self._review.cards.look_through(sorted(self._session.keys, key=need))
        self._rebuild()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the classes; those of the actions are the window's."""
        if (class_id := _class_of_key(event, self._session.classes)) is not None:
            self.give_class(class_id)
        else:
            super().keyPressEvent(event)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What actions do while the page is in front."""
        return {
            "accept": self.accept,
            "reject": self.reject,
            "change_class": self.ask_for_class,
            "undo": self.take_back,
            "go_there": self.go_there,
        }

    # Verdicts

    def accept(self) -> None:
        """Accepts what is selected, what was rejected too."""
        self._give(tr("Accept"), self.grid.selected, accepted_or_restored, said="accepted")

    def reject(self) -> None:
        """Turns down what is selected and is a model's."""
        self._give(tr("Reject"), self.grid.selected, turned_down, said=REJECTED)

    def give_class(self, class_id: int) -> None:
        """Gives what is selected this class."""

        def change(labels: ImageLabels, ids: Collection[str]) -> ImageLabels:
            return edits.with_class_changed(labels, ids, class_id=class_id)

        self._give(tr("Change class"), self.grid.selected, change, class_id=class_id)

    def ask_for_class(self) -> None:
        """Asks which class what is selected gets."""
        if not self.grid.selected:
            self._session.told.emit(tr("Select the instances first that get another class."))
            return
        dialog = ClassDialog(self._session.classes, tr("Change class"), self.window())
        dialog.chosen.connect(self._on_class_chosen)
        dialog.open()

    def take_back(self) -> None:
        """Takes the last verdict back, in all its images."""
        if self._review is not None:
            self._review.verdicts.take_back()

    def _give(
        self,
        text: str,
        numbers: Sequence[int],
        change: Callable[[ImageLabels, Collection[str]], ImageLabels],
        *,
        said: str = "",
        class_id: int | None = None,
    ) -> None:
        if self._review is None or self._cards is None or not numbers:
            return
        with_done = self.filter.with_done.isChecked()
        cards = [card for number in numbers if (card := self._card(number)) is not None]
        left = [card for card in cards if card.is_in_done and not with_done]
        ids: dict[str, set[str]] = {}
        for card in cards:
            if with_done or not card.is_in_done:
                ids.setdefault(card.key, set()).add(card.instance_id)
                after = with_verdict(card, said) if said else with_class(card, class_id)
                if after != card:
                    self._cards.say(after)
        if left:
            self._session.told.emit(_left_sentence(left))
        if ids and not self._review.verdicts.give(
            text, ids, lambda key, labels: change(labels, ids[key]), with_done=with_done, ids=ids
        ):
            self._cards.forget_said()  # it was told why
        self._go_on_after(numbers)

    def _go_on_after(self, numbers: Sequence[int]) -> None:
        self.grid.refresh()
        if self.verdict_bar.stroke == "":
            self.grid.go_to(max(numbers) + 1)
        self._want()
        self._tell()

    def _on_painted(self, numbers: Sequence[int]) -> None:
        if self.verdict_bar.stroke == "accept":
            self._give(tr("Accept"), numbers, accepted_or_restored, said="accepted")
        elif self.verdict_bar.stroke == "reject":
            self._give(tr("Reject"), numbers, turned_down, said=REJECTED)

    def _on_class_chosen(self, name: str) -> None:
        given = self._session.class_list.add(name)
        if given is not None:
            self.give_class(given.id)

    def go_there(self) -> None:
        """Opens the image of the current instance on the canvas, where it is."""
        self._go_to(self.grid.current)

    def _go_to(self, number: int) -> None:
        card = self._card(number)
        if self._review is not None and card is not None:
            ids = () if card.state == REJECTED else (card.instance_id,)
            self._review.go_to(Place(card.key, ids, card.box_xyxy))

    # What is shown

    def _on_project_changed(self) -> None:
        if self._review is (now := self._session.review):
            self._rebuild()
            return
        if self._shelf is not None:
            self._shelf.drop()
        for of_before in (self._shelf, self._cards):
            if of_before is not None:
                of_before.deleteLater()  # else it keeps all cards of its folder
        self._review, self._shelf, self._cards = now, None, None
        if now is not None:
            side_px = round(CROP_PX * self.devicePixelRatioF())
            self._shelf = CropShelf(now, side_px=side_px, parent=self)
            self._shelf.arrived.connect(self._on_crop)
            self._cards = ShownCards(now, self)
            self._cards.arranged.connect(self._show)
            self._cards.renewed.connect(self._on_renewed)
            now.cards.arrived.connect(self._on_cards)
            now.verdicts.ended.connect(self._tell)
        self._on_classes_changed()
        if self.isVisible():
            self.look_again()

    def _on_classes_changed(self) -> None:
        self.filter.set_classes(self._session.classes)
        if self._shelf is not None:
            self._shelf.set_colours({one.id: one.colour for one in self._session.classes})
        self._rebuild()

    def _on_cards(self) -> None:
        if self._review is not None and not self._review.cards.is_looking:
            self._soon.stop()
            self._rebuild()
        elif not self._soon.isActive():
            self._soon.start()

    def _rebuild(self) -> None:
        """Chooses and orders the cards anew."""
        if self._cards is None:
            self._say_why_empty()
            self.grid.set_count(0)
        else:
            wish, order = self.filter.wish(), self.filter.order
            self._cards.arrange(wish, order, keys=self._session.keys)
        self._tell()

    def _show(self, places: Sequence[tuple[str, str]]) -> None:
        """Shows these; the current one stays the current one."""
        cards = self._cards
        if cards is None:
            return
        current = cards.card(self.grid.current)
        chosen = [card for one in self.grid.selected if (card := cards.card(one)) is not None]
        if self.grid.current == 0 and self.grid.selected == (0,):
            current, chosen = None, []  # nobody moved: the first stays the first
        cards.show(places)
        numbers = (cards.number_of(card.place) for card in chosen)
        now = cards.number_of(current.place) if current else None
        self._say_why_empty()
        self.grid.set_count(
            len(places), current=now or 0, selected=[one for one in numbers if one is not None]
        )
        self._tell()

    def _on_renewed(self, left: Sequence[tuple[str, str]] | None) -> None:
        """Label files were read again: cards stay where they are, those that are gone go."""
        if left is not None:
            self._show(left)
        else:
            self.grid.refresh()
            self._want()
            self._tell()

    def _on_crop(self, place: tuple[str, str]) -> None:
        number = self._cards.number_of(place) if self._cards else None
        if number is not None:
            self.grid.refresh((number,))

    def _want(self) -> None:
        if self._shelf is not None and self.isVisible():
            seen = self.grid.visible_places()
            ahead = range(seen.stop, min(seen.stop + len(seen), self.grid.count))
            cards = (self._card(number) for number in (*seen, *ahead))
            self._shelf.want([card for card in cards if card is not None])

    def _card(self, number: int) -> Card | None:
        return self._cards.card(number) if self._cards is not None else None

    def _cell(self, number: int) -> Cell:
        card = self._card(number)
        if card is None:
            return Cell(None, "", "", _UNKNOWN_COLOUR)
        one = next((one for one in self._session.classes if one.id == card.class_id), None)
        return _cell_of(card, one, self._shelf.pixmap(card) if self._shelf else None)

    def _say_why_empty(self) -> None:
        with_done = self.filter.with_done.isChecked()
        self.grid.set_empty_text(_why_empty(self._review, with_done=with_done))

    def _tell(self) -> None:
        n_selected = len(self.grid.selected)
        verdicts = self._review.verdicts if self._review else None
        self.verdict_bar.set_enabled(
            has_selected=n_selected > 0, can_take_back=bool(verdicts and verdicts.can_take_back)
        )
        self.status.setText(_sentence(self._review, n_shown=self.grid.count, n_selected=n_selected))


def _cell_of(card: Card, of: LabelClass | None, pixmap: QPixmap | None) -> Cell:
    name = of.name if of else tr("unknown class")
    is_rejected = card.state == REJECTED
    state = tr("rejected") if is_rejected else state_text(InstanceState(card.state))
    words = state if card.score is None else f"{state} · {percent(card.score)}"
    width, height = (card.box_xyxy[2 + axis] - card.box_xyxy[axis] for axis in (0, 1))
    size = tr("{width} x {height} pixels").format(width=f"{width:.0f}", height=f"{height:.0f}")
    where = tr("{image} (done)").format(image=card.key) if card.is_in_done else card.key
    return Cell(
        pixmap, name, words, of.colour if of else _UNKNOWN_COLOUR, _MARKS.get(card.state, ""),
        is_faint=is_rejected, tooltip=f"{where}\n{name}, {words}\n{size}",
    )  # fmt: skip


def _class_of_key(event: QKeyEvent, classes: Sequence[LabelClass]) -> int | None:
    keys = QKeySequence(event.keyCombination())
    return next((one.id for one in classes if one.key and QKeySequence(one.key) == keys), None)


def _why_empty(review: Review | None, *, with_done: bool) -> str:
    cards = review.cards if review else None
    if cards is None:
        return tr(_NO_PROJECT)
    if cards.is_looking or not cards.has_begun:
        return tr("Looking through the images…")
    if not with_done and any(one.is_in_done for one in cards.all()):
        return tr(_ALL_IN_DONE)
    return tr(_NOT_LIKE_THAT) if any(True for _ in cards.all()) else tr(_NOTHING)


def _left_sentence(left: Sequence[Card]) -> str:
    """What is said of instances that were not judged, as their images are done."""
    if len(left) == 1:
        sentence = tr(
            "{image} lies in a done image, which stays as it is. Tick “Done images too” to change"
            " it."
        )
    else:
        sentence = tr(
            "{image} and %n more lie in done images, which stay as they are. Tick “Done images too”"
            " to change them.", "", len(left) - 1,
        )  # fmt: skip
    return sentence.format(image=left[0].key)


def _sentence(review: Review | None, *, n_shown: int, n_selected: int) -> str:
    if review is None:
        return ""
    words = [n_instances(n_shown)]
    if n_selected:
        words.append(tr("%n selected", "", n_selected))
    if review.cards.is_looking:
        looked = tr("{done} of {total} images looked at")
        words.append(looked.format(done=review.cards.n_looked, total=review.cards.n_images))
    if n := review.verdicts.n_waiting:
        words.append(tr("{images} still being written").format(images=n_images(n)))
    return " · ".join(words)


PAGE = PageSpec("review", 5, ReviewPage, free_below_px=64, handlers=ReviewPage.handlers)
