"""How the table of actions becomes QActions, menus and a toolbar."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar

from gui.actions.spec import ActionSpec
from gui.actions.table import ACTIONS
from gui.texts import tr

Handler: TypeAlias = Callable[[], object]


def build_actions(
    parent: QObject, handlers: Mapping[str, Handler], *, icon_of: Callable[[str], QIcon]
) -> dict[str, QAction]:
    """A QAction for every row of the table by name, in its order, children of `parent`.

    The first of a radio group is checked.

    Args:
        parent: owns the actions; a widget makes their shortcuts work in its window.
        handlers: what each action does, by its name.
        icon_of: the icon of a name (`ActionSpec.icon_name`).

    Raises:
        ValueError: a row has no handler, or a handler no row.
    """
    if missing := {spec.name for spec in ACTIONS} ^ set(handlers):
        raise ValueError(f"actions and handlers differ: {', '.join(sorted(missing))}")
    groups: dict[str, QActionGroup] = {}
    actions = {}
    for spec in ACTIONS:
        action = QAction(icon_of(spec.icon_name), tr(spec.text), parent)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(keys) for keys in spec.shortcuts])
        action.setAutoRepeat(spec.repeats)
        action.setToolTip(tooltip_of(spec, action))
        action.triggered.connect(_without_argument(handlers[spec.name]))
        if spec.radio:
            action.setCheckable(True)
            group = groups.setdefault(spec.radio, QActionGroup(parent))
            action.setChecked(not group.actions())
            group.addAction(action)
        actions[spec.name] = action
    return actions


def build_menus(menu_bar: QMenuBar, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """The menus of the table, filled, by their English title."""
    menus: dict[str, QMenu] = {}
    for spec in ACTIONS:
        if spec.menu not in menus:
            menus[spec.menu] = menu_bar.addMenu(f"&{tr(spec.menu)}")  # Alt and its first letter
        elif spec.begins_section:
            menus[spec.menu].addSeparator()
        menus[spec.menu].addAction(actions[spec.name])
    return menus


def fill_toolbar(toolbar: QToolBar, actions: Mapping[str, QAction]) -> None:
    """Puts the actions that the table wants there on a toolbar."""
    for spec in _on_toolbar():
        if spec.begins_section and toolbar.actions():
            toolbar.addSeparator()
        toolbar.addAction(actions[spec.name])


def tooltip_of(spec: ActionSpec, action: QAction) -> str:
    """What the action does, with the shortcut that it has now."""
    return with_shortcut(tr(spec.tooltip), action)


def with_shortcut(sentence: str, action: QAction) -> str:
    """A sentence, and behind it the shortcut that the action has now."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{sentence} ({keys})" if keys else sentence


def _on_toolbar() -> Iterable[ActionSpec]:
    return (spec for spec in ACTIONS if spec.on_toolbar)


def _without_argument(handler: Handler) -> Callable[[bool], None]:
    # triggered says whether the action is checked, which no handler asks for
    def on_triggered(_is_checked: bool) -> None:
        handler()

    return on_triggered
