"""The images behind a number: a list that leads to each of them."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.measured.behind_rows import Behind, BehindGroup, BehindRow
from gui.widgets.measured.number_table import Index, is_pick
from gui.widgets.measured.pictures import SIDE_PX
from gui.widgets.wrapped import WrappedLabel

_HINT = QT_TR_NOOP(
    "Click a number, a cell or a point of a curve, or press Enter on it: the images behind it are"
    " listed here."
)
_NO_PARENT = QModelIndex()


class BehindModel(QAbstractListModel):
    """Images, one a row; pictures of them are wanted one after another, as they are seen."""

    picture_wanted = Signal(object)
    """BehindRow; `take_picture` is to be called for it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[BehindRow] = ()
        self._pictures: dict[int, QPixmap] = {}
        """By their rows; an empty one where there is none, or not yet."""
        self._seen: list[int] = []
        self._asked: BehindRow | None = None

    def show_rows(self, rows: Sequence[BehindRow]) -> None:
        """Shows these and no others."""
        self.beginResetModel()
        self.rows = rows
        self._pictures.clear()
        self._seen.clear()
        self._asked = None  # what is on its way is of rows that are gone
        self.endResetModel()

    def take_picture(self, made: tuple[BehindRow, QImage | None]) -> None:
        """Shows the picture of a row, and wants the next."""
        of, image = made
        self._asked = None
        pixmap = QPixmap() if image is None else QPixmap.fromImage(image)
        for place, row in enumerate(self.rows):
            if row is of:
                self._pictures[place] = pixmap
                self.dataChanged.emit(self.index(place), self.index(place))
        self._want_next()

    def _want(self, place: int) -> None:
        self._pictures[place] = QPixmap()
        self._seen.append(place)
        if len(self._seen) == 1:
            # later: it is asked for while rows are painted
            QTimer.singleShot(0, self, self._want_next)

    def _want_next(self) -> None:
        if self._asked is None and self._seen:
            self._asked = self.rows[self._seen.pop()]  # what came into view last
            self.picture_wanted.emit(self._asked)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """As Qt asks."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        row = self.rows[index.row()]
        name = row.key if row.n == 1 else f"{row.key} ({row.n})"
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{name}\n{row.words}" if row.words else name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{name}: {row.words}" if row.words else name
        if role == Qt.ItemDataRole.DecorationRole:
            if index.row() not in self._pictures:
                self._want(index.row())
            return QIcon(self._pictures[index.row()])
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(SIDE_PX, SIDE_PX + 4)
        return None


class _List(QListView):
    """The arrows go through it, Enter and a click pick a row."""

    picked = Signal(int)

    def __init__(self, model: BehindModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName(tr("Images behind the number"))
        self.setToolTip(tr("A click, or Enter, opens the image on the page Annotate."))
        self.setUniformItemSizes(True)
        self.setSpacing(2)
        self.setIconSize(QSize(SIDE_PX, SIDE_PX))
        self.setAlternatingRowColors(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.clicked.connect(lambda at: self.picked.emit(at.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As Qt asks."""
        if is_pick(event) and self.currentIndex().isValid():
            self.picked.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class BehindPanel(QWidget):
    """Says what is listed, lists it, and offers to list it beside the canvas."""

    opened = Signal(object)
    """BehindRow: a person wants to see this image."""
    only_wanted = Signal(object, str)
    """Keys, and in a few words what they have in common: a person wants only these listed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = WrappedLabel()
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(tr("Which of them"))
        self.kinds.setToolTip(tr("List what was found, what was wrong, or what was missed."))
        self.model = BehindModel(self)
        self.list = _List(self.model)
        self.only_button = QPushButton(tr("Show only these"))
        self.only_button.setToolTip(
            tr("List only these images beside the canvas, until you press Show all there.")
        )
        self._behind: Behind | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(self.kinds)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.only_button)
        layout.addStretch(0)
        self.kinds.currentIndexChanged.connect(lambda _: self._show_group())
        self.list.picked.connect(lambda row: self.opened.emit(self.model.rows[row]))
        self.only_button.clicked.connect(self._want_only)
        self.forget()

    def forget(self) -> None:
        """Lists nothing."""
        self._behind = None
        self._show_group()

    def show_behind(self, behind: Behind) -> None:
        """Lists what is behind a number; of several kinds the one that was chosen last."""
        before = self.kinds.currentIndex()
        self._behind = behind
        with QSignalBlocker(self.kinds):
            self.kinds.clear()
            for group in behind.groups:
                self.kinds.addItem(f"{group.title} ({group.n})")
            if 0 <= before < len(behind.groups):
                self.kinds.setCurrentIndex(before)
        self._show_group()

    @property
    def group(self) -> BehindGroup | None:
        """What is listed."""
        place = self.kinds.currentIndex()
        groups = self._behind.groups if self._behind else ()
        return groups[place] if 0 <= place < len(groups) else None

    def _show_group(self) -> None:
        group = self.group
        rows = group.rows if group else ()
        self.model.show_rows(rows)
        self.kinds.setVisible(self._behind is not None and len(self._behind.groups) > 1)
        self.list.setVisible(bool(rows))
        self.only_button.setVisible(bool(rows))
        if self._behind is None:
            self.title.setText(tr(_HINT))
            return
        said = n_images(len(rows)) if rows else tr("There is none.")
        self.title.setText(f"{self._behind.title}\n{said}")

    def _want_only(self) -> None:
        if self._behind is not None and self.group is not None:
            keys = tuple(row.key for row in self.group.rows)
            self.only_wanted.emit(keys, self._behind.title)
