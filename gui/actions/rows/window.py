"""Actions: the window and its help."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "focus_next_area", "Go to the next area", ("F6",),
        "Move the keyboard to the notices, the canvas, or the next panel.", "View",
        begins_section=True,
    ),
    ActionSpec(
        "command_palette", "Find a command…", ("Ctrl+Shift+P",),
        "Type what you want to do, and do it.", "Help",
    ),
    ActionSpec(
        "shortcuts", "Keyboard shortcuts…", ("F1",),
        "See all shortcuts, and change them.", "Help",
    ),
)  # fmt: skip
