"""The instances of the open image: to select, sort, hide and lock, as the canvas shows them."""

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from core.geometry import bounds_of, parts_area
from core.types import Instance
from core.wording import counted
from gui.document import Document
from gui.panels import PanelSpec
from gui.session import Session
from gui.widgets.instance_list import InstanceList, InstanceRow
from gui.widgets.wrapped import WrappedLabel

_UNKNOWN_COLOUR = "#808080"
_Key = Callable[["InstancesPanel", Instance], Any]
_SORTS: dict[str, tuple[str, _Key]] = {
    "order": ("Front to back", lambda _panel, _one: 0),
    "class": ("By class", lambda panel, one: panel.class_name(one).casefold()),
    "state": ("To review first", lambda _panel, one: one.is_of_person),
    "score": ("Least sure first", lambda _panel, one: _doubt(one)),
    "size": ("Smallest first", lambda _panel, one: parts_area(one.parts)),
}
"""How the list can be sorted: its words, and by what."""


class InstancesPanel(QWidget):
    """Lists the instances of the session's document."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._document: Document | None = None
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.hint = WrappedLabel()
        self.marked = WrappedLabel()
        self.sort = QComboBox()
        self.sort.setAccessibleName("Order of the instances")
        self.sort.setToolTip("How the instances are sorted.")
        for name, (words, _) in _SORTS.items():
            self.sort.addItem(words, name)
        self.list = InstanceList()
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.marked, 1)
        row.addWidget(self.sort)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self.hint)
        layout.addLayout(row)
        layout.addWidget(self.list, 1)
        layout.addStretch(0)
        self.sort.currentIndexChanged.connect(lambda _: self._fill())
        self.list.picked.connect(self._on_picked)
        self.list.eye_clicked.connect(self._on_eye_clicked)
        self.list.lock_clicked.connect(self._on_lock_clicked)
        session.document_changed.connect(self._on_document_changed)
        session.classes_changed.connect(self._fill)
        self._on_document_changed()
        self._fill()

    def class_name(self, instance: Instance) -> str:
        """The name of its class, or its number where the project does not have it."""
        one = self._session.class_list.of_id(instance.class_id)
        return one.name if one else f"class {instance.class_id}"

    def _on_document_changed(self) -> None:
        if self._document is self._session.document:
            return
        if self._document is not None:
            self._document.changed.disconnect(self._on_changed)
            self._document.selection_changed.disconnect(self._follow)
            self._document.marks.changed.disconnect(self._on_marks_changed)
        self._document = self._session.document
        if self._document is not None:
            self._document.changed.connect(self._on_changed)
            self._document.selection_changed.connect(self._follow)
            self._document.marks.changed.connect(self._on_marks_changed)
        self._fill()

    def _on_changed(self, ids: frozenset[str]) -> None:
        instances = self._sorted()
        if [one.id for one in instances] != list(self.list.ids):
            self._fill()
        else:
            self.list.update_rows(self._rows(one for one in instances if one.id in ids))

    def _on_marks_changed(self, ids: frozenset[str]) -> None:
        self.list.update_rows(self._rows(one for one in self._sorted() if one.id in ids))
        self._tell_marked()

    def _fill(self) -> None:
        instances = self._sorted()
        self.list.fill(self._rows(instances), selection=self._selection)
        has_some = bool(instances)
        self.hint.setVisible(not has_some)
        self.list.setVisible(has_some)
        self.sort.setVisible(has_some)
        self.hint.setText(
            "Nothing is labelled in this image yet. Draw with the polygon or box tool, or pre-label"
            " it."
            if self._document
            else "No image is open."
        )
        self._tell_marked()

    def _sorted(self) -> list[Instance]:
        # what lies in front comes first, also among those that are equal
        instances = list(self._document.labels.instances[::-1] if self._document else ())
        _, key = _SORTS[self.sort.currentData()]
        return sorted(instances, key=lambda one: key(self, one))

    def _rows(self, instances: Iterable[Instance]) -> list[InstanceRow]:
        return [self._row(one) for one in instances]

    def _row(self, instance: Instance) -> InstanceRow:
        one = self._session.class_list.of_id(instance.class_id)
        marks = self._document.marks if self._document else None
        return InstanceRow(
            instance.id,
            self.class_name(instance),
            one.colour if one else _UNKNOWN_COLOUR,
            instance.state,
            instance.score,
            _size_wh(instance),
            source=instance.source,
            is_hidden=marks is not None and instance.id in marks.hidden,
            is_locked=marks is not None and instance.id in marks.locked,
        )

    def _tell_marked(self) -> None:
        instances = self._document.labels.instances if self._document else ()
        hidden = self._document.marks.hidden if self._document else frozenset()
        n_hidden = sum(one.id in hidden for one in instances)
        count = counted(len(instances), "instance")
        self.marked.setText(f"{count}, {n_hidden} hidden" if n_hidden else count)
        self.marked.setVisible(bool(instances))

    @property
    def _selection(self) -> frozenset[str]:
        return self._document.selection if self._document else frozenset()

    def _follow(self) -> None:
        self.list.follow(self._selection)

    def _on_picked(self, ids: frozenset[str]) -> None:
        if self._document is not None:
            self._document.select(ids)

    def _on_eye_clicked(self, instance_id: str) -> None:
        if self._document is not None:
            marks = self._document.marks
            marks.set_hidden(marks.hidden ^ {instance_id})
            self._document.select(self._document.selection - marks.hidden)

    def _on_lock_clicked(self, instance_id: str) -> None:
        if self._document is not None:
            self._document.marks.set_locked(self._document.marks.locked ^ {instance_id})


def _doubt(instance: Instance) -> tuple[bool, float]:
    """What nobody looked at comes first, the least sure before the others."""
    return instance.is_of_person, 1.0 if instance.score is None else instance.score


def _size_wh(instance: Instance) -> tuple[float, float]:
    x0, y0, x1, y1 = bounds_of(instance.parts)
    return x1 - x0, y1 - y0


PANEL = PanelSpec(
    "instances",
    "Instances",
    Qt.DockWidgetArea.RightDockWidgetArea,
    1,
    InstancesPanel,
    actions=(
        "show_selected",
        "accept",
        "reject",
        "change_class",
        "copy",
        "duplicate",
        "hide_selected",
        "hide_others",
        "show_all",
        "lock_selected",
        "unlock_all",
        "delete_instances",
    ),
)
