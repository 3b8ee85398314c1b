"""The fine-tunes of a project as a table to choose several from, with names and notes to write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QWidget

from core.run_folder import RunFolder, RunState
from core.run_folder.about import About
from core.types import Json
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.plotting import curve_colour
from gui.widgets.run_table import state_text
from gui.widgets.words import ap_text, duration_text

_AT_FIRST = 2
"""So many are chosen where nobody has chosen yet."""
_SWATCH_PX = 12
_WIDEST_LETTERS = 40


class _Run(Protocol):
    """What a line shows (gui/session/run_list.py)."""

    @property
    def folder(self) -> RunFolder: ...

    @property
    def state(self) -> RunState: ...

    @property
    def about(self) -> About: ...

    @property
    def when(self) -> str: ...

    @property
    def evaluation(self) -> Mapping[str, Json]: ...

    def ap_of(self, side: str, task: str) -> float | None: ...


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    tip: str
    text: Callable[[_Run], str]
    is_number: bool = True


def _count(run: _Run, *names: str) -> str:
    value: Json = run.evaluation
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return str(value) if isinstance(value, int) else ""


def _images_text(run: _Run) -> str:
    n_train, n_val = _count(run, "images", "train"), _count(run, "images", "val")
    return f"{n_train} + {n_val}" if n_train else ""


def _edits_text(run: _Run) -> str:
    effort = (run.evaluation.get("after") or {}).get("effort") or run.evaluation.get("effort") or {}
    value = effort.get("edits_per_instance")
    return f"{value:.1f}" if isinstance(value, int | float) else ""


def _seconds_text(run: _Run) -> str:
    value = run.evaluation.get("seconds")
    return duration_text(value) if isinstance(value, int | float) else ""


def _ap_text(run: _Run, side: str, task: str) -> str:
    return ap_text(run.ap_of(side, task)) if run.evaluation.get(side) else ""


_COLUMNS = (
    _Column(
        QT_TR_NOOP("Name"),
        QT_TR_NOOP("What you call it (F2 writes)."),
        lambda run: run.about.name,
        is_number=False,
    ),
    _Column(
        QT_TR_NOOP("Began"), QT_TR_NOOP("When it began."), lambda run: run.when, is_number=False
    ),
    _Column(
        QT_TR_NOOP("State"),
        QT_TR_NOOP("How it stands."),
        lambda run: state_text(run.state),
        is_number=False,
    ),
    _Column(
        QT_TR_NOOP("Images"),
        QT_TR_NOOP("Images it learnt from, and images it was measured on."),
        _images_text,
    ),
    _Column(
        QT_TR_NOOP("Iterations"),
        QT_TR_NOOP("Steps of learning."),
        lambda run: _count(run, "iterations"),
    ),
    _Column(
        QT_TR_NOOP("Mask AP before"),
        QT_TR_NOOP("Of the weights it began with."),
        lambda run: _ap_text(run, "before", "segm"),
    ),
    _Column(
        QT_TR_NOOP("Mask AP"),
        QT_TR_NOOP("Of the weights that came out."),
        lambda run: _ap_text(run, "after", "segm"),
    ),
    _Column(
        QT_TR_NOOP("Box AP before"),
        QT_TR_NOOP("Of the weights it began with."),
        lambda run: _ap_text(run, "before", "bbox"),
    ),
    _Column(
        QT_TR_NOOP("Box AP"),
        QT_TR_NOOP("Of the weights that came out."),
        lambda run: _ap_text(run, "after", "bbox"),
    ),
    _Column(
        QT_TR_NOOP("Edits each"),
        QT_TR_NOOP("Edits an instance that are left for a person, measured on the val images."),
        _edits_text,
    ),
    _Column(QT_TR_NOOP("Took"), QT_TR_NOOP("How long it learnt."), _seconds_text),
    _Column(
        QT_TR_NOOP("Device"),
        QT_TR_NOOP("What computed it."),
        lambda run: str(run.evaluation.get("device") or ""),
        is_number=False,
    ),
    _Column(
        QT_TR_NOOP("Note"),
        QT_TR_NOOP("What you know about it (F2 writes)."),
        lambda run: run.about.note,
        is_number=False,
    ),
)
NAME, NOTE = 0, len(_COLUMNS) - 1


class RunGrid(QTreeWidget):
    """Keeps the chosen runs chosen when the list is shown anew."""

    chosen = Signal(object)
    """The runs, in the order of the table."""
    renamed = Signal(object, str)
    """A run, and the name that a person wrote."""
    noted = Signal(object, str)
    """A run, and the note that a person wrote."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, columnCount=len(_COLUMNS))
        self.setHeaderLabels([tr(column.title) for column in _COLUMNS])
        for place, column in enumerate(_COLUMNS):
            self.headerItem().setToolTip(place, tr(column.tip))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setAllColumnsShowFocus(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)  # two columns only
        self.setIconSize(QSize(_SWATCH_PX, _SWATCH_PX))
        self.setAccessibleName(tr("Fine-tunes to compare"))
        self.setToolTip(
            tr("The fine-tunes of this folder, the newest first. Ctrl or Shift chooses several.")
        )
        self._runs: Sequence[_Run] = ()
        self._may_write = True
        self._paths: frozenset[Path] | None = None
        """Of those that are chosen; None where nobody has chosen yet."""
        self.itemSelectionChanged.connect(self._on_selection_changed)
        self.itemChanged.connect(self._on_item_changed)
        self.itemDoubleClicked.connect(self._on_double_clicked)

    @property
    def selected(self) -> tuple[_Run, ...]:
        """The chosen runs, in the order of the table."""
        return tuple(
            run
            for row, run in enumerate(self._runs)
            if (item := self.topLevelItem(row)) is not None and item.isSelected()
        )

    @property
    def is_written_into(self) -> bool:
        """Whether a person writes a name or a note now."""
        return self.state() is QAbstractItemView.State.EditingState

    def show_runs(self, runs: Sequence[_Run]) -> None:
        """Shows these; those that were chosen stay chosen, or the first two are."""
        current = self._runs[row].folder.path if (row := self._current_row()) >= 0 else None
        line_px = self.fontMetrics().height() + 8
        self.blockSignals(True)
        self.clear()
        self._runs = runs
        self.addTopLevelItems([_item(run, line_px) for run in runs])
        for row, run in enumerate(runs):
            path = run.folder.path
            is_chosen = row < _AT_FIRST if self._paths is None else path in self._paths
            if (item := self.topLevelItem(row)) is not None:
                item.setSelected(is_chosen)
                if path == current:
                    self.selectionModel().setCurrentIndex(
                        self.indexFromItem(item), self.selectionModel().SelectionFlag.NoUpdate
                    )
        self._draw_swatches()
        self._fit()
        self.blockSignals(False)
        self.chosen.emit(self.selected)

    def allow_writing(self, *, may_write: bool) -> None:
        """Whether names and notes can be written now."""
        self._may_write = may_write

    def write(self, column: int) -> None:
        """Begins to write into a column of the one chosen run."""
        for item in self.selectedItems()[:1] if self._may_write else ():
            self.setFocus()
            self.editItem(item, column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As Qt asks; F2 writes the note where the keyboard is on it, else the name."""
        if event.key() == Qt.Key.Key_F2 and len(self.selected) == 1:
            self.write(NOTE if self.currentColumn() == NOTE else NAME)
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """As Qt asks."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_paths"):
            self._draw_swatches()

    def _on_double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column in (NAME, NOTE) and self._may_write:
            self.editItem(item, column)

    def _current_row(self) -> int:
        item = self.currentItem()
        return self.indexOfTopLevelItem(item) if item is not None else -1

    def _on_selection_changed(self) -> None:
        self._paths = frozenset(run.folder.path for run in self.selected)
        self._draw_swatches()
        self.chosen.emit(self.selected)

    def _on_item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        run = self._runs[self.indexOfTopLevelItem(item)]
        if column == NAME:
            self.renamed.emit(run, item.text(NAME))
        elif column == NOTE:
            self.noted.emit(run, item.text(NOTE))

    def _draw_swatches(self) -> None:
        """Marks each chosen run with the colour of its curve."""
        number = 0
        was_blocked = self.blockSignals(True)  # no name is written by it
        for row in range(len(self._runs)):
            item = self.topLevelItem(row)
            if item is not None and item.isSelected():
                item.setIcon(NAME, swatch(curve_colour(number, self.palette())))
                number += 1
            elif item is not None:
                item.setIcon(NAME, swatch("transparent"))
        self.blockSignals(was_blocked)
        self.viewport().update()

    def _fit(self) -> None:
        most = self.fontMetrics().averageCharWidth() * _WIDEST_LETTERS
        items = [self.topLevelItem(row) for row in range(self.topLevelItemCount())]
        for column in range(self.columnCount()):
            says_something = any(item is not None and item.text(column) for item in items)
            self.setColumnHidden(column, column not in (NAME, NOTE) and not says_something)
            self.resizeColumnToContents(column)
            least = most // 3 if column == NAME else 0  # there is room to write one
            self.setColumnWidth(column, max(least, min(most, self.columnWidth(column) + 8)))


def swatch(colour: str) -> QIcon:
    """A square of one colour, with a light edge that shows it on a ground of the same one."""
    pixmap = QPixmap(_SWATCH_PX, _SWATCH_PX)
    is_seen = QColor(colour).alpha() > 0
    pixmap.fill(QColor("white" if is_seen else "transparent"))
    if is_seen:
        painter = QPainter(pixmap)
        painter.fillRect(pixmap.rect().adjusted(1, 1, -1, -1), QColor(colour))
        painter.end()
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(pixmap, mode)
    return icon


def _item(run: _Run, line_px: int) -> QTreeWidgetItem:
    item = QTreeWidgetItem()
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    for place, column in enumerate(_COLUMNS):
        text = column.text(run)
        item.setText(place, text)
        item.setToolTip(place, text or tr(column.tip))
        item.setSizeHint(place, QSize(-1, line_px))
        if column.is_number:
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            item.setTextAlignment(place, side)
    return item
