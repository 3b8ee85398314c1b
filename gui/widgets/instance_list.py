"""A list of instances: what each is, how far it was looked at, and whether it is hidden or locked.

It knows nothing of documents: it shows rows, and tells what a person picks and toggles.
"""

import html
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from core.types import InstanceState
from gui.texts import tr
from gui.widgets.icons import icon_of
from gui.widgets.states import marked
from gui.widgets.swatch import swatch

_Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ID_ROLE = Qt.ItemDataRole.UserRole
_WORDS_ROLE = Qt.ItemDataRole.UserRole + 1
_ICON_ROLE = Qt.ItemDataRole.UserRole + 2
NAME, SHOWN, LOCK = range(3)
"""The columns."""
_TOGGLE_PX = 24
_ICON_PX = 16
_FAINT = 0.35
_FAINT_INK = 180


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """What the list shows of an instance."""

    id: str
    class_name: str
    colour: str
    """#rrggbb."""
    state: InstanceState
    score: float | None
    size_wh: tuple[float, float]
    """Width and height of the rectangle around it, in pixels of the image."""
    source: str = ""
    is_hidden: bool = False
    is_locked: bool = False
    is_crowd: bool = False
    note: str = ""
    """What a person wrote about it."""

    @property
    def words(self) -> str:
        """State, score, size and more: "? predicted 0.91 · 120 x 80 · crowd · note"."""
        width, height = self.size_wh
        score = "" if self.score is None else f" {self.score:.2f}"
        pieces = [f"{marked(self.state)}{score}", f"{width:.0f} x {height:.0f}"]
        pieces += [tr("crowd")] * self.is_crowd + [tr("note")] * bool(self.note)
        return " · ".join(pieces)


class InstanceList(QTreeWidget):
    """Rows of instances in the order in which they are given."""

    picked = Signal(object)
    """frozenset of the ids that a person selected here."""
    eye_clicked = Signal(str)
    """The id of the instance to hide or to show."""
    lock_clicked = Signal(str)
    """The id of the instance to lock or to unlock."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._is_following = False
        self._icons = _icons(self.palette())
        self.setAccessibleName(tr("Instances"))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setColumnCount(3)
        self.setItemDelegateForColumn(NAME, _TwoLines(self))
        header = self.header()
        header.hide()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_TOGGLE_PX)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (SHOWN, LOCK):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, _TOGGLE_PX)
        self.itemSelectionChanged.connect(self._on_selected)

    @property
    def ids(self) -> Collection[str]:
        """Those that are shown, from top to bottom."""
        return self._items.keys()

    def fill(self, rows: Iterable[InstanceRow], *, selection: Collection[str]) -> None:
        """Shows these rows and no others."""
        current = self.currentItem()
        current_id = current.data(NAME, _ID_ROLE) if current else ""
        self._is_following = True
        self.clear()
        self._items = {row.id: self._item(row) for row in rows}
        self.addTopLevelItems(list(self._items.values()))
        if current_id in self._items:
            self.setCurrentItem(self._items[current_id])
        self._is_following = False
        self.follow(selection)

    def update_rows(self, rows: Iterable[InstanceRow]) -> None:
        """Shows these rows as they are now; all of them are in the list."""
        for row in rows:
            self._describe(self._items[row.id], row)

    def follow(self, selection: Collection[str]) -> None:
        """Selects these rows, and brings the first of them into view if none of them is."""
        self._is_following = True
        for instance_id, item in self._items.items():
            if item.isSelected() != (instance_id in selection):
                item.setSelected(instance_id in selection)
        self._is_following = False
        selected = [self._items[one] for one in self._items if one in selection]
        seen = self.viewport().rect()
        if selected and not any(seen.intersects(self.visualItemRect(item)) for item in selected):
            self.scrollToItem(selected[0])

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icons"):
            self._icons = _icons(self.palette())
            for item in self._items.values():
                for column in (SHOWN, LOCK):
                    self._mark(item, column, item.data(column, _ICON_ROLE))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on an eye or a lock toggles it and leaves the selection as it is."""
        if not self._toggle(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second of two quick presses on an eye or a lock toggles it back."""
        if not self._toggle(event):
            super().mouseDoubleClickEvent(event)

    def _toggle(self, event: QMouseEvent) -> bool:
        index = self.indexAt(event.position().toPoint())
        is_left = event.button() is Qt.MouseButton.LeftButton
        if not index.isValid() or not is_left or index.column() not in (SHOWN, LOCK):
            return False
        clicked = self.eye_clicked if index.column() == SHOWN else self.lock_clicked
        clicked.emit(self._id_at(index))
        return True

    def _id_at(self, index: QModelIndex) -> str:
        return str(index.siblingAtColumn(NAME).data(_ID_ROLE))

    def _item(self, row: InstanceRow) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(NAME, _ID_ROLE, row.id)
        self._describe(item, row)
        return item

    def _describe(self, item: QTreeWidgetItem, row: InstanceRow) -> None:
        item.setText(NAME, row.class_name)
        item.setIcon(NAME, swatch(row.colour))
        item.setData(NAME, _WORDS_ROLE, row.words)
        said = f"{row.class_name}, {row.words}"
        item.setData(NAME, Qt.ItemDataRole.AccessibleTextRole, said)
        from_where = said
        if row.source:
            from_where = tr("{instance}, from {source}").format(instance=said, source=row.source)
        item.setToolTip(NAME, _tip(from_where, row.note) if row.note else from_where)
        self._mark(item, SHOWN, "hide_selected" if row.is_hidden else "show_all")
        self._mark(item, LOCK, "lock_selected" if row.is_locked else "unlock_all")
        for column, (words, tip) in ((SHOWN, _eye_words(row)), (LOCK, _lock_words(row))):
            item.setToolTip(column, tip)
            item.setData(column, Qt.ItemDataRole.AccessibleTextRole, words)

    def _mark(self, item: QTreeWidgetItem, column: int, icon: str) -> None:
        item.setIcon(column, self._icons[icon])
        item.setData(column, _ICON_ROLE, icon)

    def _on_selected(self) -> None:
        if not self._is_following:
            ids = (item.data(NAME, _ID_ROLE) for item in self.selectedItems())
            self.picked.emit(frozenset(ids))


def _eye_words(row: InstanceRow) -> tuple[str, str]:
    """What the eye of a row says, in a word and in a sentence."""
    if row.is_hidden:
        return tr("hidden"), tr("Hidden: click to show it.")
    return tr("shown"), tr("Shown: click to hide it.")


def _lock_words(row: InstanceRow) -> tuple[str, str]:
    """What the lock of a row says, in a word and in a sentence."""
    if row.is_locked:
        return tr("locked"), tr("Locked: click to unlock it.")
    return tr("free"), tr("Free: click to lock it.")


def _tip(*paragraphs: str) -> str:
    """A tooltip of these, one below the other, that wraps and shows every character as it is."""
    pieces = [html.escape(one).replace("\n", "<br>") for one in paragraphs]
    return f"<qt>{'<br><br>'.join(pieces)}</qt>"


class _TwoLines(QStyledItemDelegate):
    """The name over the words about it, which need no width of their own."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As Qt asks."""
        return QSize(120, 2 * option.fontMetrics.lineSpacing() + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """As Qt asks."""
        self.initStyleOption(option, index)
        name, icon = option.text, QIcon(option.icon)
        option.text, option.icon = "", QIcon()
        option.widget.style().drawControl(
            QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget
        )
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        ink = option.palette.color(role)
        painter.save()
        place = option.rect.adjusted(4, 3, -4, -3)
        line_px = place.height() // 2
        icon.paint(painter, QRect(place.left(), place.top(), _ICON_PX, line_px))
        place.setLeft(place.left() + _ICON_PX + 4)
        painter.setPen(ink)
        self._draw(painter, place, Qt.AlignmentFlag.AlignTop, name)
        ink.setAlpha(_FAINT_INK)
        painter.setPen(ink)
        self._draw(painter, place, Qt.AlignmentFlag.AlignBottom, str(index.data(_WORDS_ROLE)))
        painter.restore()

    def _draw(self, painter: QPainter, place: QRect, where: Qt.AlignmentFlag, text: str) -> None:
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, where | Qt.AlignmentFlag.AlignLeft, elided)


def _icons(palette: QPalette) -> Mapping[str, QIcon]:
    """Of the marks; what is not marked is there to be clicked, but faint."""
    strong = {name: icon_of(name, palette) for name in ("hide_selected", "lock_selected")}
    faint = {name: _faded(icon_of(name, palette)) for name in ("show_all", "unlock_all")}
    return strong | faint


def _faded(icon: QIcon) -> QIcon:
    faded = QIcon()
    for times in (1, 1.25, 1.5, 2, 3):  # of the screen's scales: Qt makes icons smaller, not larger
        side = round(_ICON_PX * times)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            faint = QPixmap(side, side)
            faint.fill(Qt.GlobalColor.transparent)
            painter = QPainter(faint)
            painter.setOpacity(_FAINT)
            painter.drawPixmap(0, 0, icon.pixmap(QSize(side, side), 1.0, mode))
            painter.end()
            faded.addPixmap(faint, mode)
    return faded
