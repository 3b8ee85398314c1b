"""What an evaluation came to as files: the report, the numbers, single plots."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSpinBox,
    QWidget,
)

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
from core.plots.rounds_report import Round, json_with, report_with
from core.weights import weights_name
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.browsing import begin_near
from gui.widgets.measured.measurement import Measurement
from gui.widgets.measured.plot_files import write_plot
from gui.widgets.measured.view import MeasuredView

_NO_NAME = re.compile(r"[^\w.-]+")
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
    sheets_wanted = Signal(object, float)
    """The folder, to which one for the sheets is added, and the least confidence that is drawn."""

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
        self.sheets_button = _button(
            tr("Save sheets…"),
            tr(
                "Save the worst images and random ones as pictures, labels and predictions side by"
                " side."
            ),
        )
        self.least = QSpinBox()
        self.least.setRange(0, 100)
        self.least.setSuffix(tr(" %"))
        self.least.setAccessibleName(tr("Confidence from which on predictions are on the sheets"))
        self.least.setToolTip(tr("Predictions that are less sure than this are not on the sheets."))
        at = QLabel(tr("at a confidence of"))
        at.setBuddy(self.least)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        buttons = (self.report_button, self.json_button, self.plot_button, self.sheets_button)
        for widget in (*buttons, at, self.least):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.sheets_button.clicked.connect(self._ask_for_folder)
        view.confusion.threshold_shown.connect(self._follow_threshold)
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
            work = partial(_save_copy, measurement.kept.folder / name, file, self._rounds_there())
        self.wanted.emit(work)

    def _rounds_there(self) -> tuple[Round, ...]:
        """The rounds as they are known now, where they are of the same images."""
        rounds, measurement = self._view.rounds, self._view.measurement
        is_same = measurement is not None and measurement.kept.heading.ground == rounds.ground
        return rounds.rounds if is_same else ()

    def draw_sheets(self, folder: Path) -> None:
        """Wants sheets in a folder of their own in this one."""
        if self._view.measurement is not None:
            heading = self._view.measurement.kept.heading
            own = sheets_folder(folder, heading.weights, heading.split)
            self.sheets_wanted.emit(own, self.least.value() / 100)

    def _follow_threshold(self, threshold: float) -> None:
        self.least.setValue(round(threshold * 100))

    def _ask_for_folder(self) -> None:
        dialog = begin_near(QFileDialog(self.window(), tr("Folder for the sheets")))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self.draw_sheets(Path(folder)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

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


def sheets_folder(folder: Path, weights: str, split: str) -> Path:
    """The folder in this one for the sheets of weights; later sheets replace earlier ones."""
    name = _NO_NAME.sub("_", weights_name(weights).removesuffix("/best.pth"))
    return folder / f"sheets_{name}_{split}"


def _follow(dialog: QFileDialog, kind: str) -> None:
    """Lets a name without an ending get that of the kind."""
    dialog.setDefaultSuffix(kind.split("*.")[-1].rstrip(")"))


def _save_copy(kept: Path, file: Path, rounds: Sequence[Round]) -> str:
    """Called in a thread."""

    def write() -> None:
        content = kept.read_bytes()
        if rounds:
            with_rounds = report_with if kept.name == REPORT else json_with
            content = with_rounds(content, rounds)
        write_atomically(file, content)

    return _saved(file, write)


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
