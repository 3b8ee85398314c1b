"""The command palette: type what you want to do, and do it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.actions import ACTIONS, ActionSpec
from gui.texts import tr

_NAME_ROLE = Qt.ItemDataRole.UserRole
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -8,
    Qt.Key.Key_PageDown: 8,
}


class CommandPalette(QDialog):
    """A field to type in, and the actions that fit and can be done now."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Find a command"))
        self._actions = actions
        self.search = QLineEdit(placeholderText=tr("What do you want to do?"))
        self.search.setAccessibleName(tr("What do you want to do?"))
        self.search.setToolTip(tr("Type a part of what a command is called; Enter does it."))
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._run)
        self.list = QTreeWidget()
        self.list.setAccessibleName(tr("Commands"))
        self.list.setToolTip(tr("Commands that can be done now, with their shortcuts."))
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemClicked.connect(lambda _: self._run())
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (self.search, self.list, self.hint):
            layout.addWidget(widget)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(letter * 76, self.fontMetrics().lineSpacing() * 24)
        self._fill("")

    @property
    def shown(self) -> tuple[str, ...]:
        """The names of the actions that are listed, the best first."""
        rows = range(self.list.topLevelItemCount())
        items = (self.list.topLevelItem(row) for row in rows)
        return tuple(item.data(0, _NAME_ROLE) for item in items if item is not None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the field move in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _STEPS.get(Qt.Key(event.key()))
            if step is not None:
                self._choose(self.list.currentIndex().row() + step)
                return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the palette, when those of the actions have."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "hint"):
            QTimer.singleShot(0, self, lambda: self._fill(self.search.text()))

    def _fill(self, text: str) -> None:
        self.list.clear()
        for spec in _fitting(text, [one for one in ACTIONS if self._can_run(one)]):
            action = self._actions[spec.name]
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QTreeWidgetItem([tr(spec.text), tr(spec.menu), keys])
            item.setIcon(0, action.icon())
            item.setData(0, _NAME_ROLE, spec.name)
            item.setToolTip(0, tr(spec.tooltip))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setForeground(1, self.palette().placeholderText())
            self.list.addTopLevelItem(item)
        self._choose(0)
        self.hint.setText(
            tr("Enter does what is chosen, Esc closes.")
            if self.shown
            else tr("No command that can be done now fits “{typed}”. Try another word.").format(
                typed=text.strip()
            )
        )

    def _choose(self, row: int) -> None:
        last = self.list.topLevelItemCount() - 1
        if (item := self.list.topLevelItem(max(0, min(row, last)))) is not None:
            self.list.setCurrentItem(item)

    def _can_run(self, spec: ActionSpec) -> bool:
        return spec.name != "command_palette" and self._actions[spec.name].isEnabled()

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        action = self._actions[item.data(0, _NAME_ROLE)]
        self.accept()
        # When the keyboard is the window's again: an action may go by what has the focus.
        QTimer.singleShot(0, action, action.trigger)


def _fitting(text: str, specs: Sequence[ActionSpec]) -> Sequence[ActionSpec]:
    """Those in which every word of the text is: first the one of this very text, then those whose
    own text begins with it."""
    typed, words = text.casefold().strip(), text.casefold().split()

    def rank(spec: ActionSpec) -> tuple[bool, bool, bool]:
        name = spec.plain_text.casefold()
        return name != typed, not name.startswith(typed), not all(one in name for one in words)

    fitting = [spec for spec in specs if all(one in _words_of(spec) for one in words)]
    return sorted(fitting, key=rank) if words else fitting


def _words_of(spec: ActionSpec) -> str:
    return " ".join(map(tr, (spec.text, spec.menu, spec.tooltip))).casefold()
