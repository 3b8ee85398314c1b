"""Precision by recall, and F1 by confidence, of a class or of all; the best threshold to take."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.texts import QT_TR_NOOP, tr
from gui.widgets.measured.class_curves import ClassCurve
from gui.widgets.measured.curve_chart import Curve, CurveChart
from gui.widgets.measured.number_table import Column, Line, NumberTable
from gui.widgets.words import ap_text, percent_text
from gui.widgets.wrapped import WrappedLabel

_NO_INSTANCE = QT_TR_NOOP("No instance of it is in these images, so there is no curve.")
_NOT_SEEN = QT_TR_NOOP("The model saw none of it.")
_NONE_RIGHT = QT_TR_NOOP("No prediction is right, so no confidence is the best.")
_HOW = QT_TR_NOOP(
    "At the best confidence as many predictions are right, and as few wrong or missing, as can be"
    " had together. F1 is 2 TP / (2 TP + FP + FN)."
)
_OVERLAPS = {
    "segm": QT_TR_NOOP("A prediction is right from a mask IoU of 0.50 on."),
    "bbox": QT_TR_NOOP("A prediction is right from a box IoU of 0.50 on."),
}
_COLUMNS = (
    (QT_TR_NOOP("Instances"), QT_TR_NOOP("In the images that were measured on.")),
    (
        QT_TR_NOOP("AP50"),
        QT_TR_NOOP(
            "The area under the curve, in percent, at IoU 0.50; of all classes the mean of theirs."
        ),
    ),
    (QT_TR_NOOP("Best confidence"), QT_TR_NOOP("From where on F1 is highest.")),
    (QT_TR_NOOP("F1"), QT_TR_NOOP("At the best confidence.")),
    (QT_TR_NOOP("Precision"), QT_TR_NOOP("How many predictions are right, there.")),
    (QT_TR_NOOP("Recall"), QT_TR_NOOP("How many instances are found, there.")),
)


class CurvesView(QWidget):
    """A line a class; beside it the two curves of the current one."""

    behind_wanted = Signal(object, float)
    """The index of a class, None for all, and a threshold."""
    thresholds_wanted = Signal(object)
    """(name of a class, empty for all; threshold) each: a person wants these as the project's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: Sequence[ClassCurve] = ()
        self.table = NumberTable(tr("The best confidence of each class"))
        self.precision, self.f1 = CurveChart(), CurveChart()
        self.use_button = _button(
            tr("Use as the project's confidence"),
            tr(
                "Let predictions show from this confidence on, in all images that are not done. It"
                " can be taken back like any move of the confidence."
            ),
        )
        self.use_all_button = _button(
            tr("Use each class's own"),
            tr("Give every class its own best confidence, and the best of all to the others."),
        )
        self.said = WrappedLabel()
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.how = WrappedLabel()
        charts = QHBoxLayout()
        charts.setSpacing(8)
        charts.addWidget(self.precision, 1)
        charts.addWidget(self.f1, 1)
        using = QHBoxLayout()
        using.setSpacing(8)
        using.addWidget(self.use_button)
        using.addWidget(self.use_all_button)
        using.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.table, 2)
        layout.addLayout(charts, 3)
        layout.addWidget(self.said)
        layout.addLayout(using)
        layout.addWidget(self.how)
        self._connect()

    def _connect(self) -> None:
        self.table.currentCellChanged.connect(lambda row, *_: self._show_charts(row))
        self.table.picked.connect(lambda row, _: self._want_best(row))
        for chart, other in ((self.precision, self.f1), (self.f1, self.precision)):
            chart.moved.connect(other.go_to)
            chart.moved.connect(lambda _: self._say())
            chart.picked.connect(self._want_point)
        self.use_button.clicked.connect(self._use_current)
        self.use_all_button.clicked.connect(self._use_all)

    def show_curves(self, curves: Sequence[ClassCurve], *, task: str) -> None:
        """Shows these, of all classes first.

        Args:
            curves: all classes together, then each.
            task: segm: overlaps are of masks; bbox: of boxes.
        """
        self.how.setText(f"{tr(_HOW)} {tr(_OVERLAPS[task])}")
        self._curves = curves
        columns = [Column(tr(title), tr(meaning)) for title, meaning in _COLUMNS]
        self.table.show_lines(columns, [_line(one) for one in curves])
        if self.table.currentRow() < 0 and curves:
            self.table.setCurrentCell(0, 0)
        self._show_charts(self.table.currentRow())

    @property
    def _current(self) -> ClassCurve | None:
        row = self.table.currentRow()
        return self._curves[row] if 0 <= row < len(self._curves) else None

    def _show_charts(self, row: int) -> None:
        if not 0 <= row < len(self._curves):
            return
        one = self._curves[row]
        precision, f1 = _charts_of(one)
        self.precision.show_curve(precision)
        self.f1.show_curve(f1)
        self._say()
        self.use_button.setEnabled(one.best is not None)
        self.use_all_button.setEnabled(any(each.best is not None for each in self._curves[1:]))

    def _say(self) -> None:
        """What the ringed point of both curves says, or the marked one."""
        one, at = self._current, self.precision.current
        best = one.best if one else None
        if one is None or at < 0 or best is None or not len(one.points.score):
            self.said.setText(tr(_NONE_RIGHT) if one and best is None else "")
        elif one.points.score[at] == best.threshold:
            self.said.setText(tr("Best F1: {words}.").format(words=self.precision.words))
        else:
            self.said.setText(tr("At {words}.").format(words=self.precision.words))

    def _want_best(self, row: int) -> None:
        if 0 <= row < len(self._curves):
            one = self._curves[row]
            least = one.best.threshold if one.best else 0.0
            self.behind_wanted.emit(one.class_index, least)

    def _want_point(self, point: int) -> None:
        if (one := self._current) is not None:
            self.behind_wanted.emit(one.class_index, float(one.points.score[point]))

    def _use_current(self) -> None:
        one = self._current
        if one is not None and one.best is not None:
            self.thresholds_wanted.emit(((one.name, one.best.threshold),))

    def _use_all(self) -> None:
        best = [(one.name, one.best.threshold) for one in self._curves if one.best]
        self.thresholds_wanted.emit(tuple(best))


def _name(one: ClassCurve) -> str:
    return one.name if one.class_index is not None else tr("All classes")


def _line(one: ClassCurve) -> Line:
    best, none = one.best, tr("n/a")
    at_best = (
        (
            percent_text(best.threshold),
            *(f"{v:.2f}" for v in (best.f1, best.precision, best.recall)),
        )
        if best
        else (none,) * 4
    )
    meaning = tr("{class_name}: Enter lists the images behind its best confidence.")
    return Line(
        _name(one), (str(one.points.n_truths), ap_text(one.ap50), *at_best),
        meaning.format(class_name=_name(one)),
    )  # fmt: skip


def _charts_of(one: ClassCurve) -> tuple[Curve, Curve]:
    points, name = one.points, _name(one)
    titles = (tr("{class_name}: precision by recall"), tr("{class_name}: F1 by confidence"))
    of_precision, of_f1 = (title.format(class_name=name) for title in titles)
    axes = (tr("recall"), tr("precision")), (tr("confidence"), tr("F1"))
    if not points.n_truths or not len(points.score):
        note = tr(_NO_INSTANCE) if not points.n_truths else tr(_NOT_SEEN)
        return Curve(of_precision, axes[0], note=note), Curve(of_f1, axes[1], note=note)
    best = one.best
    mark = None if best is None else int(np.abs(points.score - best.threshold).argmin())

    def words(point: int) -> str:
        numbers = (points.score, one.precision, one.recall, one.f1)
        score, precision, recall, f1 = (f"{column[point]:.2f}" for column in numbers)
        text = tr("confidence {score}: precision {precision}, recall {recall}, F1 {f1}")
        return text.format(score=score, precision=precision, recall=recall, f1=f1)

    return (
        Curve(of_precision, axes[0], one.recall, one.precision, words, mark),
        Curve(of_f1, axes[1], np.clip(points.score, 0, 1), one.f1, words, mark, is_stairs=True),
    )


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    button.setAutoDefault(False)
    return button
