"""What differs between runs, in tables with a column a run: settings, data, AP by class."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.runs_compared import (
    ApRow,
    CountRow,
    ImagesCompared,
    SettingRow,
    ValCompared,
)
from core.types import Split
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.plotting import curve_colour
from gui.widgets.run_grid import swatch
from gui.widgets.setting_words import Places, setting_text, setting_tip, setting_title
from gui.widgets.words import ap_text
from gui.widgets.wrapped import WrappedLabel

_IMAGES = {
    Split.TRAIN: QT_TR_NOOP("train images"),
    Split.VAL: QT_TR_NOOP("val images"),
    Split.TEST: QT_TR_NOOP("test images"),
}
_OF_CLASS = {
    Split.TRAIN: QT_TR_NOOP("{name}, train"),
    Split.VAL: QT_TR_NOOP("{name}, val"),
    Split.TEST: QT_TR_NOOP("{name}, test"),
}
_MOST_NAMES = 12
_WIDEST_LETTERS = 24
"""Of the name of a run above its column, and of what is below it."""
_SWATCH_PX = 40  # with the room around it
_FEW = 3
"""Runs whose columns share the room."""


class Line(NamedTuple):
    """A line of a table with a column a run."""

    title: str
    texts: Sequence[str]
    """Of each run."""
    tip: str = ""
    """What is to be known of the title."""
    whole: Sequence[str] = ()
    """What each text is short for; empty: they say it all."""


class Differences(QWidget):
    """Sentences above a table with a column a run."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        """Nothing shown yet.

        Args:
            name: what the table is called by those who do not see it.
            tip: what it shows.
            parent: as of any QWidget.
        """
        super().__init__(parent)
        self.words = WrappedLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.table = QTableWidget()
        self.table.setAccessibleName(name)
        self.table.setToolTip(tip)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.words)
        layout.addWidget(self.table, 1)

    def _fit(self, n_runs: int) -> None:
        """Few columns share the room that there is; of many each has what it needs."""
        header, letter = self.table.horizontalHeader(), self.fontMetrics().averageCharWidth()
        modes = QHeaderView.ResizeMode
        header.setSectionResizeMode(modes.Stretch if n_runs <= _FEW else modes.ResizeToContents)
        header.setMaximumSectionSize(_WIDEST_LETTERS * letter + _SWATCH_PX)

    def show_rows(self, sentence: str, runs: Sequence[str], rows: Sequence[Line]) -> None:
        """Shows these lines, and no others."""
        self.words.setText(sentence)
        self.table.setVisible(bool(rows))
        self.table.clear()
        self.table.setRowCount(len(rows))
        self.table.setColumnCount(len(runs))
        for place, run in enumerate(runs):
            header = QTableWidgetItem(swatch(curve_colour(place, self.palette())), run)
            header.setToolTip(run)
            self.table.setHorizontalHeaderItem(place, header)
        self._fit(len(runs))
        for row, line in enumerate(rows):
            title_of_row = QTableWidgetItem(line.title)
            title_of_row.setToolTip(line.tip)
            self.table.setVerticalHeaderItem(row, title_of_row)
            for place, text in enumerate(line.texts):
                item = QTableWidgetItem(text)
                item.setToolTip(line.whole[place] if line.whole else text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, place, item)

    def text_at(self, row: str, run: int) -> str:
        """What is shown in the line of this title, of a run by its place; empty without one."""
        for number in range(self.table.rowCount()):
            header = self.table.verticalHeaderItem(number)
            if header is not None and header.text() == row:
                item = self.table.item(number, run)
                return item.text() if item is not None else ""
        return ""


def setting_lines(rows: Sequence[SettingRow], places: Places) -> list[Line]:
    """The lines of settings that differ, files by what `places` calls them."""
    return [
        Line(
            setting_title(row.name),
            [setting_text(row.name, value, places) for value in row.values],
            setting_tip(row.name),
            [setting_text("", value, places) for value in row.values],
        )
        for row in rows
    ]


def setting_words(rows: Sequence[SettingRow]) -> str:
    """What is to be said of them."""
    if not rows:
        return tr("They were told the same: all settings are equal.")
    n = len(rows)
    one = tr("1 setting differs; the others are equal.")
    return one if n == 1 else tr("%n settings differ; the others are equal.", "", n)


def count_lines(rows: Sequence[CountRow]) -> list[Line]:
    """The lines of numbers of images and instances that differ."""
    return [
        Line(
            tr(_OF_CLASS[row.split]).format(name=row.class_name)
            if row.class_name
            else tr(_IMAGES[row.split]),
            [tr("n/a") if n is None else str(n) for n in row.numbers],
        )
        for row in rows
    ]


def image_words(images: ImagesCompared, runs: Sequence[str]) -> str:
    """Which images they share and which not, in sentences."""
    shared = n_images(images.n_shared)
    if images.is_same:
        return tr("They had the same {images} with the same labels.").format(images=shared)
    counts = ", ".join(map(str, images.n_images))
    said = [tr("In all of them: {images}, of {counts}.").format(images=shared, counts=counts)]
    for name, keys in zip(runs, images.only, strict=True):
        if keys:
            only = tr("Only in {run}: {images}, {names}.")
            said.append(only.format(run=name, images=n_images(len(keys)), names=_some(keys)))
    if images.moved:
        said.append(tr("Not always in the same split: {names}.").format(names=_some(images.moved)))
    if images.relabelled:
        otherwise = tr("Labelled otherwise in one than in another: {images}, {names}.")
        n = len(images.relabelled)
        said.append(otherwise.format(images=n_images(n), names=_some(images.relabelled)))
    return " ".join(said)


def ap_lines(rows: Sequence[ApRow], *, is_fair: bool) -> list[Line]:
    """The lines of AP, classes by their names.

    Args:
        rows: the AP.
        is_fair: whether all were measured on the same, so that one of them is the best.
    """
    return [Line(row.name.removeprefix("AP-"), _ap_texts(row, is_fair=is_fair)) for row in rows]


def val_words(val: ValCompared) -> str:
    """Whether their AP can be compared, and why not."""
    if not val.n_images:
        return ""
    if None in val.n_images:
        return tr(
            "One of them does not say what it was measured on: their AP may be of different images."
        )
    if not any(val.n_images):
        return tr("No image was kept to measure on.")
    if not val.shared:
        return tr(
            "They were measured on different images and share none: their AP does not say which"
            " one is better."
        )
    shared = n_images(len(val.shared))
    if val.is_same:
        return tr("All were measured on the same {images} with the same labels.").format(
            images=shared
        )
    if all(n == len(val.shared) for n in val.n_images):
        said = tr("All were measured on the same {images}.").format(images=shared)
    else:
        said = tr(
            "They were not measured on the same images, so their AP is no fair comparison: {shared}"
            " shared, of {counts}."
        ).format(shared=shared, counts=", ".join(str(n) for n in val.n_images))
    if not val.relabelled:
        return said
    otherwise = tr("The labels of {images} changed in between: no fair comparison.")
    return f"{said} {otherwise.format(images=n_images(len(val.relabelled)))}"


def shared_words(n: int) -> str:
    """What is to be said of AP that was measured anew.

    Args:
        n: images that it was measured on.
    """
    anew = tr("Measured anew on {images} that all kept, with the labels of the newest run.")
    return anew.format(images=n_images(n))


def _ap_texts(row: ApRow, *, is_fair: bool) -> list[str]:
    known = {value for value in row.values if value is not None}
    best = max(known) if is_fair and len(known) > 1 else None
    return [
        tr("{number} (best)").format(number=ap_text(value))
        if best is not None and value == best
        else ap_text(value)
        for value in row.values
    ]


def _some(keys: Sequence[str]) -> str:
    """The first of these names, and whether there are more."""
    names = ", ".join(keys[:_MOST_NAMES])
    return tr("{names} and more").format(names=names) if len(keys) > _MOST_NAMES else names
