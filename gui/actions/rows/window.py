"""Actions: the window and its help."""

from gui.actions.rows.menus import HELP, VIEW
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "focus_next_area", QT_TR_NOOP("Go to the next area"), ("F6",),
        QT_TR_NOOP("Move the keyboard to the notices, the canvas, or the next panel."), VIEW,
        begins_section=True,
    ),
    ActionSpec(
        "command_palette", QT_TR_NOOP("Find a command…"), ("Ctrl+Shift+P",),
        QT_TR_NOOP("Type what you want to do, and do it."), HELP,
    ),
    ActionSpec(
        "shortcuts", QT_TR_NOOP("Keyboard shortcuts…"), ("F1",),
        QT_TR_NOOP("See all shortcuts, and change them."), HELP,
    ),
)  # fmt: skip
