"""The page of the progress: what labelling cost round by round, and whether another one is worth
it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.effort import EffortLog, Round, conclusion, rounds_of
from core.project import Project
from core.types import ImageState
from gui.pages import PageSpec
from gui.session import Session
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.effort_bars import Bars, EffortBars
from gui.widgets.wrapped import WrappedLabel

_NO_PROJECT = QT_TR_NOOP(
    "No folder is open. Open a folder of images (Ctrl+O): while you label, what it costs you is"
    " written down and shown here."
)
_HOW = QT_TR_NOOP(
    "Recorded while you work in the window: the time with pauses of more than a minute left out,"
    " and what became of each prediction. It stays in .maskloop/effort.jsonl of this folder and"
    " goes nowhere else. A round is the images whose predictions are of the same weights."
)
_COLUMNS: tuple[tuple[str, str, Callable[[Round], str]], ...] = (
    (
        QT_TR_NOOP("Images"),
        QT_TR_NOOP("Images that were worked on."),
        lambda one: str(one.n_images),
    ),
    (
        QT_TR_NOOP("Instances"),
        QT_TR_NOOP("Labelled because of this round."),
        lambda one: str(one.n_instances),
    ),
    (
        QT_TR_NOOP("Seconds each"),
        QT_TR_NOOP("Time an instance."),
        lambda one: _number(one.seconds_each, 1),
    ),
    (
        QT_TR_NOOP("Actions each"),
        QT_TR_NOOP("Steps of undo an instance."),
        lambda one: _number(one.actions_each, 1),
    ),
    (
        QT_TR_NOOP("Untouched"),
        QT_TR_NOOP("Of the predictions that you looked at, those that were right as they were."),
        lambda one: _number(one.untouched_percent, 0, " %"),
    ),
    (
        QT_TR_NOOP("Corrected"),
        QT_TR_NOOP("Predictions that you changed."),
        lambda one: str(one.edited),
    ),
    (
        QT_TR_NOOP("Drawn"),
        QT_TR_NOOP("Instances that no model had predicted."),
        lambda one: str(one.drawn),
    ),
    (
        QT_TR_NOOP("Rejected"),
        QT_TR_NOOP("Predictions that you turned down."),
        lambda one: str(one.rejected),
    ),
    (
        QT_TR_NOOP("Vertices moved"),
        QT_TR_NOOP("In a corrected instance: vertices that its prediction did not have."),
        lambda one: _number(one.vertices_each, 1),
    ),
    (
        "IoU",
        QT_TR_NOOP("Of corrected predictions to what became of them: 1 is the same."),
        lambda one: _number(one.mean_iou, 2),
    ),
)


class ProgressPage(QWidget):
    """A sentence, bars and a table of the rounds of the open folder."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.conclusion = WrappedLabel()
        self.conclusion.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bars = EffortBars()
        self.table = _table()
        self.how = WrappedLabel()
        self.how.setText(tr(_HOW))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.conclusion)
        layout.addWidget(self.bars, 2)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.how)
        layout.addStretch(0)
        self.setFocusProxy(self.table)
        session.project_changed.connect(self._on_project_changed)
        self._show(())

    def showEvent(self, event: QShowEvent) -> None:
        """As Qt asks."""
        super().showEvent(event)
        if not event.spontaneous():
            self._look()

    def _look(self) -> None:
        """Reads what is recorded, the image that is open now included."""
        self._session.settle_effort()
        self._session.work.when_written(_read, self._on_read)

    def _on_project_changed(self) -> None:
        self._show(())
        if self.isVisible():
            self._look()

    def _on_read(self, found: tuple[Project, tuple[Round, ...]]) -> None:
        project, rounds = found
        if project is self._session.project:
            self._show(rounds)

    def _show(self, rounds: Sequence[Round]) -> None:
        if self._session.project is None:
            self.conclusion.setText(tr(_NO_PROJECT))
        else:
            n_left = sum(not self._is_done(key) for key in self._session.keys)
            self.conclusion.setText(conclusion(rounds, n_images_left=n_left))
        for widget in (self.bars, self.table, self.how):
            widget.setVisible(bool(rounds))
        self.bars.show_bars(_charts(rounds))
        self.table.setRowCount(len(rounds))
        for row, one in enumerate(rounds):
            self.table.setVerticalHeaderItem(row, QTableWidgetItem(one.name))
            for place, (_, _, text_of) in enumerate(_COLUMNS):
                item = QTableWidgetItem(text_of(one))
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, place, item)

    def _is_done(self, key: str) -> bool:
        summary = self._session.summaries.get(key)
        return summary is not None and summary.state is ImageState.DONE


def _read(project: Project) -> tuple[Project, tuple[Round, ...]]:
    """Called in the writer's thread, when the visit so far is written."""
    return project, rounds_of(EffortLog(project.hidden_folder).read())


def _charts(rounds: Sequence[Round]) -> list[Bars]:
    names = [one.name for one in rounds]

    def bars(
        title: str,
        value_of: Callable[[Round], float | None],
        places: int,
        *,
        unit: str = "",
        most: float | None = None,
    ) -> Bars:
        values = [value_of(one) for one in rounds]
        return Bars(title, values, [_number(one, places, unit) for one in values], names, most)

    return [
        bars(tr("Seconds an instance"), lambda one: one.seconds_each, 1),
        bars(tr("Actions an instance"), lambda one: one.actions_each, 1),
        bars(tr("Accepted untouched"), lambda one: one.untouched_percent, 0, unit=" %", most=100),
        bars(tr("IoU of corrected ones"), lambda one: one.mean_iou, 2, most=1),
    ]


def _table() -> QTableWidget:
    table = QTableWidget()
    table.setAccessibleName(tr("What labelling cost, a line a round"))
    table.setToolTip(tr("What labelling cost, a line a round."))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setTabKeyNavigation(False)
    table.setAlternatingRowColors(True)
    table.setColumnCount(len(_COLUMNS))
    for place, (title, meaning, _) in enumerate(_COLUMNS):
        header = QTableWidgetItem(tr(title))
        header.setToolTip(tr(meaning))
        table.setHorizontalHeaderItem(place, header)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    return table


def _number(value: float | None, places: int, unit: str = "") -> str:
    return tr("n/a") if value is None else f"{value:.{places}f}{unit}"


PAGE = PageSpec("progress", 7, ProgressPage)
