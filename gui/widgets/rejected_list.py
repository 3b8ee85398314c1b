"""What a person turned down in the open image, under a heading that opens it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.texts import tr
from gui.widgets.swatch import swatch

_ID_ROLE = Qt.ItemDataRole.UserRole
_LINES = 4


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """What is shown of one."""

    id: str
    class_name: str
    colour: str
    """#rrggbb."""
    score: float | None


class RejectedList(QWidget):
    """Closed at first; nothing is picked while it is closed."""

    picked = Signal(object)
    """frozenset of the ids that a person selected here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[RejectedRow, ...] = ()
        self.heading = QToolButton()
        self.heading.setCheckable(True)
        self.heading.setText(tr("Rejected"))
        self.heading.setAccessibleName(tr("Rejected"))
        self.heading.setAutoRaise(True)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setArrowType(Qt.ArrowType.RightArrow)
        self.heading.setToolTip(
            tr(
                "Predictions that were turned down. Later rounds do not bring them back, and a"
                " fine-tune learns from them what is none. Pick some to see them in the image."
            )
        )
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Rejected predictions"))
        self.list.setToolTip(tr("Pick some to see them in the image, and to restore them alone."))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.heading)
        layout.addWidget(self.list)
        self.heading.toggled.connect(self._on_toggled)
        self.list.itemSelectionChanged.connect(self._on_selected)
        self._take_height()
        self.hide()

    def fill(self, rows: Sequence[RejectedRow]) -> None:
        """Shows these; those picked before that are still there stay so."""
        self.setVisible(bool(rows))
        if tuple(rows) == self._shown:
            return
        self._shown = tuple(rows)
        self.heading.setText(tr("%n rejected", "", len(rows)))
        self.heading.setAccessibleName(self.heading.text())
        before = self._picked()
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            score = "" if row.score is None else f" {row.score:.2f}"
            item = QListWidgetItem(swatch(row.colour), f"✕ {row.class_name}{score}")
            item.setData(_ID_ROLE, row.id)
            self.list.addItem(item)
            item.setSelected(row.id in before)
        self.list.blockSignals(False)
        if self._picked() != before:
            self._on_selected()

    def changeEvent(self, event: QEvent) -> None:
        """With another font the rows have another height."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_height()

    def _take_height(self) -> None:
        self.list.setMaximumHeight(_LINES * (self.fontMetrics().height() + 6))

    def _picked(self) -> frozenset[str]:
        return frozenset(item.data(_ID_ROLE) for item in self.list.selectedItems())

    def _on_toggled(self, is_open: bool) -> None:
        down, right = Qt.ArrowType.DownArrow, Qt.ArrowType.RightArrow
        self.heading.setArrowType(down if is_open else right)
        self.list.setVisible(is_open)
        if not is_open:
            self.list.clearSelection()

    def _on_selected(self) -> None:
        self.picked.emit(self._picked())
