"""The instances of the open image: to select, sort, hide and lock, as the canvas shows them."""

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from core.geometry import bounds_of, parts_area
from core.query import instances_found
from core.types import Instance
from gui.document import Document
from gui.panels import PanelSpec
from gui.session import Session
from gui.texts import QT_TR_NOOP, n_instances, tr
from gui.widgets.instance_list import InstanceList, InstanceRow
from gui.widgets.query_field import QueryField
from gui.widgets.rejected_list import RejectedList, RejectedRow
from gui.widgets.states_button import StatesButton
from gui.widgets.wrapped import WrappedLabel

_UNKNOWN_COLOUR = "#808080"
_HIDDEN_BY_KIND = QT_TR_NOOP(
    "Its class or its state is hidden. The eye of the class, or the menu of the states above the"
    " instances, shows it again."
)
_ClassName = Callable[[Instance], str]
_Key = Callable[[_ClassName, Instance], Any]
_SORTS: dict[str, tuple[str, _Key]] = {
    "order": (QT_TR_NOOP("Front to back"), lambda _class_name, _one: 0),
    "class": (QT_TR_NOOP("By class"), lambda class_name, one: class_name(one).casefold()),
    "state": (QT_TR_NOOP("To review first"), lambda _class_name, one: one.is_of_person),
    "score": (QT_TR_NOOP("Least sure first"), lambda _class_name, one: _doubt(one)),
    "size": (QT_TR_NOOP("Smallest first"), lambda _class_name, one: parts_area(one.parts)),
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
        self.sort.setAccessibleName(tr("Order of the instances"))
        self.sort.setToolTip(tr("How the instances are sorted."))
        for name, (words, _) in _SORTS.items():
            self.sort.addItem(tr(words), name)
        self.states = StatesButton()
        self.search = QueryField(
            tr("Search instances"),
            tr("the name of its class; only those of the open image are listed"),
        )
        self.list = InstanceList()
        self.rejected = RejectedList()
        self._lay_out()
        self._connect()
        self._on_document_changed()
        self._fill()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self.hint)
        for wide, narrow in ((self.search, self.states), (self.marked, self.sort)):
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addWidget(wide, 1)
            row.addWidget(narrow)
            layout.addLayout(row)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.rejected)
        layout.addStretch(0)

    def _connect(self) -> None:
        session, visibility = self._session, self._session.visibility
        self.search.changed.connect(self._fill)
        self.search.entered.connect(self.list.setFocus)
        self.states.toggled_state.connect(visibility.toggle_state)
        visibility.changed.connect(lambda: self.states.set_hidden(visibility.hidden_states))
        self.sort.currentIndexChanged.connect(lambda _: self._fill())
        self.list.picked.connect(self._on_picked)
        self.list.eye_clicked.connect(self._on_eye_clicked)
        self.list.lock_clicked.connect(self._on_lock_clicked)
        self.rejected.picked.connect(self._on_rejected_picked)
        session.document_changed.connect(self._on_document_changed)
        session.classes_changed.connect(self._on_classes_changed)

    def class_name(self, instance: Instance) -> str:
        """The name of its class, or its number where the project does not have it."""
        one = self._session.class_list.of_id(instance.class_id)
        return one.name if one else tr("class {number}").format(number=instance.class_id)

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
        self._fill_rejected()
        instances = self._sorted()
        if [one.id for one in instances] != list(self.list.ids):
            self._fill()
        else:
            self.list.update_rows(self._rows(one for one in instances if one.id in ids))

    def _on_marks_changed(self, ids: frozenset[str]) -> None:
        # what is new can be hidden, because of its class, before it is listed
        listed = ids.intersection(self.list.ids)
        self.list.update_rows(self._rows(one for one in self._sorted() if one.id in listed))
        self._tell_marked()

    def _on_classes_changed(self) -> None:
        self.search.set_classes(self._session.classes)
        self._fill()

    def _fill(self) -> None:
        self._fill_rejected()
        self.list.fill(self._rows(self._sorted()), selection=self._selection)
        has_some = bool(self._document and self._document.labels.instances)
        self.hint.setVisible(not has_some)
        for widget in (self.list, self.sort, self.search, self.states):
            widget.setVisible(has_some)
        self.hint.setText(
            tr(
                "Nothing is labelled in this image yet. Draw with the polygon or box tool, or"
                " pre-label it."
            )
            if self._document
            else tr("No image is open.")
        )
        self._tell_marked()

    def _fill_rejected(self) -> None:
        rejected = self._document.labels.rejected if self._document else ()
        self.rejected.fill(
            [
                RejectedRow(one.id, self.class_name(one), self._colour(one), one.score)
                for one in rejected
            ]
        )

    def _colour(self, instance: Instance) -> str:
        one = self._session.class_list.of_id(instance.class_id)
        return one.colour if one else _UNKNOWN_COLOUR

    def _sorted(self) -> list[Instance]:
        # what lies in front comes first, also among those that are equal
        instances = self._found()[::-1]
        _, key = _SORTS[self.sort.currentData()]
        return sorted(instances, key=lambda one: key(self.class_name, one))

    def _found(self) -> list[Instance]:
        """What the search finds, from back to front."""
        if self._document is None:
            return []
        labels, query = self._document.labels, self.search.query
        if not query.terms:
            return list(labels.instances)
        found = instances_found(query, labels, classes=self._session.classes)
        return [one for one, is_found in zip(labels.instances, found, strict=True) if is_found]

    def _rows(self, instances: Iterable[Instance]) -> list[InstanceRow]:
        return [self._row(one) for one in instances]

    def _row(self, instance: Instance) -> InstanceRow:
        marks = self._document.marks if self._document else None
        return InstanceRow(
            instance.id,
            self.class_name(instance),
            self._colour(instance),
            instance.state,
            instance.score,
            _size_wh(instance),
            source=instance.source,
            is_hidden=marks is not None and instance.id in marks.hidden,
            is_locked=marks is not None and instance.id in marks.locked,
            is_crowd=instance.crowd,
            note=instance.note,
        )

    def _tell_marked(self) -> None:
        instances = self._document.labels.instances if self._document else ()
        hidden = self._document.marks.hidden if self._document else frozenset()
        n_hidden = sum(one.id in hidden for one in instances)
        text = n_instances(len(instances))
        if self.search.query.terms:
            n_found = len(self.list.ids)
            text = tr("{found} of {instances}").format(found=n_found, instances=text)
        if n_hidden:
            text = tr("{instances}, %n hidden", "", n_hidden).format(instances=text)
        self.marked.setText(self.search.trouble or text)
        self.marked.setVisible(bool(instances))

    @property
    def _selection(self) -> frozenset[str]:
        return self._document.selection if self._document else frozenset()

    def _follow(self) -> None:
        self.list.follow(self._selection)

    def _on_picked(self, ids: frozenset[str]) -> None:
        if self._document is not None:
            self._document.select(ids)

    def _on_rejected_picked(self, ids: frozenset[str]) -> None:
        if self._document is not None:
            self._document.marks.pick(ids)

    def _on_eye_clicked(self, instance_id: str) -> None:
        if self._document is not None:
            marks = self._document.marks
            if instance_id in marks.hidden_by_kind:
                self._session.told.emit(tr(_HIDDEN_BY_KIND))
                return
            marks.set_hidden(marks.hidden_by_hand ^ {instance_id})
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
    QT_TR_NOOP("Instances"),
    Qt.DockWidgetArea.RightDockWidgetArea,
    1,
    InstancesPanel,
    actions=(
        "show_selected",
        "accept",
        "reject",
        "show_rejected",
        "restore_rejected",
        "change_class",
        "note",
        "crowd",
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
