"""A table of the weights' classes: what each becomes, chosen row by row."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.types import LabelClass
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.swatch import swatch

_Index = QModelIndex | QPersistentModelIndex
_NAME, _TARGET = 0, 1
_IGNORED = QT_TR_NOOP("ignored")


class ClassMapModel(QAbstractTableModel):
    """A row for each class of the weights; those that are used at the start come first."""

    targets_changed = Signal()

    def __init__(self, targets: Mapping[str, str], classes: Sequence[LabelClass]) -> None:
        super().__init__()
        self._names = sorted(targets, key=lambda name: not targets[name])
        self._targets = dict(targets)
        self._classes = {one.name: one for one in classes}

    @property
    def targets(self) -> Mapping[str, str]:
        """For each class of the weights the class it becomes, empty for ignored."""
        return dict(self._targets)

    @property
    def new_classes(self) -> tuple[str, ...]:
        """What the folder does not have yet, in the order of the rows."""
        wished = (self._targets[name] for name in self._names)
        return tuple(dict.fromkeys(to for to in wished if to and to not in self._classes))

    def options(self, row: int) -> list[tuple[str, str]]:
        """What the class of this row may become: the class, empty for ignored, and its words."""
        name = self._names[row]
        known = [(one, one) for one in self._classes]
        new = [(one, _new_words(one)) for one in self.new_classes if one != name]
        add = tr("Add “{name}” as a new class").format(name=name)
        own = [] if name in self._classes else [(name, add)]
        return [("", tr(_IGNORED)), *known, *new, *own]

    def set_target(self, row: int, target: str) -> None:
        """Makes the class of this row become another one, or ignored where it is empty."""
        self._targets[self._names[row]] = target
        self.dataChanged.emit(self.index(0, _TARGET), self.index(len(self._names) - 1, _TARGET))
        self.targets_changed.emit()

    def ignore_all(self) -> None:
        """Makes every class ignored."""
        self._targets = dict.fromkeys(self._targets, "")
        self.dataChanged.emit(self.index(0, _TARGET), self.index(len(self._names) - 1, _TARGET))
        self.targets_changed.emit()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (as Qt declares it)
        """As Qt asks."""
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (as Qt declares it)
        """As Qt asks."""
        return 0 if parent.isValid() else 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """As Qt asks."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (tr("Class of the weights"), tr("Becomes"))[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        name = self._names[index.row()]
        target = self._targets[name]
        if role == Qt.ItemDataRole.DisplayRole:
            return name if index.column() == _NAME else self._words(target)
        if index.column() != _TARGET:
            return None
        if role == Qt.ItemDataRole.DecorationRole and target in self._classes:
            return swatch(self._classes[target].colour)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(name, target)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """As Qt asks."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == _TARGET else flags

    def _words(self, target: str) -> str:
        if not target:
            return tr(_IGNORED)
        return target if target in self._classes else _new_words(target)


def _new_words(name: str) -> str:
    return tr("{name} (new class)").format(name=name)


def _tip(name: str, target: str) -> str:
    if target:
        text = tr("{name} becomes {target}. Click, or press Space, to choose.")
    else:
        text = tr("{name} is ignored. Click, or press Space, to choose.")
    return text.format(name=name, target=target)


class _Chooser(QStyledItemDelegate):
    """Paints what a class becomes as a combo box, which is there only while it is open."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """As Qt asks."""
        box = QStyleOptionComboBox()
        box.rect = option.rect.adjusted(1, 1, -1, -1)
        box.palette = option.palette
        box.state = option.state | QStyle.StateFlag.State_Enabled
        box.currentText = str(index.data())
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if icon is not None:
            box.currentIcon = icon
            box.iconSize = option.decorationSize
        style = option.widget.style()
        style.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, box, painter, option.widget)
        style.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, box, painter, option.widget)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        """As Qt asks."""
        box = QComboBox(parent)
        box.setAccessibleName(tr("Becomes"))
        model, row = _source(index)
        for target, words in model.options(row):
            box.addItem(words, target)
        box.activated.connect(lambda _: self._commit(box))
        QTimer.singleShot(0, box, box.showPopup)
        return box

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """As Qt asks."""
        model, row = _source(index)
        if isinstance(editor, QComboBox):
            name = str(model.index(row, _NAME).data())
            editor.setCurrentIndex(max(editor.findData(model.targets[name]), 0))

    def setModelData(self, editor: QWidget, _: QAbstractItemModel, index: _Index) -> None:
        """As Qt asks."""
        model, row = _source(index)
        if isinstance(editor, QComboBox):
            model.set_target(row, str(editor.currentData() or ""))

    def _commit(self, editor: QComboBox) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor)


def _source(index: _Index) -> tuple[ClassMapModel, int]:
    """The table's own model, below the search, and the row there."""
    proxy = index.model()
    if not isinstance(proxy, QSortFilterProxyModel):
        raise TypeError(f"no searched model: {proxy!r}")
    model = proxy.sourceModel()
    if not isinstance(model, ClassMapModel):
        raise TypeError(f"no class map: {model!r}")
    return model, proxy.mapToSource(index).row()


class ClassMapTable(QTableView):
    """The table, with a search over both columns."""

    def __init__(self, model: ClassMapModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(model)
        self._found.setFilterKeyColumn(-1)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._found)
        self.setItemDelegateForColumn(_TARGET, _Chooser(self))
        self.setAccessibleName(tr("Class map"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        rows = self.fontMetrics().height() + 14
        self.verticalHeader().setDefaultSectionSize(rows)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.clicked.connect(self._open)

    def search(self, text: str) -> None:
        """Shows the rows that hold this text."""
        self._found.setFilterFixedString(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter open the choice of the row."""
        opens = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if opens and self.currentIndex().isValid():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: _Index) -> None:
        target = self._found.index(index.row(), _TARGET)
        self.setCurrentIndex(target)
        self.edit(target)
