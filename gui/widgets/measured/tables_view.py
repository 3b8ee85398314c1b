"""AP and AR as COCO prints them, by class and size, and how many instances each split has."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.types import Json
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.measured.number_table import Column, Line, NumberTable
from gui.widgets.words import ap_text

_MEANINGS = {
    "AP": QT_TR_NOOP("The mean over how well an instance must be met, IoU 0.50 to 0.95."),
    "AP50": QT_TR_NOOP("An instance counts as found where half of it is met (IoU 0.50)."),
    "AP75": QT_TR_NOOP("An instance counts as found only where it is met well (IoU 0.75)."),
    "APs": QT_TR_NOOP("Of small instances, under 32² pixels."),
    "APm": QT_TR_NOOP("Of instances of 32² to 96² pixels."),
    "APl": QT_TR_NOOP("Of large instances, over 96² pixels."),
    "AR1": QT_TR_NOOP("How many instances are found, with 1 prediction an image and class."),
    "AR10": QT_TR_NOOP("How many instances are found, with 10 predictions an image and class."),
    "AR100": QT_TR_NOOP("How many instances are found, with 100 predictions an image and class."),
    "ARs": QT_TR_NOOP("How many small instances are found, under 32² pixels."),
    "ARm": QT_TR_NOOP("How many instances of 32² to 96² pixels are found."),
    "ARl": QT_TR_NOOP("How many large instances are found, over 96² pixels."),
}
_OF_CLASS = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR100")
_TASKS = {"segm": QT_TR_NOOP("Mask"), "bbox": QT_TR_NOOP("Box")}
_SPLITS = {
    "train": QT_TR_NOOP("In train"),
    "val": QT_TR_NOOP("In val"),
    "test": QT_TR_NOOP("In test"),
}
_OF_SPLIT = QT_TR_NOOP("Instances of the class in the done images of this split.")


class TablesView(QWidget):
    """Two tables; a cell picks what is behind it."""

    number_picked = Signal(object, str)
    """The index of a class, None for all, and a number's name, as "APs"."""
    count_picked = Signal(object, str)
    """The index of a class, None for all, and a split."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Mapping[str, Json] = {}
        self._splits: list[str] = []
        self._n_classes = 0
        self.whole = NumberTable(
            tr("Average precision and recall, in percent. n/a: nothing to measure on.")
        )
        self.classes = NumberTable(tr("Average precision of each class, in percent, and counts"))
        self.tasks = QComboBox()
        self.tasks.setAccessibleName(tr("Of masks or of boxes"))
        self.tasks.setToolTip(tr("What the classes are measured by: their masks or their boxes."))
        for task, title in _TASKS.items():
            self.tasks.addItem(tr(title), task)
        left, right, head = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(QLabel(tr("By class and size, in percent")), 1)
        head.addWidget(self.tasks)
        left.addWidget(QLabel(tr("All classes, in percent")))
        left.addWidget(self.whole, 1)
        right.addLayout(head)
        right.addWidget(self.classes, 1)
        layout = QHBoxLayout(self)
        layout.setSpacing(16)
        layout.addLayout(left)
        layout.addLayout(right, 1)
        self.whole.picked.connect(self._on_whole)
        self.classes.picked.connect(self._on_class)
        self.tasks.currentIndexChanged.connect(lambda _: self._show_classes())

    def show_result(self, result: Mapping[str, Json]) -> None:
        """Shows what was measured: "bbox", "segm", "recall", "by_class" and "splits"."""
        self._result = result
        numbers = {task: self._of_all(task) for task in _TASKS}
        lines = [
            Line(name, [ap_text(numbers[task].get(name)) for task in _TASKS], tr(meaning))
            for name, meaning in _MEANINGS.items()
        ]
        self.whole.show_lines([Column(tr(title)) for title in _TASKS.values()], lines)
        self.whole.setFixedWidth(wished_width(self.whole))
        self._show_classes()

    def _of_all(self, task: str) -> Mapping[str, Json]:
        """AP and AR of all classes together: the mean over those that have instances."""
        recall = self._result.get("recall") or {}
        return {**(self._result.get(task) or {}), **(recall.get(task) or {})}

    def _show_classes(self) -> None:
        of_class = (self._result.get("by_class") or {}).get(self.tasks.currentData()) or []
        splits = self._result.get("splits") or {}
        rows = splits.get("rows") or []
        place_of = {name: place for place, name in enumerate(splits.get("classes") or [])}
        self._splits = [row["name"] for row in rows]
        self._n_classes = len(of_class)
        lines = []
        for one in of_class:
            place = place_of.get(one["name"])
            counts = ["" if place is None else str(row["by_class"][place]) for row in rows]
            texts = [*(ap_text(one[name]) for name in _OF_CLASS), *counts]
            lines.append(Line(one["name"], texts, tips=self._tips(one["name"])))
        of_all = self._of_all(self.tasks.currentData())
        numbers = [ap_text(of_all.get(name)) if of_class else "" for name in _OF_CLASS]
        totals = [*numbers, *(str(row["instances"]) for row in rows)]
        images = [*("" for _ in _OF_CLASS), *(str(row["images"]) for row in rows)]
        lines.append(Line(tr("All classes"), totals, tips=self._tips(tr("All classes"))))
        lines.append(Line(tr("Images"), images, tr("Done images of each split.")))
        self.classes.show_lines(self._columns(), lines)

    def _columns(self) -> list[Column]:
        numbers = [Column(name, tr(_MEANINGS[name])) for name in _OF_CLASS]
        titles = [tr(_SPLITS[one]) if one in _SPLITS else one for one in self._splits]
        return [*numbers, *(Column(title, tr(_OF_SPLIT)) for title in titles)]

    def _tips(self, class_name: str) -> list[str]:
        of_class = tr("{class_name}. {meaning}")
        meanings = [*(_MEANINGS[name] for name in _OF_CLASS), *(_OF_SPLIT for _ in self._splits)]
        return [of_class.format(class_name=class_name, meaning=tr(one)) for one in meanings]

    def _on_whole(self, row: int, _column: int) -> None:
        self.number_picked.emit(None, list(_MEANINGS)[row])

    def _on_class(self, row: int, column: int) -> None:
        index = row if row < self._n_classes else None
        if column < len(_OF_CLASS):
            self.number_picked.emit(index, _OF_CLASS[column])
        else:
            self.count_picked.emit(index, self._splits[column - len(_OF_CLASS)])


def wished_width(table: NumberTable) -> int:
    """At which every column is seen."""
    bar = table.verticalScrollBar().sizeHint().width()
    beside = table.verticalHeader().sizeHint().width() + bar
    return table.horizontalHeader().length() + beside + 2 * table.frameWidth()
