"""Actions: the menu Instance."""

from gui.actions.rows.menus import INSTANCE
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "hide_selected", QT_TR_NOOP("Hide"), ("H",),
        QT_TR_NOOP("Hide the selected instances on the canvas; again, in the list, shows them."),
        INSTANCE, begins_section=True, repeats=False,
    ),
    ActionSpec(
        "hide_others", QT_TR_NOOP("Hide all others"), ("Ctrl+Shift+H",),
        QT_TR_NOOP("Hide every instance that is not selected."), INSTANCE,
    ),
    ActionSpec(
        "show_all", QT_TR_NOOP("Show all"), ("Shift+H",),
        QT_TR_NOOP("Show every instance that was hidden."), INSTANCE,
    ),
    ActionSpec(
        "lock_selected", QT_TR_NOOP("Lock"), ("L",),
        QT_TR_NOOP("Keep the selected instances from being changed by hand; again unlocks them."),
        INSTANCE, repeats=False,
    ),
    ActionSpec(
        "unlock_all", QT_TR_NOOP("Unlock all"), ("Shift+L",),
        QT_TR_NOOP("Unlock every instance."), INSTANCE,
    ),
    ActionSpec(
        "unite", QT_TR_NOOP("Unite"), ("Ctrl+Alt+U",),
        QT_TR_NOOP(
            "Make the selected instances one, with all that they cover; the front one's id and"
            " class stay."
        ), INSTANCE, begins_section=True,
    ),
    ActionSpec(
        "subtract", QT_TR_NOOP("Subtract"), ("Ctrl+Alt+S",),
        QT_TR_NOOP(
            "Take what the front ones of the selected cover out of the backmost, which stays; they"
            " go."
        ), INSTANCE,
    ),
    ActionSpec(
        "intersect", QT_TR_NOOP("Intersect"), ("Ctrl+Alt+I",),
        QT_TR_NOOP(
            "Keep only what all of the selected cover, as one instance; the front one's id and"
            " class stay."
        ), INSTANCE,
    ),
    ActionSpec(
        "take_away_below", QT_TR_NOOP("Take away what lies under"), ("Ctrl+Alt+T",),
        QT_TR_NOOP(
            "Take what the selected cover out of every other instance; those that are locked or"
            " hidden stay."
        ), INSTANCE,
    ),
    ActionSpec(
        "join", QT_TR_NOOP("Join as parts"), ("Ctrl+J",),
        QT_TR_NOOP(
            "Make the selected one instance of several parts, each as it was; the front one's id"
            " and class stay."
        ), INSTANCE, begins_section=True,
    ),
    ActionSpec(
        "split_parts", QT_TR_NOOP("Split into parts"), ("Ctrl+Alt+P",),
        QT_TR_NOOP("Make every part of the selected an instance; the largest part keeps the id."),
        INSTANCE,
    ),
    ActionSpec(
        "fill_holes", QT_TR_NOOP("Fill holes"), ("Ctrl+Alt+H",),
        QT_TR_NOOP("Fill the holes of the selected instances."), INSTANCE, begins_section=True,
    ),
    ActionSpec(
        "drop_specks", QT_TR_NOOP("Drop specks"), ("Ctrl+Alt+D",),
        QT_TR_NOOP(
            "Take the smallest parts of the selected away; the eraser's options say how small."
        ), INSTANCE,
    ),
    ActionSpec(
        "simplify", QT_TR_NOOP("Simplify and smooth"), ("Ctrl+Alt+M",),
        QT_TR_NOOP(
            "Give the selected fewer vertices and softer corners, by two sliders, seen before you"
            " take it."
        ), INSTANCE, repeats=False,
    ),
    ActionSpec(
        "to_front", QT_TR_NOOP("Send to front"), ("]",),
        QT_TR_NOOP("Put the selected in front of all other instances."), INSTANCE,
        begins_section=True,
    ),
    ActionSpec(
        "to_back", QT_TR_NOOP("Send to back"), ("[",),
        QT_TR_NOOP("Put the selected behind all other instances."), INSTANCE,
    ),
    ActionSpec(
        "next_below", QT_TR_NOOP("Flip to the one below"), ("G",),
        QT_TR_NOOP("Select the next of the instances that lie over each other under the mouse."),
        INSTANCE, begins_section=True,
    ),
    ActionSpec(
        "note", QT_TR_NOOP("Note…"), ("T",),
        QT_TR_NOOP("Write a note on the selected instances; it is kept and exported with them."),
        INSTANCE, repeats=False,
    ),
    ActionSpec(
        "crowd", QT_TR_NOOP("Crowd"), ("Ctrl+Alt+G",),
        QT_TR_NOOP(
            "Mark the selected as groups that nobody separated, which do not train; again takes it"
            " back."
        ), INSTANCE, repeats=False,
    ),
)  # fmt: skip
