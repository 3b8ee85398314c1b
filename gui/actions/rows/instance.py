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
    ActionSpec(
        "unite", "Unite", ("Ctrl+Alt+U",),
        "Make the selected instances one, with all that they cover; the front one's id and class"
        " stay.", "Instance", begins_section=True,
    ),
    ActionSpec(
        "subtract", "Subtract", ("Ctrl+Alt+S",),
        "Take what the front ones of the selected cover out of the backmost, which stays; they go.",
        "Instance",
    ),
    ActionSpec(
        "intersect", "Intersect", ("Ctrl+Alt+I",),
        "Keep only what all of the selected cover, as one instance; the front one's id and class"
        " stay.", "Instance",
    ),
    ActionSpec(
        "take_away_below", "Take away what lies under", ("Ctrl+Alt+T",),
        "Take what the selected cover out of every other instance; those that are locked or hidden"
        " stay.", "Instance",
    ),
    ActionSpec(
        "join", "Join as parts", ("Ctrl+J",),
        "Make the selected one instance of several parts, each as it was; the front one's id and"
        " class stay.", "Instance", begins_section=True,
    ),
    ActionSpec(
        "split_parts", "Split into parts", ("Ctrl+Alt+P",),
        "Make every part of the selected an instance; the largest part keeps the id.", "Instance",
    ),
    ActionSpec(
        "fill_holes", "Fill holes", ("Ctrl+Alt+H",),
        "Fill the holes of the selected instances.", "Instance", begins_section=True,
    ),
    ActionSpec(
        "drop_specks", "Drop specks", ("Ctrl+Alt+D",),
        "Take the smallest parts of the selected away; the eraser's options say how small.",
        "Instance",
    ),
    ActionSpec(
        "simplify", "Simplify and smooth", ("Ctrl+Alt+M",),
        "Give the selected fewer vertices and softer corners, by two sliders, seen before you take"
        " it.", "Instance", repeats=False,
    ),
    ActionSpec(
        "to_front", "Send to front", ("]",),
        "Put the selected in front of all other instances.", "Instance", begins_section=True,
    ),
    ActionSpec(
        "to_back", "Send to back", ("[",),
        "Put the selected behind all other instances.", "Instance",
    ),
    ActionSpec(
        "next_below", "Flip to the one below", ("G",),
        "Select the next of the instances that lie over each other under the mouse.", "Instance",
        begins_section=True,
    ),
    ActionSpec(
        "note", "Note…", ("T",),
        "Write a note on the selected instances; it is kept and exported with them.", "Instance",
        repeats=False,
    ),
    ActionSpec(
        "crowd", "Crowd", ("Ctrl+Alt+G",),
        "Mark the selected as groups that nobody separated, which do not train; again takes it"
        " back.", "Instance", repeats=False,
    ),
)  # fmt: skip
