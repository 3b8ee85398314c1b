"""A button whose menu says which states of instances the canvas shows."""

from collections.abc import Collection

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from core.types import InstanceState
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.icons import icon_of
from gui.widgets.states import marked, state_text

_HINT = QT_TR_NOOP(
    "Choose which states of instances the canvas shows; it does not find the others either."
)


class StatesButton(QToolButton):
    """An eye, crossed out while a state is hidden."""

    toggled_state = Signal(object)
    """InstanceState: a person wants to hide it, or to show it again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hidden: frozenset[InstanceState] = frozenset()
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(QMenu(self))
        self._actions: dict[InstanceState, QAction] = {}
        for state in InstanceState:
            action = self.menu().addAction(tr("Show {state}").format(state=marked(state)))
            action.setCheckable(True)
            action.setData(state)
            self._actions[state] = action
        # triggered, not toggled: what is set from outside is no wish of a person's
        self.menu().triggered.connect(
            lambda action: self.toggled_state.emit(InstanceState(action.data()))
        )
        self.set_hidden(())

    def set_hidden(self, states: Collection[InstanceState]) -> None:
        """Says that these states are hidden now, and no others."""
        self._hidden = frozenset(states)
        for state, action in self._actions.items():
            action.setChecked(state not in self._hidden)
        self._show_state()

    def changeEvent(self, event: QEvent) -> None:
        """The icon follows the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_hidden"):
            self._show_state()

    def _show_state(self) -> None:
        names = ", ".join(state_text(state) for state in InstanceState if state in self._hidden)
        self.setIcon(icon_of("hide_selected" if names else "show_all", self.palette()))
        if names:
            now = tr("Hidden now: {states}.").format(states=names)
            self.setToolTip(f"{now} {tr(_HINT)}")
            self.setAccessibleName(tr("States on the canvas: {states} hidden").format(states=names))
        else:
            self.setToolTip(tr(_HINT))
            self.setAccessibleName(tr("States on the canvas: none hidden"))
