"""A fine-tune as a person sees it, live or long ended: curves, AP, log, what it was told."""

import json
from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHeaderView,
    QPlainTextEdit,
    QSplitter,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.events import CheckpointSaved, Event, Failed, Finished, Metrics, Noted
from core.types import Json
from gui.texts import tr
from gui.widgets.ap_table import ApTable
from gui.widgets.plots import Curves
from gui.widgets.setting_words import Places, setting_text, setting_tip, setting_title

_MOST_LINES = 2000


class RunView(QWidget):
    """Takes the events of one run, in their order."""

    def __init__(
        self,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
        parent: QWidget | None = None,
    ) -> None:
        """An empty view; curves are beside the rest, or above it."""
        super().__init__(parent)
        self.curves = Curves()
        self.table = ApTable()
        self.log = QPlainTextEdit(readOnly=True, maximumBlockCount=_MOST_LINES)
        self.log.setAccessibleName(tr("What the run says"))
        self.log.setToolTip(tr("What the run says; it is in log.txt in its folder too."))
        self.settings = QTreeWidget(columnCount=2)
        self.settings.setHeaderLabels([tr("Setting"), tr("Value")])
        self.settings.setRootIsDecorated(False)
        self.settings.setAccessibleName(tr("What the run was told"))
        self.settings.setToolTip(
            tr("What the run was told; it is in config.json in its folder too.")
        )
        self.settings.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.log, tr("Log"))
        self.tabs.addTab(self.table, tr("AP"))
        self.tabs.addTab(self.settings, tr("Settings"))
        self._splitter = QSplitter(orientation)
        self._splitter.addWidget(self.curves)
        self._splitter.addWidget(self.tabs)
        self._splitter.setChildrenCollapsible(False)
        is_beside = orientation == Qt.Orientation.Horizontal
        self._splitter.setSizes([640, 360] if is_beside else [260, 320])
        self._splitter.setStretchFactor(0, 2 if is_beside else 1)
        self._splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    def clear(self) -> None:
        """Begins anew."""
        self.curves.clear()
        self.log.clear()
        self.table.show_before_and_after(None, None)
        self.tabs.setCurrentWidget(self.log)

    def take(self, events: Iterable[Event]) -> None:
        """Shows what was said."""
        lines: list[str] = []
        for event in events:
            if isinstance(event, Metrics):
                self.curves.add(event.iteration, event.values)
            elif isinstance(event, Finished):
                self._finish(event)
            else:
                lines += _lines(event)
        if lines:
            self.log.appendPlainText("\n".join(lines))

    def show_settings(self, config: Mapping[str, Json], places: Places) -> None:
        """What the run was told, as the form calls it."""
        self.settings.clear()
        for name, value in config.items():
            item = QTreeWidgetItem([setting_title(name), setting_text(name, value, places)])
            item.setToolTip(0, setting_tip(name))
            item.setToolTip(1, _whole(value))
            self.settings.addTopLevelItem(item)

    def show_numbers(
        self, before: Mapping[str, Json] | None, after: Mapping[str, Json] | None
    ) -> None:
        """AP of the start weights and of what came out."""
        self.table.show_before_and_after(before, after)
        if after:
            self.tabs.setCurrentWidget(self.table)
            self._make_room()

    def _make_room(self) -> None:
        """Gives the table the width that it needs, as long as the curves keep half of it."""
        if self._splitter.orientation() == Qt.Orientation.Horizontal:
            all_px = sum(self._splitter.sizes())
            wished_px = min(self.table.wished_width() + 8, all_px // 2)
            if self._splitter.sizes()[1] < wished_px:
                self._splitter.setSizes([all_px - wished_px, wished_px])

    def _finish(self, event: Finished) -> None:
        if not event.was_cancelled:
            self.show_numbers(event.result.get("before"), event.result.get("after"))


def _lines(event: Event) -> list[str]:
    if isinstance(event, Noted):
        return [event.sentence]
    if isinstance(event, CheckpointSaved):
        return [tr("Checkpoint at iteration {number}.").format(number=event.iteration)]
    if isinstance(event, Failed):
        return [event.details or event.sentence]
    return []


def _whole(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
