"""AP of several runs beside each other, by class, and the wish to measure them anew."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.runs_compared import ApRow
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.run_differences import Differences, ap_lines

_TASKS = {"segm": QT_TR_NOOP("Masks"), "bbox": QT_TR_NOOP("Boxes")}


class RunMeasures(QWidget):
    """A table for masks or boxes, with what is to be said of it above."""

    anew_wanted = Signal()
    """The runs shall be measured on the images that they share."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: Sequence[str] = ()
        self._ap: Mapping[str, Sequence[ApRow]] = {}
        self._words, self._is_fair = "", False
        self.table = Differences(
            tr("AP of the chosen runs"),
            tr("AP in percent, of all classes and by class; n/a: nothing to measure on."),
        )
        self.task = QComboBox()
        self.task.setAccessibleName(tr("Masks or boxes"))
        self.task.setToolTip(tr("Whether the AP of masks or that of boxes is shown."))
        for task, title in _TASKS.items():
            self.task.addItem(tr(title), task)
        self.task.currentIndexChanged.connect(lambda _: self._show())
        self.anew_button = QPushButton(tr("Measure on the shared images"))
        self.anew_button.setToolTip(
            tr("Measure the weights of all chosen runs on the val images that they share.")
        )
        self.anew_button.clicked.connect(self.anew_wanted)
        self.progress = QLabel()
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.task)
        row.addWidget(self.anew_button)
        row.addWidget(self.progress, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.table, 1)

    def show_ap(
        self,
        words: str,
        names: Sequence[str],
        ap: Mapping[str, Sequence[ApRow]],
        *,
        is_fair: bool,
    ) -> None:
        """Shows what runs are worth.

        Args:
            words: what is to be said of it.
            names: of the runs.
            ap: by task: segm, bbox.
            is_fair: whether all were measured on the same, so that one of them is the best.
        """
        self._words, self._names, self._ap, self._is_fair = words, names, ap, is_fair
        self._show()

    def text_at(self, row: str, run: int) -> str:
        """What is shown in the line of this title, of a run by its place."""
        return self.table.text_at(row, run)

    def _show(self) -> None:
        rows = self._ap.get(self.task.currentData(), ())
        self.table.show_rows(self._words, self._names, ap_lines(rows, is_fair=self._is_fair))
