"""An evaluation to look at: tabs of tables and plots, and beside them what is behind a number."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.matches import Indices
from core.matches.confusion import confusion_of
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.measured.behind_numbers import (
    behind_confusion,
    behind_count,
    behind_effort,
    behind_number,
)
from gui.widgets.measured.behind_panel import BehindPanel
from gui.widgets.measured.behind_rows import Behind
from gui.widgets.measured.confusion_view import ConfusionView
from gui.widgets.measured.curves_view import CurvesView
from gui.widgets.measured.effort_view import EffortView
from gui.widgets.measured.measurement import Measurement
from gui.widgets.measured.rounds_view import RoundsView
from gui.widgets.measured.tables_view import TablesView
from gui.widgets.wrapped import WrappedLabel

_EMPTY = QT_TR_NOOP("Nothing is measured with these weights on these images yet.")
_PRESS = QT_TR_NOOP("Press Evaluate above: then this is here, and stays with the folder.")
_GOING = QT_TR_NOOP("It is being measured: when that is done, this is here.")
_BEHIND_PX = 240


class MeasuredView(QWidget):
    """Shows one measurement; what takes long is asked for, and given back."""

    asked = Signal(object)
    """A function that gives the Behind for `show_behind`, to be called in a thread."""
    cells_asked = Signal(object)
    """A function that gives the counts for `show_cells`, to be called in a thread."""
    count_wanted = Signal(str, str)
    """The name of a class, empty for all, and a split that was not measured on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measurement: Measurement | None = None
        self.tables, self.curves = TablesView(), CurvesView()
        self.confusion, self.effort = ConfusionView(), EffortView()
        self.rounds = RoundsView()
        self.behind = BehindPanel()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self._empty: list[WrappedLabel] = []
        self._stacks = [
            self._add(self.tables, tr("Tables")),
            self._add(self.curves, tr("Curves")),
            self._add(self.confusion, tr("Confusion")),
            self._add(self.effort, tr("Effort")),
        ]
        self.tabs.addTab(_scrolled(self.rounds), tr("Rounds"))
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.tabs)
        self.splitter.addWidget(self.behind)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([3 * _BEHIND_PX, _BEHIND_PX])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self._connect()
        self.say_what_is_needed("", is_going=False)
        self.forget()

    def _add(self, view: QWidget, title: str) -> QStackedWidget:
        stack = QStackedWidget()
        empty = WrappedLabel()
        empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.append(empty)
        stack.addWidget(empty)
        stack.addWidget(_scrolled(view))
        self.tabs.addTab(stack, title)
        return stack

    def _connect(self) -> None:
        self.tables.number_picked.connect(self._on_number)
        self.tables.count_picked.connect(self._on_count)
        self.curves.behind_wanted.connect(self._on_point)
        self.confusion.cell_picked.connect(self._on_cell)
        self.effort.kind_picked.connect(self._on_kind)
        self.rounds.asked.connect(self.asked)
        self.confusion.threshold_moved.connect(self._count_cells)

    def show_measurement(self, measurement: Measurement) -> None:
        """Shows this one."""
        self.measurement = measurement
        numbers = measurement.kept.numbers
        self.tables.show_result(numbers)
        self.curves.show_curves(measurement.curves, task=measurement.matches.task)
        threshold = measurement.first_threshold
        self.confusion.show_classes(
            measurement.matches.classes,
            threshold=threshold,
            best=measurement.best_threshold,
            task=measurement.matches.task,
        )
        self.effort.show_effort(numbers.get("effort"))
        self._count_cells(self.confusion.threshold)
        self.behind.forget()
        self._turn(to=1)

    def say_what_is_needed(self, why_not: str, *, is_going: bool) -> None:
        """Says, where nothing is shown, what brings something here.

        Args:
            why_not: why nothing can be measured now; empty where Evaluate can be pressed.
            is_going: whether something is being measured.
        """
        needed = tr(_GOING) if is_going else why_not or tr(_PRESS)
        for label in self._empty:
            label.setText(" ".join((tr(_EMPTY), needed)))

    @property
    def empty_words(self) -> str:
        """What is said where nothing is shown."""
        return self._empty[0].text()

    def forget(self) -> None:
        """Shows nothing."""
        self.measurement = None
        self.behind.forget()
        self._turn(to=0)

    def show_behind(self, behind: Behind) -> None:
        """Lists what was asked for."""
        self.behind.show_behind(behind)

    def show_cells(self, cells: Indices) -> None:
        """Shows the counts that were asked for."""
        self.confusion.show_cells(cells)

    def _turn(self, *, to: int) -> None:
        for stack in self._stacks:
            stack.setCurrentIndex(to)

    def _ask(self, work: Callable[[], Behind]) -> None:
        self.asked.emit(work)

    def _count_cells(self, threshold: float) -> None:
        if self.measurement is not None:
            self.cells_asked.emit(partial(confusion_of, self.measurement.matches, threshold))

    def _on_number(self, class_index: int | None, name: str) -> None:
        if self.measurement is not None:
            self._ask(
                partial(
                    behind_number, self.measurement.matches, class_index, name,
                    threshold=self.confusion.threshold,
                )
            )  # fmt: skip

    def _on_count(self, class_index: int | None, split: str) -> None:
        if self.measurement is None:
            return
        if split == self.measurement.kept.heading.split:
            self._ask(partial(behind_count, self.measurement.matches, class_index))
        else:
            classes = self.measurement.matches.classes
            self.count_wanted.emit("" if class_index is None else classes[class_index], split)

    def _on_point(self, class_index: int | None, threshold: float) -> None:
        if self.measurement is not None:
            matches = self.measurement.matches
            self._ask(partial(behind_number, matches, class_index, "", threshold=threshold))

    def _on_kind(self, kind: str) -> None:
        if self.measurement is not None:
            self._ask(partial(behind_effort, self.measurement.kept, kind))

    def _on_cell(self, row: int, column: int) -> None:
        if self.measurement is not None:
            title = self.confusion.model.title(row, column)
            self._ask(
                partial(
                    behind_confusion, self.measurement.matches, row, column,
                    threshold=self.confusion.threshold, title=title,
                )
            )  # fmt: skip


def _scrolled(view: QWidget) -> QScrollArea:
    """A window may be lower than what is in it."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(view)
    return area
