"""The fine-tunes of a project, a line each: when, how it stands, what it is worth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from core.run_folder import RunFolder, RunState
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.words import ap_text

_STATE_WORDS = {
    RunState.RUNNING: QT_TR_NOOP("running"),
    RunState.FINISHED: QT_TR_NOOP("finished"),
    RunState.CANCELLED: QT_TR_NOOP("cancelled"),
    RunState.FAILED: QT_TR_NOOP("failed"),
    RunState.BROKEN_OFF: QT_TR_NOOP("broken off"),
}


class _Run(Protocol):
    """What a line shows (gui/session/run_list.py)."""

    @property
    def folder(self) -> RunFolder: ...

    @property
    def state(self) -> RunState: ...

    @property
    def called(self) -> str: ...

    @property
    def mask_ap(self) -> float | None: ...


class RunTable(QTreeWidget):
    """Keeps the chosen run chosen when the list is shown anew."""

    chosen = Signal(object)
    """The run, or None where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, columnCount=3)
        self.setHeaderLabels([tr("Run"), tr("State"), tr("Mask AP")])
        self.setRootIsDecorated(False)
        self.setAlternatingRowColors(True)
        self.setAllColumnsShowFocus(True)
        self.setAccessibleName(tr("Fine-tunes of this folder"))
        self.setToolTip(tr("The fine-tunes of this folder, the newest first."))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self._runs: Sequence[_Run] = ()
        self._path: Path | None = None
        """Of the run that is wished for; the newest is shown while it is not there."""
        self.currentItemChanged.connect(self._on_current_changed)

    def choose(self, path: Path) -> None:
        """Chooses the run of this folder, now or as soon as it is there."""
        self._path = path
        self.show_runs(self._runs)

    def show_runs(self, runs: Sequence[_Run]) -> None:
        """Shows these; the one that was chosen stays chosen, or the first is."""
        self.blockSignals(True)
        self.clear()
        self._runs = runs
        items = []
        for run in runs:
            state = state_text(run.state)
            item = QTreeWidgetItem([run.called, state, ap_text(run.mask_ap)])
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column in range(self.columnCount()):
                item.setToolTip(column, f"{run.folder.path.name}: {state}")
            items.append(item)
        self.addTopLevelItems(items)
        paths = [run.folder.path for run in runs]
        place = paths.index(self._path) if self._path in paths else 0
        if runs:
            self.setCurrentItem(items[place])
        self.blockSignals(False)
        self.chosen.emit(runs[place] if runs else None)

    def _on_current_changed(self, item: QTreeWidgetItem | None) -> None:
        run = self._runs[self.indexOfTopLevelItem(item)] if item is not None else None
        self._path = run.folder.path if run is not None else None
        self.chosen.emit(run)


def state_text(state: RunState) -> str:
    """How a run stands, in a word or two."""
    return tr(_STATE_WORDS[state])
