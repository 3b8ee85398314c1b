"""What an evaluation came to as files: the report, the numbers, single plots."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from core.atomic import reason_of, write_atomically
from core.errors import AppError
from core.kept_evaluations import (
    CLASSES_PLOT,
    EVERYTHING,
    F1_PLOT,
    PRECISION_PLOT,
    REPORT,
    SIZES_PLOT,
)
from core.matches import Indices
from core.plots.evaluation import confusion_svg
from core.plots.rounds import RoundsPanel, rounds_svg
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.measured.measurement import Measurement
from gui.widgets.measured.plot_files import write_plot
from gui.widgets.measured.view import MeasuredView

CONFUSION_PLOT, ROUNDS_PLOT = "confusion.svg", "rounds.svg"
_PLOTS = {
    PRECISION_PLOT: QT_TR_NOOP("Precision by recall…"),
    F1_PLOT: QT_TR_NOOP("F1 by confidence…"),
    CONFUSION_PLOT: QT_TR_NOOP("What was taken for what…"),
    CLASSES_PLOT: QT_TR_NOOP("AP by class…"),
    SIZES_PLOT: QT_TR_NOOP("AP by size…"),
    ROUNDS_PLOT: QT_TR_NOOP("AP and effort of the rounds…"),
}


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """What plots are made of, as it is now: a thread makes them while this goes on."""

    measurement: Measurement
    cells: Indices
    threshold: float
    rounds: tuple[RoundsPanel, ...]


class SavingBar(QWidget):
    """Asks where to, and says what is to be written."""

    wanted = Signal(object)
    """A function that writes a file and gives a sentence about it, to be called in a thread; it
    raises AppError."""

    def __init__(self, view: MeasuredView, parent: QWidget | None = None) -> None:
        """Saves what a view shows.

        Args:
            view: of the evaluation.
            parent: as of any QWidget.
        """
        super().__init__(parent)
        self._view = view
        self.report_button = _button(
            tr("Save report…"), tr("Save all of this as one HTML file to look at.")
        )
        self.json_button = _button(tr("Save JSON…"), tr("Save the numbers for other programs."))
        self.plot_button = _button(tr("Save plot"), tr("Save one of the plots as SVG or PNG."))
        menu = QMenu(self)
        for name, words in _PLOTS.items():
            menu.addAction(tr(words)).triggered.connect(partial(self._ask_for_plot, name))
        self.plot_button.setMenu(menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for button in (self.report_button, self.json_button, self.plot_button):
            layout.addWidget(button)
        layout.addStretch(1)
        self.report_button.clicked.connect(lambda: self._ask_for_file(REPORT, "html"))
        self.json_button.clicked.connect(lambda: self._ask_for_file(EVERYTHING, "json"))

    def save(self, name: str, file: Path) -> None:
        """Wants one of the files of the evaluation to be written there."""
        measurement = self._view.measurement
        if measurement is None:
            return
        if name in _PLOTS:
            work = partial(_save_plot, file, partial(_svg_of, name, self._shown(measurement)))
        else:
            work = partial(_save_copy, measurement.kept.folder / name, file)
        self.wanted.emit(work)

    def _shown(self, measurement: Measurement) -> _Shown:
        confusion = self._view.confusion
        lines = self._view.rounds.lines
        rounds = tuple(RoundsPanel(one.title, one.names, one.values) for one in lines)
        return _Shown(measurement, confusion.model.cells, confusion.threshold, rounds)

    def _ask_for_plot(self, name: str) -> None:
        self._ask_for_file(name, "svg", "png")

    def _ask_for_file(self, name: str, *suffixes: str) -> None:
        kinds = [f"{suffix.upper()} (*.{suffix})" for suffix in suffixes]
        title = tr("Save the evaluation")
        dialog = QFileDialog(self.window(), title, "", ";;".join(kinds))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix[1:])
        dialog.selectFile(name)
        dialog.filterSelected.connect(lambda kind: _follow(dialog, kind))
        dialog.fileSelected.connect(lambda file: self.save(name, Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _follow(dialog: QFileDialog, kind: str) -> None:
    """Lets a name without an ending get that of the kind."""
    dialog.setDefaultSuffix(kind.split("*.")[-1].rstrip(")"))


def _save_copy(kept: Path, file: Path) -> str:
    """Called in a thread."""
    return _saved(file, lambda: write_atomically(file, kept.read_bytes()))


def _save_plot(file: Path, svg_of: Callable[[], bytes]) -> str:
    """Called in a thread."""
    return _saved(file, lambda: write_plot(svg_of(), file))


def _svg_of(name: str, shown: _Shown) -> bytes:
    """The plot as it is kept, or of what is shown now. Called in a thread.

    Raises:
        OSError: what is kept cannot be read.
    """
    if name == CONFUSION_PLOT:
        numbers = shown.measurement.kept.numbers["confusion"]
        cells = {"cells": shown.cells.tolist(), "threshold": shown.threshold}
        svg = confusion_svg({**numbers, **cells})
    elif name == ROUNDS_PLOT:
        svg = rounds_svg(shown.rounds, title=tr("AP and effort of the rounds"))
    else:
        return (shown.measurement.kept.folder / name).read_bytes()
    return svg.encode("utf-8", "xmlcharrefreplace")


def _saved(file: Path, write: Callable[[], None]) -> str:
    why_not = tr("The evaluation could not be saved: {error}")
    try:
        write()
    except AppError as error:
        raise AppError(why_not.format(error=error)) from error
    except OSError as error:
        raise AppError(why_not.format(error=f"{error.filename}: {reason_of(error)}.")) from error
    return tr("The evaluation is in {file}.").format(file=file)


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text, autoDefault=False)
    button.setToolTip(tooltip)
    return button
