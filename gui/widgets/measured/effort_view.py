"""What is left for a person to do, counted without one: the number that the whole app is for."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.types import Json
from gui.texts import QT_TR_NOOP, n_instances, tr
from gui.widgets.effort_bars import Bars, EffortBars
from gui.widgets.measured.number_table import Column, Line, NumberTable
from gui.widgets.wrapped import WrappedLabel

KINDS = {
    "accepted": (
        QT_TR_NOOP("Accepted untouched"),
        QT_TR_NOOP("Good as predicted: mask IoU 0.90 and more, and of the right class."),
    ),
    "fixed": (
        QT_TR_NOOP("Corrected"),
        QT_TR_NOOP("Brought to IoU 0.90 by moving vertices, or given another class."),
    ),
    "drawn": (
        QT_TR_NOOP("Drawn anew"),
        QT_TR_NOOP("Not found, or so wrong that drawing is the shorter way."),
    ),
    "wrong_class": (
        QT_TR_NOOP("Of another class"),
        QT_TR_NOOP("Found, but as another class; counted above too."),
    ),
    "false_positives": (
        QT_TR_NOOP("False positives"),
        QT_TR_NOOP("Predictions where nothing is: each is deleted."),
    ),
}
_HOW = QT_TR_NOOP(
    "Counted on these images at a confidence of 50 % and more: to move a vertex, to change a class"
    " or to delete is one edit, to draw is one a vertex."
)
_NOT_COUNTED = QT_TR_NOOP(
    "The effort was not counted. Evaluate again: it is counted with everything else."
)
_NOTHING = QT_TR_NOOP("There is no instance in these images, so there is nothing to do.")


class EffortView(QWidget):
    """A sentence, two bars against each other, and a line a kind of work."""

    kind_picked = Signal(str)
    """A key of KINDS."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = WrappedLabel()
        self.bars = EffortBars()
        self.table = NumberTable(tr("What a person would do"))
        self.how = WrappedLabel(tr(_HOW))
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.words)
        layout.addWidget(self.bars, 2)
        layout.addWidget(self.table, 2)
        layout.addWidget(self.how)
        layout.addStretch(0)
        self.table.picked.connect(lambda row, _: self.kind_picked.emit(list(KINDS)[row]))

    def show_effort(self, effort: Mapping[str, Json] | None) -> None:
        """Shows what core.evaluation.effort counted; None: it did not."""
        self.words.setText(effort_sentence(effort))
        is_there = bool(effort and effort["instances"])
        for widget in (self.bars, self.table, self.how):
            widget.setVisible(is_there)
        if effort is None or not is_there:
            return
        n = effort["instances"]
        with_model, drawing_all = effort["edits_per_instance"], effort["edits_drawing_all"] / n
        self.bars.show_bars(
            [
                Bars(
                    tr("Edits an instance"),
                    [drawing_all, with_model],
                    [f"{drawing_all:.1f}", f"{with_model:.1f}"],
                    [tr("drawing all"), tr("with this model")],
                ),
                Bars(
                    tr("Accepted untouched"),
                    [100 * effort["accepted"] / n],
                    [_share(effort["accepted"], n)],
                    [tr("with this model")],
                    most=100,
                ),
            ]
        )
        columns = [
            Column(tr("Instances")),
            Column(tr("Share"), tr("Of the instances of these images.")),
        ]
        lines = [
            Line(tr(title), (str(effort[kind]), _share(effort[kind], n)), tr(meaning))
            for kind, (title, meaning) in KINDS.items()
        ]
        self.table.show_lines(columns, lines)


def effort_sentence(effort: Mapping[str, Json] | None) -> str:
    """What the model saves, in a sentence."""
    if effort is None:
        return tr(_NOT_COUNTED)
    n = effort["instances"]
    if not n:
        return tr(_NOTHING)
    edits, drawing = effort["edits_per_instance"] * n, effort["edits_drawing_all"]
    numbers = {"instances": n_instances(n), "edits": f"{edits:.0f}", "drawing": f"{drawing:.0f}"}
    if not edits < drawing:
        text = tr(
            "With these predictions {instances} take {edits} edits; to draw all by hand takes"
            " {drawing}: they save nothing yet."
        )
        return text.format(**numbers)
    text = tr(
        "With these predictions {instances} take {edits} edits; to draw all by hand takes"
        " {drawing}. {share} % are saved."
    )
    return text.format(**numbers, share=int(100 * (1 - edits / drawing)))


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.0f} %"
