"""The list of all weights: runs of the folder, files, published ones; sorted within each group."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from core.weights import PublishedWeights, licence_in_short
from gui.session.run_list import RunInfo
from gui.session.weights import WeightsChoice, weights_name
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.words import ap_text, size_text

_CHOICE = Qt.ItemDataRole.UserRole
_IS_FILE = Qt.ItemDataRole.UserRole + 1
_NUMBER = Qt.ItemDataRole.UserRole + 2
"""What a column of numbers is sorted by."""
_COLUMNS = (
    QT_TR_NOOP("Weights"),
    QT_TR_NOOP("Mask AP"),
    QT_TR_NOOP("Box AP"),
    QT_TR_NOOP("Size"),
    QT_TR_NOOP("Licence"),
    QT_TR_NOOP("Where"),
)
_MASK_AP, _BOX_AP, _SIZE = 1, 2, 3
_OF_NUMBERS = (_MASK_AP, _BOX_AP, _SIZE)
_LICENCE = 4
_ROOM = QSize(16, 6)
"""Around each text, in px."""
_LIKE_NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TIPS = {
    _MASK_AP: QT_TR_NOOP(
        "How well outlines are found, in percent: of published weights on COCO val2017, of runs on"
        " the val images of this folder."
    ),
    _BOX_AP: QT_TR_NOOP("How well boxes are found, in percent, measured as the mask AP."),
}


class WeightsList(QTreeWidget):
    """A row for each; the head of a column sorts every group by it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None
        self.setAccessibleName(tr("Weights"))
        self.setHeaderLabels([tr(text) for text in _COLUMNS])
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(12)
        self.setUniformRowHeights(True)
        self.setItemDelegate(_WithRoom(self))
        self.of_runs = self._group(tr("Runs of this folder"))
        self.of_files = self._group(tr("Files"))
        self.of_outlines = self._group(tr("Published, for outlines"))
        self.of_boxes = self._group(tr("Published, for boxes alone"))
        self._prepare_header()

    def add_run(self, run: RunInfo) -> None:
        """A row for what a run trained; one for its file goes."""
        weights = str(run.folder.best_weights)
        if (file := self.item_of(weights)) is not None:
            self.of_files.removeChild(file)
        after = run.evaluation.get("after") or {}
        box, mask = ((after.get(kind) or {}).get("AP") for kind in ("bbox", "segm"))
        n_bytes = run.folder.best_weights.stat().st_size
        row = _Row(
            [
                tr("Run of {when}").format(when=run.when),
                ap_text(mask), ap_text(box), size_text(n_bytes), "", tr("here"),
            ],
            (mask, box, n_bytes),
        )  # fmt: skip
        row.setToolTip(0, weights)
        self._add(self.of_runs, row, WeightsChoice(weights))

    def add_published(self, one: PublishedWeights) -> None:
        """A row for weights that can be fetched by name."""
        where = tr("here") if one.is_here else tr("downloaded at first use")
        row = _Row(
            [
                one.short_title,
                ap_text(one.mask_ap), ap_text(one.box_ap), size_text(one.n_bytes),
                licence_in_short(one.licence), where,
            ],
            (one.mask_ap, one.box_ap, one.n_bytes),
        )  # fmt: skip
        row.setToolTip(
            0,
            tr("{name}: {title}. Licence of the weights: {licence}.").format(
                name=one.name, title=one.title, licence=one.licence
            ),
        )
        group = self.of_boxes if one.mask_ap is None else self.of_outlines
        self._add(group, row, WeightsChoice(one.name))

    def add_file(self, choice: WeightsChoice) -> QTreeWidgetItem:
        """A row for a file of weights."""
        path = Path(choice.weights)
        is_here = path.is_file()
        n_bytes = path.stat().st_size if is_here else None
        size = "" if n_bytes is None else size_text(n_bytes)
        where = "" if is_here else tr("not there any more")
        name = weights_name(choice.weights)
        row = _Row([name, "", "", size, "", where], (None, None, n_bytes))
        row.setToolTip(0, choice.weights)
        row.setData(0, _IS_FILE, True)
        return self._add(self.of_files, row, choice)

    def choice_of(self, item: QTreeWidgetItem | None) -> WeightsChoice | None:
        """The weights of a row; None where it is none."""
        value = item.data(0, _CHOICE) if item is not None else None
        return value if isinstance(value, WeightsChoice) else None

    def is_file(self, item: QTreeWidgetItem | None) -> bool:
        """Whether a row is a file, of which a person may say more."""
        return item is not None and bool(item.data(0, _IS_FILE))

    def set_choice(self, item: QTreeWidgetItem, choice: WeightsChoice) -> None:
        """Keeps what a person said of a file."""
        item.setData(0, _CHOICE, choice)

    def item_of(self, weights: str) -> QTreeWidgetItem | None:
        """The row of these weights."""
        for group in self._groups():
            for place in range(group.childCount()):
                choice = self.choice_of(group.child(place))
                if choice is not None and choice.weights == weights:
                    return group.child(place)
        return None

    def hide_empty_groups(self) -> None:
        """Shows the heads of those groups that have rows."""
        for group in self._groups():
            group.setHidden(group.childCount() == 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As Qt asks; the chosen row stays where it can be seen."""
        super().resizeEvent(event)
        if (item := self.currentItem()) is not None:
            self.scrollToItem(item)

    def _groups(self) -> Iterator[QTreeWidgetItem]:
        yield from (self.of_runs, self.of_files, self.of_outlines, self.of_boxes)

    def _group(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        self.addTopLevelItem(item)
        item.setExpanded(True)
        item.setFirstColumnSpanned(True)
        item.setHidden(True)
        return item

    def _add(
        self, group: QTreeWidgetItem, row: QTreeWidgetItem, choice: WeightsChoice
    ) -> QTreeWidgetItem:
        row.setData(0, _CHOICE, choice)
        group.addChild(row)
        group.setHidden(False)
        return row

    def _prepare_header(self) -> None:
        header, head = self.header(), self.headerItem()
        for column, tip in _TIPS.items():
            head.setToolTip(column, tr(tip))
        for column in _OF_NUMBERS:
            head.setTextAlignment(column, _LIKE_NUMBERS)
        head.setTextAlignment(_LICENCE, Qt.AlignmentFlag.AlignCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._on_head_clicked)

    def _on_head_clicked(self, column: int) -> None:
        """Sorts by the column, numbers from the best on; the other way round the next time."""
        header = self.header()
        first, other = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        if column in (_MASK_AP, _BOX_AP):
            first, other = other, first
        order = other if self._sorted_by == (column, first) else first
        self._sorted_by = (column, order)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(column, order)
        for group in self._groups():
            group.sortChildren(column, order)


class _WithRoom(QStyledItemDelegate):
    """Rows and columns that do not stand too close."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """As Qt asks."""
        return super().sizeHint(option, index) + _ROOM


class _Row(QTreeWidgetItem):
    """A row whose numbers are sorted as numbers; what has none comes before the least."""

    def __init__(
        self, texts: list[str], numbers: tuple[float | None, float | None, float | None]
    ) -> None:
        super().__init__(texts)
        for column, number in zip(_OF_NUMBERS, numbers, strict=True):
            self.setData(column, _NUMBER, -1.0 if number is None else float(number))
            self.setTextAlignment(column, _LIKE_NUMBERS)
        self.setTextAlignment(_LICENCE, Qt.AlignmentFlag.AlignCenter)

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        tree = self.treeWidget()
        column = tree.sortColumn() if tree is not None else 0
        if column in _OF_NUMBERS:
            return bool(self.data(column, _NUMBER) < other.data(column, _NUMBER))
        return self.text(column).casefold() < other.text(column).casefold()
