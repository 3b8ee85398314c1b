"""What each round came to on the same images: AP and effort, as one line over the rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.kept_evaluations import KeptEvaluation
from core.matches.behind import unmatched_by_image
from core.plots.rounds_report import Round, round_of
from core.types import Json
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.measured.behind_rows import Behind, BehindGroup, BehindRow
from gui.widgets.measured.number_table import Column, Line, NumberTable
from gui.widgets.measured.rounds_chart import RoundsChart, RoundsLine
from gui.widgets.words import ap_text, percent_text
from gui.widgets.wrapped import WrappedLabel

_NO_ROUND = QT_TR_NOOP(
    "No fine-tune of this folder is finished yet. Fine-tune once, correct what the model predicts,"
    " and fine-tune again: here is what each round brought."
)
_HOW = QT_TR_NOOP(
    "The line is of one and the same val images with the same labels. A hollow square is what a run"
    " measured when it ended, on its val images of then, which may be others."
)
_COLUMNS = (
    (QT_TR_NOOP("Mask AP"), QT_TR_NOOP("On the same images as the others.")),
    (QT_TR_NOOP("Box AP"), QT_TR_NOOP("On the same images as the others.")),
    (
        QT_TR_NOOP("Edits an instance"),
        QT_TR_NOOP("That are left for a person, on the same images."),
    ),
    (QT_TR_NOOP("Untouched"), QT_TR_NOOP("Instances that are good as predicted.")),
    (QT_TR_NOOP("Mask AP then"), QT_TR_NOOP("When the run ended, on its val images of then.")),
    (QT_TR_NOOP("Edits then"), QT_TR_NOOP("An instance, when the run ended.")),
)


@dataclass(frozen=True, slots=True, eq=False)
class RoundNumbers:
    """What is known of one round."""

    weights: str
    name: str
    then: Mapping[str, Json]
    """What its run measured when it ended."""
    kept: KeptEvaluation | None = None
    """The last evaluation of its weights on the val images."""


def ground_of_rounds(rounds: Sequence[RoundNumbers]) -> str:
    """What the newest evaluation of any of them was measured on; empty where there is none."""
    kept = [one.kept for one in rounds if one.kept is not None]
    return max(kept, key=lambda one: one.heading.moment).heading.ground if kept else ""


class RoundsView(QWidget):
    """Two charts and a table; a round picks the images behind it."""

    asked = Signal(object)
    """A function that gives the Behind of a round, to be called in a thread."""
    measure_wanted = Signal(object)
    """RoundNumbers that are to be measured on the images of now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rounds: Sequence[RoundNumbers] = ()
        self._ground = ""
        self.words = WrappedLabel()
        self.ap, self.effort = RoundsChart(), RoundsChart()
        self.table = NumberTable(tr("What each round came to"))
        self.how = WrappedLabel(tr(_HOW))
        self.measure_button = QPushButton(autoDefault=False)
        charts = QHBoxLayout()
        charts.setSpacing(8)
        charts.addWidget(self.ap, 1)
        charts.addWidget(self.effort, 1)
        going = QHBoxLayout()
        going.addWidget(self.measure_button)
        going.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.words)
        layout.addLayout(charts, 3)
        layout.addWidget(self.table, 2)
        layout.addWidget(self.how)
        layout.addLayout(going)
        layout.addStretch(0)
        for chart in (self.ap, self.effort):
            chart.picked.connect(self._ask)
        self.table.picked.connect(lambda row, _: self._ask(row))
        self.measure_button.clicked.connect(self._want_measured)
        self.show_rounds((), can_measure=False)

    def show_rounds(self, rounds: Sequence[RoundNumbers], *, can_measure: bool) -> None:
        """Shows these, the oldest first."""
        self._rounds, self._ground = rounds, ground_of_rounds(rounds)
        for widget in (self.ap, self.effort, self.table, self.how):
            widget.setVisible(bool(rounds))
        missing = self.missing
        self.words.setText(_sentence(rounds, len(missing)))
        self.measure_button.setVisible(bool(missing))
        self.measure_button.setEnabled(can_measure)
        self._name_button(len(missing))
        names = [one.name for one in rounds]
        now, then = [self._now(one) for one in rounds], [one.then for one in rounds]
        self.ap.show_line(
            RoundsLine(
                tr("Mask AP, percent"), names,
                [_ap(one, "segm") for one in now], [_ap(one, "segm") for one in then],
            )
        )  # fmt: skip
        self.effort.show_line(
            RoundsLine(
                tr("Edits an instance"), names,
                [_edits(one) for one in now], [_edits(one) for one in then],
            )
        )  # fmt: skip
        columns = [Column(tr(title), tr(meaning)) for title, meaning in _COLUMNS]
        lines = [
            Line(one.name, _texts(here, one.then))
            for one, here in zip(rounds, now, strict=True)
        ]  # fmt: skip
        self.table.show_lines(columns, lines)

    @property
    def lines(self) -> tuple[RoundsLine, ...]:
        """What the charts show."""
        return self.ap.line, self.effort.line

    @property
    def rounds(self) -> tuple[Round, ...]:
        """What is shown, the oldest first."""
        return tuple(round_of(one.name, self._now(one), one.then) for one in self._rounds)

    @property
    def ground(self) -> str:
        """What the line was measured on; empty where nothing was."""
        return self._ground

    @property
    def missing(self) -> tuple[RoundNumbers, ...]:
        """Rounds that were not measured on the images of the others."""
        return tuple(one for one in self._rounds if not self._now(one))

    def _now(self, one: RoundNumbers) -> Mapping[str, Json]:
        """On the same images as the newest; nothing where it was not measured on them."""
        is_same = one.kept is not None and one.kept.heading.ground == self._ground
        return one.kept.numbers if one.kept is not None and is_same else {}

    def _name_button(self, n: int) -> None:
        self.measure_button.setText(
            tr("Measure 1 round on the same images")
            if n == 1
            else tr("Measure %n rounds on the same images", "", n)
        )
        self.measure_button.setToolTip(
            tr("Evaluate the weights of these rounds on the val images of now, one after another.")
        )

    def _want_measured(self) -> None:
        self.measure_wanted.emit(self.missing)

    def _ask(self, place: int) -> None:
        if 0 <= place < len(self._rounds):
            self.asked.emit(partial(behind_round, self._rounds[place]))


def behind_round(one: RoundNumbers) -> Behind:
    """The images of a round, those with the most mistakes first. For threads.

    Raises:
        AppError: its matches cannot be read.
    """
    if one.kept is None:
        text = tr("{round} was not measured on the val images of now.")
        return Behind(text.format(round=one.name), (BehindGroup("", ()),))
    matches = one.kept.read_matches()
    threshold = float(one.kept.numbers["confusion"]["threshold"])
    counts = unmatched_by_image(matches, threshold).tolist()
    rows = [
        BehindRow(key, n, tr("missed or wrong: {n}").format(n=n))
        for key, n in zip(matches.images, counts, strict=True)
        if n
    ]
    rows.sort(key=lambda row: -row.n)
    text = tr("{round}: missed or wrong at a confidence of {threshold}")
    title = text.format(round=one.name, threshold=percent_text(threshold))
    return Behind(title, (BehindGroup("", tuple(rows)),))


def _sentence(rounds: Sequence[RoundNumbers], n_missing: int) -> str:
    if not rounds:
        return tr(_NO_ROUND)
    if not n_missing:
        return tr("Every round is measured on the same images.")
    if n_missing == 1:
        return tr("1 round is not measured on the val images of now.")
    return tr("%n rounds are not measured on the val images of now.", "", n_missing)


def _ap(numbers: Mapping[str, Json], task: str) -> float | None:
    value = (numbers.get(task) or {}).get("AP")
    return float(value) if isinstance(value, int | float) else None


def _edits(numbers: Mapping[str, Json]) -> float | None:
    value = (numbers.get("effort") or {}).get("edits_per_instance")
    return float(value) if isinstance(value, int | float) else None


def _texts(now: Mapping[str, Json], then: Mapping[str, Json]) -> tuple[str, ...]:
    effort = now.get("effort") or {}
    n = effort.get("instances")
    untouched = f"{100 * effort['accepted'] / n:.0f} %" if n else tr("n/a")
    edits_now, edits_then = (
        tr("n/a") if value is None else f"{value:.1f}" for value in (_edits(now), _edits(then))
    )
    return (
        ap_text(_ap(now, "segm")), ap_text(_ap(now, "bbox")), edits_now, untouched,
        ap_text(_ap(then, "segm")), edits_then,
    )  # fmt: skip
