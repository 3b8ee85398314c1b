"""The list of images: a table model that fills while a folder is scanned, and how a row looks.

What a row shows beside its name is asked for when it is painted (`wanted`) and given by `fill`.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.query import Query, finds_path
from core.types import ImageState
from gui.texts import tr
from gui.widgets.states import image_state_text

THUMBNAIL_PX = 44
_ROW_PX = 52
_MARK_PX = 12
_KEPT = 600  # rows in memory: a few screens of them, 5 MB of thumbnails
_MOST_WANTED = 60  # rows asked for at once: what was scrolled past is asked for when it is back
_A_SCREEN = 20  # rows: those around the one that was looked at last are filled from the top

_Index: TypeAlias = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_CONTENT_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True, eq=False)
class RowContent:
    """What a row shows beside its name."""

    thumbnail: QImage | None
    """None where the image cannot be read."""
    state: ImageState
    n_predicted: int
    """Instances that nobody looked at."""

    @property
    def words(self) -> str:
        """The state, in words."""
        if self.thumbnail is None:
            return tr("cannot be read")
        state = image_state_text(self.state)
        if self.n_predicted:
            to_review = tr("%n to review", "", self.n_predicted)
            is_new = self.state is ImageState.UNTOUCHED
            return to_review if is_new else f"{state} · {to_review}"
        return state


class ImageListModel(QAbstractTableModel):
    """The keys of a project's images that match a search, one a row."""

    wanted = Signal()
    """Rows were looked at whose content is not here; see take_wanted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[str] = []
        self._shown: list[str] = []
        self._rows: dict[str, int] = {}
        self._search = Query()
        self._contents: OrderedDict[str, tuple[RowContent, QPixmap | None]] = OrderedDict()
        self._wanted: dict[str, None] = {}

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """As Qt asks."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """As Qt asks."""
        return 0 if parent.isValid() else 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks; the content of a row is asked for by what paints it."""
        key = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return key
        if role == Qt.ItemDataRole.ToolTipRole or role == Qt.ItemDataRole.AccessibleTextRole:
            known = self._contents.get(key)
            return f"{key} ({known[0].words})" if known else key
        if role == _CONTENT_ROLE:
            return self._content(key)
        return None

    @property
    def shown_keys(self) -> Sequence[str]:
        """The keys that are shown, in their order."""
        return tuple(self._shown)

    @property
    def unreadable_keys(self) -> frozenset[str]:
        """Those of the rows looked at lately whose image cannot be read."""
        return frozenset(key for key, known in self._contents.items() if known[0].thumbnail is None)

    def key_at(self, row: int) -> str:
        """The key in a row.

        Raises:
            IndexError: there is no such row.
        """
        return self._shown[row]

    def row_of(self, key: str) -> int:
        """The row of a key, -1 where it is not shown."""
        return self._rows.get(key, -1)

    def add_keys(self, keys: Sequence[str]) -> None:
        """Appends images, while a folder is being scanned."""
        self._all.extend(keys)
        fitting = self._fitting(keys)
        if fitting:
            first = len(self._shown)
            self.beginInsertRows(_NO_PARENT, first, first + len(fitting) - 1)
            self._shown.extend(fitting)
            self._rows.update((key, first + i) for i, key in enumerate(fitting))
            self.endInsertRows()

    def set_keys(self, keys: Iterable[str]) -> None:
        """Shows these images, in their order."""
        self._all = list(keys)
        self._filter()

    def know_keys(self, keys: Iterable[str]) -> None:
        """Takes these as the images; what is shown stays until `arrange` or a search."""
        self._all = list(keys)

    def set_search(self, query: Query) -> None:
        """Shows only the images whose path has the query's words in it."""
        self._search = query
        self._filter()

    def arrange(self, shown: Sequence[str]) -> None:
        """Shows these of the images in this order, until the next search or other images."""
        if list(shown) != self._shown:
            self._show(list(shown))

    def update_content(self, key: str, *, state: ImageState, n_predicted: int) -> None:
        """Shows another state in a row whose content is here; its thumbnail stays."""
        if (known := self._contents.get(key)) is not None:
            content = replace(known[0], state=state, n_predicted=n_predicted)
            self._contents[key] = (content, known[1])
            self._repaint(key)

    def forget(self, keys: Collection[str] | None = None) -> None:
        """Asks again for the content of these rows, or of all, when they are next looked at."""
        for key in list(self._contents) if keys is None else keys:
            self._contents.pop(key, None)
            self._wanted.pop(key, None)
            self._repaint(key)

    def take_wanted(self) -> str:
        """The key of a row without content, or an empty string: of what was looked at last, from
        the top."""
        while len(self._wanted) > _MOST_WANTED:
            del self._wanted[next(iter(self._wanted))]
        if not self._wanted:
            return ""
        row_of = {key: self._rows.get(key, 0) for key in self._wanted}
        last = row_of[next(reversed(row_of))]
        key = min((one for one in row_of if last - row_of[one] < _A_SCREEN), key=row_of.__getitem__)
        del self._wanted[key]
        return key

    def fill(self, key: str, content: RowContent) -> None:
        """Gives the content of a row."""
        image = content.thumbnail
        pixmap = None if image is None or image.isNull() else QPixmap.fromImage(image)
        self._contents[key] = (content, pixmap)
        while len(self._contents) > _KEPT:
            self._contents.popitem(last=False)
        self._repaint(key)

    def _content(self, key: str) -> tuple[RowContent, QPixmap | None] | None:
        known = self._contents.get(key)
        if known is not None:
            self._contents.move_to_end(key)
        elif key not in self._wanted:
            self._wanted[key] = None
            self.wanted.emit()
        return known

    def _filter(self) -> None:
        self._show(self._fitting(self._all))

    def _fitting(self, keys: Sequence[str]) -> list[str]:
        if not self._search.words:
            return list(keys)
        return [key for key in keys if finds_path(self._search, key)]

    def _show(self, shown: list[str]) -> None:
        self.beginResetModel()
        self._shown = shown
        self._rows = {key: row for row, key in enumerate(self._shown)}
        self.endResetModel()

    def _repaint(self, key: str) -> None:
        row = self.row_of(key)
        if row >= 0:
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0))


class _RowDelegate(QStyledItemDelegate):
    """A thumbnail, the name, the state in words and as a mark that needs no colour."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As Qt asks."""
        return QSize(200, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """As Qt asks."""
        self.initStyleOption(option, index)
        name = option.text
        option.text = ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        ink = option.palette.color(role)
        known = index.data(_CONTENT_ROLE)
        painter.save()
        place = option.rect.adjusted(4, 4, -8, -4)
        self._paint_thumbnail(painter, place, known[1] if known else None, ink)
        if known:
            self._paint_mark(painter, place, known[0], ink)
        self._paint_words(painter, place, name, known[0].words if known else "", ink)
        painter.restore()

    def _paint_thumbnail(
        self, painter: QPainter, place: QRect, pixmap: QPixmap | None, ink: QColor
    ) -> None:
        square = QRect(place.left(), place.top(), THUMBNAIL_PX, THUMBNAIL_PX)
        if pixmap is None:
            faint = QColor(ink)
            faint.setAlpha(50)
            painter.setPen(QPen(faint, 1))
            painter.drawRect(square.adjusted(2, 2, -3, -3))
            return
        size = pixmap.size().scaled(square.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(0, 0, size.width(), size.height())
        target.moveCenter(square.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, pixmap)

    def _paint_mark(
        self, painter: QPainter, place: QRect, content: RowContent, ink: QColor
    ) -> None:
        """A ring, half full once it is started; a full one with a tick when it is done; a cross
        where the image cannot be read."""
        side = float(_MARK_PX)
        box = QRectF(place.right() - side, place.center().y() - side / 2, side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if content.thumbnail is None:
            painter.drawLine(box.topLeft(), box.bottomRight())
            painter.drawLine(box.topRight(), box.bottomLeft())
            return
        painter.drawEllipse(box)
        painter.setBrush(ink)
        if content.state is ImageState.STARTED:
            painter.drawPie(box, 90 * 16, 180 * 16)
        elif content.state is ImageState.DONE:
            painter.drawEllipse(box)
            painter.setPen(QPen(self._paper(ink), 1.75))
            middle = box.center()
            painter.drawPolyline(
                [middle + QPointF(-3, 0.2), middle + QPointF(-0.8, 2.4), middle + QPointF(3, -2.4)]
            )

    def _paper(self, ink: QColor) -> QColor:
        return QColor("black") if ink.lightnessF() > 0.5 else QColor("white")

    def _paint_words(
        self, painter: QPainter, place: QRect, name: str, words: str, ink: QColor
    ) -> None:
        left, right = place.left() + THUMBNAIL_PX + 8, place.right() - _MARK_PX - 8
        upper = QRect(left, place.top(), right - left, place.height() // 2)
        lower = upper.translated(0, upper.height())
        metrics = painter.fontMetrics()
        elided = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, upper.width())
        painter.setPen(ink)
        painter.drawText(upper, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, elided)
        faint = QColor(ink)
        faint.setAlpha(170)
        painter.setPen(faint)
        painter.drawText(lower, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, words)


class ImageListView(QTableView):
    """Shows an ImageListModel; rows of one height are laid out once, not at each change."""

    picked = Signal(str)
    """The key that a person chose."""

    def __init__(self, model: ImageListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = model
        self._is_following = False
        self.setModel(model)
        self.setItemDelegate(_RowDelegate(self))
        self.setAccessibleName(tr("Images"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.selectionModel().currentRowChanged.connect(self._on_current_row_changed)

    def sizeHint(self) -> QSize:
        """As Qt asks."""
        return QSize(240, 400)

    def follow(self, key: str) -> None:
        """Makes the row of a key the current one, without reporting it as picked."""
        row = self._list.row_of(key)
        self._is_following = True
        if row >= 0:
            self.setCurrentIndex(self._list.index(row, 0))
        else:
            self.clearSelection()
        self._is_following = False

    def _on_current_row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and not self._is_following:
            self.picked.emit(self._list.key_at(current.row()))
