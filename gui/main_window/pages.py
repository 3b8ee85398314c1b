"""Which page the window shows, and what of the window goes with it."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSizePolicy, QStackedWidget, QWidget

from gui.actions import ACTIONS
from gui.pages import page_named
from gui.session import Session

ANNOTATE = "annotate"


class Pages(QObject):
    """The canvas with its docks, or one of gui/pages in the whole middle of the window."""

    changed = Signal(str)
    """The name of the page that is shown now."""

    def __init__(
        self,
        window: QMainWindow,
        annotate: QWidget,
        session: Session,
        *,
        actions: Mapping[str, QAction],
    ) -> None:
        super().__init__(window)
        self.stack = QStackedWidget()
        self.stack.addWidget(annotate)
        self._window = window
        self._session = session
        self._actions = actions
        self._built: dict[str, QWidget] = {ANNOTATE: annotate}
        self._current = ANNOTATE
        self._layout = QByteArray()
        """Of the docks, while a page without them is shown."""
        self._rest_others()

    @property
    def current(self) -> str:
        """The name of the page that is shown."""
        return self._current

    @property
    def free_below_px(self) -> int:
        """How much of the lower edge of the page that is shown is to stay free."""
        return 0 if self._current == ANNOTATE else page_named(self._current).free_below_px

    def page(self, name: str) -> QWidget:
        """The page of this name, built when it is asked for first.

        Raises:
            KeyError: there is none.
        """
        if name not in self._built:
            page = page_named(name).build(self._session)
            self._built[name] = page
            self.stack.addWidget(page)
        return self._built[name]

    def handler(self, action: str) -> Callable[[], object] | None:
        """What an action does on the page that is shown; None: what it does everywhere."""
        if self._current == ANNOTATE:
            return None
        page = self.page(self._current)
        return page_named(self._current).handlers(page).get(action)

    def show_page(self, name: str) -> None:
        """Shows the page of this name; actions of other pages rest meanwhile."""
        if name == self._current:
            return
        page = self.page(name)
        if self._current == ANNOTATE:
            self._layout = self._window.saveState()
        self._current = name
        self._give_room_to(page)
        self.stack.setCurrentWidget(page)
        is_annotate = name == ANNOTATE
        for dock in self._window.findChildren(QDockWidget):
            dock.toggleViewAction().setEnabled(is_annotate)
            if not is_annotate:
                dock.hide()
        if is_annotate:
            self._window.restoreState(self._layout)
        self._rest_others()
        self._actions[f"page_{name}"].setChecked(True)
        page.setFocus()
        self.changed.emit(name)

    def _give_room_to(self, page: QWidget) -> None:
        """Lets no page but this one say how large the middle is at least: docks would shrink."""
        for one in self._built.values():
            policy = QSizePolicy.Policy.Preferred if one is page else QSizePolicy.Policy.Ignored
            one.setSizePolicy(policy, policy)

    def layout_to_keep(self) -> QByteArray:
        """The layout of the docks as they are on the page to annotate."""
        return self._window.saveState() if self._current == ANNOTATE else self._layout

    def _rest_others(self) -> None:
        """What rests has no key either, so that pages can use the same ones."""
        for spec in ACTIONS:
            self._actions[spec.name].setEnabled(spec.is_on(self._current))
