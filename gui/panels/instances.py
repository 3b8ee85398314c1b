"""The instances of the open image: class, state, score; selected here and on the canvas alike."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.types import Instance, InstanceState
from gui.document import Document
from gui.panels import PanelSpec
from gui.session import Session
from gui.widgets.swatch import swatch

_ID_ROLE = Qt.ItemDataRole.UserRole
_STATE_MARKS = {
    InstanceState.PREDICTED: "? predicted",
    InstanceState.ACCEPTED: "✓ accepted",
    InstanceState.EDITED: "✎ edited",
    InstanceState.DRAWN: "✎ drawn",
}


class InstancesPanel(QWidget):
    """Lists the instances of the session's document."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._document: Document | None = None
        self._items: dict[str, QTreeWidgetItem] = {}
        self._is_following = False
        self.list = QTreeWidget()
        self.list.setAccessibleName("Instances")
        self.list.setHeaderLabels(["Class", "State", "Score"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self.hint)
        layout.addWidget(self.list, 1)
        layout.addStretch(0)
        self.list.itemSelectionChanged.connect(self._on_selected)
        session.document_changed.connect(self._on_document_changed)
        session.classes_changed.connect(self._fill)
        self._fill()

    def _on_document_changed(self) -> None:
        if self._document is self._session.document:
            return
        if self._document is not None:
            self._document.changed.disconnect(self._on_changed)
            self._document.selection_changed.disconnect(self._follow)
        self._document = self._session.document
        if self._document is not None:
            self._document.changed.connect(self._on_changed)
            self._document.selection_changed.connect(self._follow)
        self._fill()

    def _on_changed(self, ids: frozenset[str]) -> None:
        if self._document is None:
            return
        by_id = {one.id: one for one in self._document.labels.instances}
        if by_id.keys() != self._items.keys():
            self._fill()
            return
        for instance_id in ids & by_id.keys():
            self._describe(self._items[instance_id], by_id[instance_id])

    def _fill(self) -> None:
        self._is_following = True
        self.list.clear()
        self._items.clear()
        instances = self._document.labels.instances if self._document else ()
        for instance in reversed(instances):  # what lies in front comes first
            item = QTreeWidgetItem()
            item.setData(0, _ID_ROLE, instance.id)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._describe(item, instance)
            self._items[instance.id] = item
        self.list.addTopLevelItems(list(self._items.values()))
        self._is_following = False
        self.hint.setVisible(not instances)
        self.list.setVisible(bool(instances))
        self.hint.setText(
            "Nothing is labelled in this image yet. Draw with the polygon or box tool, or pre-label"
            " it."
            if self._document
            else "No image is open."
        )
        self._follow()

    def _describe(self, item: QTreeWidgetItem, instance: Instance) -> None:
        one = self._session.class_list.of_id(instance.class_id)
        item.setText(0, one.name if one else f"class {instance.class_id}")
        item.setIcon(0, swatch(one.colour if one else "#808080"))
        item.setText(1, _STATE_MARKS[instance.state])
        item.setText(2, "" if instance.score is None else f"{instance.score:.2f}")
        item.setToolTip(0, f"from {instance.source}" if instance.source else "")

    def _follow(self) -> None:
        selection = self._document.selection if self._document else frozenset()
        self._is_following = True
        for instance_id, item in self._items.items():
            if item.isSelected() != (instance_id in selection):
                item.setSelected(instance_id in selection)
        if selected := [item for item in self._items.values() if item.isSelected()]:
            self.list.scrollToItem(selected[0])
        self._is_following = False

    def _on_selected(self) -> None:
        if not self._is_following and self._document is not None:
            self._document.select(item.data(0, _ID_ROLE) for item in self.list.selectedItems())


PANEL = PanelSpec(
    "instances", "Instances", Qt.DockWidgetArea.RightDockWidgetArea, 1, InstancesPanel
)
