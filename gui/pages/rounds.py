"""The page to compare rounds: old model, new model and labels on one image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from core.errors import AppError
from core.geometry import bounds_of
from core.images import read_image
from core.rounds import Difference, Kind, with_outline_taken
from core.types import ImageLabels
from gui.canvas.picture import Picture, picture_of
from gui.canvas.round_panes import RoundPanes
from gui.pages import PageSpec
from gui.runs import ThreadRun
from gui.session import Session
from gui.session.news import News
from gui.session.review import Place, Review
from gui.session.rounds import Compared, Pair, RoundRow, Rule, compared, rows_of, with_rule
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.compare_bars import AcceptBar, PairBar
from gui.widgets.held_key import HeldKey
from gui.widgets.own_keys import keep_own_keys
from gui.widgets.round_lists import DifferenceTable, RoundImages, counts_text

_NO_PROJECT = QT_TR_NOOP("No folder is open. Open a folder of images (Ctrl+O) first.")
_NO_ROUND = QT_TR_NOOP(
    "No image was seen by two models yet.\n\nPre-label the images (Ctrl+Shift+R), correct some,"
    " fine-tune (Ctrl+T), and pre-label again with the new weights. Then this page shows what each"
    " round brought: what is new, better, worse and gone."
)
_ACCEPT_ALL = {
    Kind.NEW: QT_TR_NOOP("Accept all new"),
    Kind.BETTER: QT_TR_NOOP("Accept all better"),
}
"""What the rules are called."""
_HELD_MS = 350
"""A key that is held so long shows the other model only until it is let go."""
_SOON_MS = 300


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    key: str
    picture: Picture | None
    found: Compared | None


class RoundsPage(QWidget):
    """Images on the left, views in the middle, what differs on the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._review: Review | None = None
        self._rows: dict[str, RoundRow] = {}
        self._looking: ThreadRun | None = None
        self._opening: ThreadRun | None = None
        self._compared: Compared | None = None
        self._has_looked = False
        self._flicker_action: QAction | None = None
        self.pair_bar = PairBar()
        self.images = RoundImages()
        self.table = DifferenceTable()
        self.accept_bar = AcceptBar()
        self.words = QLabel(wordWrap=True)
        self.empty = QLabel(tr(_NO_PROJECT), wordWrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.panes = RoundPanes()
        self._lay_out()
        self._held = HeldKey(self, least_ms=_HELD_MS)
        keep_own_keys(self)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._list)
        self._connect()
        self._on_project_changed()

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addWidget(self.table, 1)
        column.addWidget(self.accept_bar)
        inside = QSplitter(Qt.Orientation.Horizontal)
        inside.setChildrenCollapsible(False)
        for place, widget in enumerate((self.images, self.panes, side)):
            inside.addWidget(widget)
            inside.setStretchFactor(place, int(widget is self.panes))
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.pair_bar)
        layout.addLayout(self._stack, 1)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        session, bar = self._session, self.accept_bar
        session.project_changed.connect(self._on_project_changed)
        session.image_changed.connect(self._on_image_changed)
        News(session, self).came.connect(self._on_news)
        self.pair_bar.changed.connect(self.look_again)
        self.pair_bar.mode_changed.connect(lambda: self.panes.set_flicker(self.pair_bar.is_flicker))
        self.images.picked.connect(self._open)
        self.table.picked.connect(self._on_picked)
        bar.accept_button.clicked.connect(self.accept)
        bar.new_button.clicked.connect(lambda: self.accept_all(Kind.NEW))
        bar.better_button.clicked.connect(lambda: self.accept_all(Kind.BETTER))
        bar.back_button.clicked.connect(self.take_back)
        bar.go_button.clicked.connect(self.go_there)
        self._held.let_go.connect(self.panes.swap)

    # While it is seen

    def showEvent(self, event: QShowEvent) -> None:
        """As Qt asks."""
        super().showEvent(event)
        self._follow_key()
        if not event.spontaneous() and not self._has_looked:
            self.look_again()

    def _on_news(self) -> None:
        self._has_looked = False
        if self.isVisible():
            self.look_again()

    def look_again(self) -> None:
        """Finds the images that both models have seen."""
        project, review = self._session.project, self._review
        if project is None or review is None or self._looking is None:
            return
        self._has_looked = True
        self._session.save_now()
        self._rows.clear()
        keys, pair = tuple(self._session.keys), self._pair
        store = review.store
        self._looking.start(project, store, keys, pair)
        self._list()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What actions do while the page is in front."""
        return {
            "accept": self.accept,
            "undo": self.take_back,
            "go_there": self.go_there,
            "flicker": self.flicker,
        }

    def _follow_key(self) -> None:
        """Lets the view that flickers say the key that does it, which a person may change."""
        action = None if self._flicker_action else self.window().findChild(QAction, "flicker")
        if action is not None:
            self._flicker_action = action
            action.changed.connect(self._tell_key)
            self._tell_key()

    def _tell_key(self) -> None:
        if self._flicker_action is not None:
            keys = self._flicker_action.shortcut()
            self.panes.set_flicker_key(keys.toString(QKeySequence.SequenceFormat.NativeText))

    def flicker(self) -> None:
        """Shows the other model in the one view; two views become one by it. A key that is held
        does it only until it is let go."""
        self._held.begin()
        if not self.pair_bar.is_flicker:
            self.pair_bar.set_flicker()
        self.panes.swap()

    # Accepting

    def accept(self) -> None:
        """Accepts what the new model says of the selected objects."""
        found, chosen = self._compared, self.table.selected
        if self._review is None or found is None or not chosen:
            return
        if found.is_done:
            sentence = tr("{image} is done, so nothing changes in it.")
            self._session.told.emit(sentence.format(image=found.key))
            return

        def change(_key: str, labels: ImageLabels) -> ImageLabels:
            for one in chosen:
                labels = with_outline_taken(labels, one)
            return labels

        self._review.verdicts.give(tr("Accept"), (found.key,), change)

    def accept_all(self, kind: Kind) -> None:
        """Accepts by rule, here or in all images of the list; what a person made stays."""
        project, review = self._session.project, self._review
        if project is None or review is None or self._compared is None:
            return
        rule = Rule(kind, self.accept_bar.least_score if kind is Kind.NEW else 0.0)
        pair, store = self._pair, review.store
        keys = list(self._rows) if self.accept_bar.is_for_all else [self._compared.key]
        review.verdicts.give(
            tr(_ACCEPT_ALL[kind]), keys,
            lambda key, labels: with_rule(project, store, key, labels, pair=pair, rule=rule),
            tells=True,
        )  # fmt: skip

    def take_back(self) -> None:
        """Takes the last verdict back, in all its images."""
        if self._review is not None:
            self._review.verdicts.take_back()

    def go_there(self) -> None:
        """Opens the image on the canvas, at the current object."""
        chosen = self.table.selected
        if self._review is not None and self._compared is not None and chosen:
            box = bounds_of(chosen[0].instance.parts)
            self._review.go_to(Place(self._compared.key, (), box))

    # What is shown

    @property
    def _pair(self) -> Pair:
        bar = self.pair_bar
        return Pair(bar.old.currentData(), bar.new.currentData(), bar.score.value() / 100)

    def _on_project_changed(self) -> None:
        if self._review is (now := self._session.review):
            return
        self._review, self._has_looked, self._compared = now, False, None
        self._rows.clear()
        self.images.clear()
        if now is not None:
            self._looking = now.reading(rows_of, parent=self)
            self._looking.reported.connect(self._on_row)
            self._looking.ended.connect(lambda _: self._list())
            self._opening = now.reading(self._opened, parent=self)
            self._opening.reported.connect(self._on_opened)
            now.verdicts.ended.connect(self._tell)
            now.left.connect(self._on_left)
        if self.isVisible():
            self.look_again()
        self._list()

    def _on_left(self) -> None:
        for run in (self._looking, self._opening):
            if run is not None:
                run.drop()  # what is on its way is of images that another folder has not
                run.deleteLater()
        self._looking = self._opening = None

    def _on_row(self, row: RoundRow | int) -> None:
        if isinstance(row, RoundRow):
            self._rows[row.key] = row
            if not self._soon.isActive():
                self._soon.start()

    def _list(self) -> None:
        rows = sorted(self._rows.values(), key=lambda one: -one.n_different)
        self.pair_bar.offer({one for row in rows for one in row.weights})
        self.images.show_rows([(one.key, counts_text(one.counts)) for one in rows])
        self._stack.setCurrentIndex(1 if rows else 0)
        is_looking = self._looking is not None and self._looking.is_going
        looking = tr("Looking for images that two models have seen…")
        words = looking if is_looking else tr(_NO_ROUND)
        self.empty.setText(words if self._review else tr(_NO_PROJECT))
        self._tell()

    def _on_image_changed(self, key: str) -> None:
        if self._compared is not None and key == self._compared.key:
            self._open(key)

    def _open(self, key: str) -> None:
        if self._opening is not None and self._review is not None:
            self._opening.start(self._review, key, self._pair)

    def _opened(self, review: Review, key: str, pair: Pair) -> _Opened:
        """Called in a thread."""
        try:
            labels = review.project.read(key).labels
            picture = picture_of(read_image(review.project.image_path(key)))
        except AppError:
            return _Opened(key, None, None)
        return _Opened(key, picture, compared(review.project, review.store, key, labels, pair))

    def _on_opened(self, opened: _Opened) -> None:
        is_same = self._compared is not None and self._compared.key == opened.key
        self._compared = opened.found
        self.panes.set_colours({one.id: one.colour for one in self._session.classes})
        if not is_same:
            self.panes.show_picture(opened.picture)
        if opened.found is not None:
            self.images.set_words(opened.key, counts_text(opened.found.counts))
        if opened.found is not None:
            self.panes.show_sides(opened.found, least_score=self._pair.least_score)
        found = opened.found.found if opened.found else ()
        self.table.show_differences(found, self._session.classes)
        self._tell()

    def _on_picked(self) -> None:
        chosen = self.table.selected
        self.panes.show_difference(chosen[0] if chosen else None)
        self._tell()

    def _tell(self) -> None:
        found, chosen = self._compared, self.table.selected
        verdicts = self._review.verdicts if self._review else None
        self.accept_bar.set_enabled(
            is_open=found is not None and not found.is_done,
            has_selected=bool(chosen),
            can_take_back=verdicts is not None and verdicts.can_take_back,
        )
        self.words.setText(_words(found, chosen, len(self._rows)))


def _words(found: Compared | None, chosen: Sequence[Difference], n_seen: int) -> str:
    if found is None:
        return ""
    if found.is_done:
        return tr("This image is done, so nothing is accepted into it; it is only looked at.")
    if len(chosen) == 1 and chosen[0].label is not None:
        return tr("You have a label for this. Accept takes the new model's outline in its place.")
    return tr("{images} seen by both models.").format(images=n_images(n_seen))


PAGE = PageSpec("rounds", 6, RoundsPage, free_below_px=64, handlers=RoundsPage.handlers)
