"""Doubts: what looks wrong in the labels of all images, each one click from its place."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.doubts import WAYS_OUT, Doubt, DoubtKind, mended
from gui.panels import PanelSpec
from gui.runs import Run
from gui.session import Session
from gui.session.batch_run import Batch
from gui.session.doubt_finder import DoubtFinder
from gui.session.news import News
from gui.session.review import Place
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.doubt_list import KIND_WORDS, DoubtList, DoubtModel
from gui.widgets.notices import Notice
from gui.widgets.wrapped import WrappedLabel

_SOON_MS = 200
_NOT_LOOKED = QT_TR_NOOP(
    "Labels can be held against what a model saw, and looked through for slips of the hand. Press"
    " Look through; after a pre-label of many images and after an evaluation it happens by itself."
)
_NO_MODEL = QT_TR_NOOP(
    "No image was pre-labelled, so there was nothing to hold the labels against: pre-label the"
    " images (Ctrl+Shift+R) to have missed objects, wrong classes and loose borders found too."
)
_RANK = {kind: place for place, kind in enumerate(DoubtKind)}


class DoubtsPanel(QWidget):
    """A list of doubts, and what can be done about them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._finder: DoubtFinder | None = None
        self._is_refreshing = False
        self._is_after_run = False
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(tr("Kind of doubt"))
        self.kinds.setToolTip(tr("List the doubts of one kind, or all of them."))
        self.kinds.addItem(tr("All doubts"), None)
        for kind, words in KIND_WORDS.items():
            self.kinds.addItem(tr(words), kind)
        self.look_button = _button(
            tr("Look through"), tr("Look through the labels of all images now.")
        )
        self.model = DoubtModel(self)
        self.list = DoubtList(self.model)
        self.list.setToolTip(tr("A click goes there; the arrows go from one to the next."))
        self.words = WrappedLabel()
        self.mend_button = _button(tr("Mend"), tr("Take the nearest way out, which is said above."))
        self.dismiss_button = _button(
            tr("Dismiss"),
            tr("These are right as they are: list them no more, in later rounds too. (Del)"),
        )
        self.back_button = _button(tr("Bring back"), tr("List again what was dismissed last."))
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._refresh)
        self._connect()
        self._on_project_changed()

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setSpacing(4)
        above.addWidget(self.kinds, 1)
        above.addWidget(self.look_button)
        below.addWidget(self.mend_button)
        below.addWidget(self.dismiss_button)
        below.addWidget(self.back_button)
        below.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(above)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.words)
        layout.addLayout(below)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project_changed)
        session.classes_changed.connect(self._soon.start)
        News(session, self).came.connect(self._on_news)
        self.kinds.currentIndexChanged.connect(lambda _: self._refresh())
        self.look_button.clicked.connect(self.look)
        self.list.clicked.connect(lambda index: self._go_to(index.row()))
        self.list.activated.connect(lambda index: self._go_to(index.row()))
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._update())
        self.list.deleted.connect(self.dismiss)
        self.mend_button.clicked.connect(self.mend)
        self.dismiss_button.clicked.connect(self.dismiss)
        self.back_button.clicked.connect(self._bring_back)

    def look(self) -> None:
        """Looks through all images."""
        if self._finder is not None:
            self._session.save_now()
            self._finder.look_through(tuple(self._session.keys))

    def dismiss(self) -> None:
        """Lets the selected doubts be doubted no more."""
        if self._finder is not None:
            self._finder.dismiss(self.selected)

    def mend(self) -> None:
        """Takes the nearest way out of the selected doubts, in all their images."""
        by_key: dict[str, list[Doubt]] = {}
        for doubt in self.selected:
            by_key.setdefault(doubt.key, []).append(doubt)
        if self._session.review is not None and by_key:
            # each was picked by hand, and most are in images that are done
            self._session.review.verdicts.give(
                tr("Mend"), tuple(by_key), lambda key, labels: mended(labels, by_key[key]),
                with_done=True,
            )  # fmt: skip

    @property
    def selected(self) -> tuple[Doubt, ...]:
        """The doubts that are selected, from top to bottom."""
        rows = sorted(index.row() for index in self.list.selectedIndexes())
        return tuple(self.model.doubts[row] for row in rows)

    def _bring_back(self) -> None:
        if self._finder is not None:
            self._finder.bring_back()

    def _on_project_changed(self) -> None:
        review = self._session.review
        now = review.doubts if review else None
        if self._finder is not now:
            self._finder = now
            if now is not None:
                now.changed.connect(self._on_changed)
                now.wanted.connect(self._on_wanted)
                now.looked_through.connect(self._on_looked_through)
        self._refresh()

    def _on_news(self, run: Run) -> None:
        if not isinstance(run, Batch) or run.n_images > 1:
            self._is_after_run = True
            self.look()

    def _on_looked_through(self) -> None:
        """After a run nobody asked for it: what was found is told."""
        self._soon.stop()
        self._refresh()
        is_told, self._is_after_run = self._is_after_run, False
        n = len(self._finder.all()) if self._finder else 0
        if is_told and n and self.visibleRegion().isEmpty():
            look = (
                tr("1 place in the labels looks wrong.")
                if n == 1
                else tr("%n places look wrong.", "", n)
            )
            answers = ((tr("Show the doubts"), self._show_dock),)
            self._session.asked.emit(Notice(look, answers, topic="doubts"))

    def _on_wanted(self) -> None:
        self._show_dock()
        self.look()

    def _show_dock(self) -> None:
        dock = self.parentWidget()
        if isinstance(dock, QDockWidget):
            dock.show()
            dock.raise_()
        (self.list if self.list.isVisible() else self.look_button).setFocus()

    def _on_changed(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _refresh(self) -> None:
        finder = self._finder
        found = finder.all() if finder else ()
        for place in range(self.kinds.count()):
            kind = self.kinds.itemData(place)
            n = sum(1 for one in found if kind in (None, one.kind))
            words = tr(KIND_WORDS[DoubtKind(kind)]) if kind else tr("All doubts")
            self.kinds.setItemText(
                place, f"{words} ({n})" if finder and finder.has_looked else words
            )
        wanted = self.kinds.currentData()
        places = {key: place for place, key in enumerate(self._session.keys)}
        doubts = sorted(
            (one for one in found if wanted in (None, one.kind)),
            key=lambda one: (_RANK[one.kind], places.get(one.key, len(places))),
        )
        self._show(doubts)
        self._update()

    def _show(self, doubts: list[Doubt]) -> None:
        if tuple(doubts) == self.model.doubts:
            return
        row = self.list.currentIndex().row()
        before = self.model.doubts[row] if row >= 0 else None
        self._is_refreshing = True
        colours = {one.id: one.colour for one in self._session.classes}
        self.model.show_doubts(doubts, colours)
        if before is not None and doubts:
            # what took the place of one that is mended or dismissed is the next to look at
            again = doubts.index(before) if before in doubts else min(row, len(doubts) - 1)
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(self.model.index(again), flag)
        self._is_refreshing = False

    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid() and not self._is_refreshing:
            self._go_to(current.row())

    def _go_to(self, row: int) -> None:
        if self._session.review is not None and 0 <= row < len(self.model.doubts):
            doubt = self.model.doubts[row]
            self._session.review.go_to(Place(doubt.key, doubt.ids, doubt.box_xyxy))

    def _update(self) -> None:
        finder = self._finder
        self.look_button.setEnabled(finder is not None and not finder.is_looking)
        for button in (self.mend_button, self.dismiss_button):
            button.setEnabled(bool(self.list.selectedIndexes()))
        self.back_button.setEnabled(finder is not None and finder.can_bring_back)
        chosen = self.selected
        self.words.setText(_words(finder, len(self.model.doubts)) or _sentence(chosen))
        self.list.setVisible(bool(self.model.doubts))
        self.words.setVisible(bool(self.words.text()))


def _words(finder: DoubtFinder | None, n_shown: int) -> str:
    if finder is None:
        return tr("Open a folder first.")
    if finder.is_looking:
        return tr("{looked} of {images} looked at…").format(
            looked=finder.n_looked, images=n_images(finder.n_images)
        )
    if not finder.has_looked:
        return tr(_NOT_LOOKED)
    if n_shown:
        return ""
    words = tr("Nothing of this kind looks wrong.")
    return words if finder.n_predicted else f"{words} {tr(_NO_MODEL)}"


def _sentence(chosen: tuple[Doubt, ...]) -> str:
    """What the rows cut off."""
    if len(chosen) != 1:
        return ""
    way_out = tr("Mend {way_out}.").format(way_out=WAYS_OUT[chosen[0].kind])
    return f"{chosen[0].sentence} {way_out}"


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    return button


PANEL = PanelSpec(
    "doubts", QT_TR_NOOP("Doubts"), Qt.DockWidgetArea.LeftDockWidgetArea, 2, DoubtsPanel,
    is_open_at_first=False,
)  # fmt: skip
