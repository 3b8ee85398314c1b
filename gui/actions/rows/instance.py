"""Actions: the menu Instance."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "hide_selected", "Hide", ("H",),
        "Hide the selected instances on the canvas; again, in the list, shows them.", "Instance",
        begins_section=True, repeats=False,
    ),
    ActionSpec(
        "hide_others", "Hide all others", ("Ctrl+Shift+H",),
        "Hide every instance that is not selected.", "Instance",
    ),
    ActionSpec(
        "show_all", "Show all", ("Shift+H",),
        "Show every instance that was hidden.", "Instance",
    ),
    ActionSpec(
        "lock_selected", "Lock", ("L",),
        "Keep the selected instances from being changed by hand; again unlocks them.", "Instance",
        repeats=False,
    ),
    ActionSpec(
        "unlock_all", "Unlock all", ("Shift+L",),
        "Unlock every instance.", "Instance",
    ),
)  # fmt: skip
