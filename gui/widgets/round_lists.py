"""The lists of the Rounds page: images that two models have seen, and what differs in one."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
)

from core.rounds import Difference, Kind
from core.types import LabelClass
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.swatch import swatch

_KIND_WORDS = {
    Kind.NEW: QT_TR_NOOP("new"),
    Kind.BETTER: QT_TR_NOOP("better"),
    Kind.WORSE: QT_TR_NOOP("worse"),
    Kind.GONE: QT_TR_NOOP("gone"),
    Kind.SAME: QT_TR_NOOP("the same"),
}
_SIGNS = {Kind.NEW: "+", Kind.BETTER: "▲", Kind.WORSE: "▼", Kind.GONE: "✗", Kind.SAME: "="}
_KEY_ROLE = Qt.ItemDataRole.UserRole
_LETTERS = 48
"""Of the table: so many fit into a row of it."""
_MOST_ROWS = 5000
"""Of images: a list that nobody reads to its end need not be longer."""


def counts_text(counts: Mapping[Kind, int]) -> str:
    """How many of each kind: "3 new · 1 gone"."""
    there = [_count_text(kind, n) for kind in _KIND_WORDS if (n := counts.get(kind))]
    return " · ".join(there) or tr("nothing seen")


def _count_text(kind: Kind, n: int) -> str:
    texts = {
        Kind.NEW: tr("%n new", "", n),
        Kind.BETTER: tr("%n better", "", n),
        Kind.WORSE: tr("%n worse", "", n),
        Kind.GONE: tr("%n gone", "", n),
        Kind.SAME: tr("%n the same", "", n),
    }
    return texts[kind]


class RoundImages(QListWidget):
    """Images with what differs in them, the most at first."""

    picked = Signal(str)
    """The key of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Images that both models have seen"))
        self.setToolTip(tr("Images that both models have seen, those that differ most first."))
        self.setUniformItemSizes(True)
        self.setSpacing(2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(self._on_current_changed)
        self._is_filling = False

    @property
    def current_key(self) -> str:
        """The key of the current image, or empty."""
        item = self.currentItem()
        return str(item.data(_KEY_ROLE)) if item is not None else ""

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Shows keys, each with a line of words below it; the current one stays."""
        before = self.current_key
        self._is_filling = True
        self.clear()
        for key, words in rows[:_MOST_ROWS]:
            item = QListWidgetItem(f"{key}\n{words}")
            item.setData(_KEY_ROLE, key)
            item.setToolTip(f"{key}: {words}")
            self.addItem(item)
            if key == before:
                self.setCurrentItem(item)
        self._is_filling = False
        if not self.current_key and self.count():
            self.setCurrentRow(0)

    def set_words(self, key: str, words: str) -> None:
        """Says something else below a key."""
        for row in range(self.count()):
            item = self.item(row)
            if item.data(_KEY_ROLE) == key:
                item.setText(f"{key}\n{words}")
                item.setToolTip(f"{key}: {words}")

    def _on_current_changed(self, *_: object) -> None:
        if not self._is_filling and self.current_key:
            self.picked.emit(self.current_key)


class DifferenceTable(QTableWidget):
    """The objects of an image as two models see them."""

    picked = Signal()

    def __init__(self) -> None:
        super().__init__(0, 4)
        self.setHorizontalHeaderLabels(["", tr("Class"), tr("Old"), tr("New")])
        self.setAccessibleName(tr("Differences"))
        self.setToolTip(
            tr(
                "What each model gives of an object: IoU to the label where there is one, else its"
                " score. The current one is shown."
            )
        )
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setMinimumWidth(_LETTERS * self.fontMetrics().averageCharWidth())
        self._shown: tuple[Difference, ...] = ()
        self.itemSelectionChanged.connect(self.picked)

    @property
    def shown(self) -> tuple[Difference, ...]:
        """From top to bottom."""
        return self._shown

    @property
    def selected(self) -> tuple[Difference, ...]:
        """Those that are selected, from top to bottom."""
        rows = sorted({index.row() for index in self.selectedIndexes()})
        return tuple(self._shown[row] for row in rows)

    def show_differences(self, found: Sequence[Difference], classes: Sequence[LabelClass]) -> None:
        """Shows these; what is the same comes last."""
        kinds = tuple(_KIND_WORDS)
        row = self.currentRow()
        self._shown = tuple(sorted(found, key=lambda one: kinds.index(one.kind)))
        by_id = {one.id: one for one in classes}
        self.blockSignals(True)
        self.clearContents()
        self.setRowCount(len(self._shown))
        for place, one in enumerate(self._shown):
            of = by_id.get(one.instance.class_id)
            cells = (f"{_SIGNS[one.kind]} {tr(_KIND_WORDS[one.kind])}", of.name if of else "?",
                     _side(one, is_new=False), _side(one, is_new=True))  # fmt: skip
            items = [QTableWidgetItem(text) for text in cells]
            if of is not None:
                items[1].setIcon(swatch(of.colour))
            for column, item in enumerate(items):
                self.setItem(place, column, item)
        self.blockSignals(False)
        if self._shown:
            self.selectRow(min(max(row, 0), len(self._shown) - 1))
        self.picked.emit()


def _side(one: Difference, *, is_new: bool) -> str:
    instance, iou = (one.new, one.new_iou) if is_new else (one.old, one.old_iou)
    if instance is None:
        return tr("not seen")
    if iou is not None:
        return f"IoU {iou:.2f}"
    return "" if instance.score is None else f"{instance.score * 100:.0f} %"
