"""Actions: the menu Edit."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "undo", "Undo", ("Ctrl+Z",),
        "Take back the last edit of this image; on the pages Review and Rounds, the last verdict.",
        "Edit", on_toolbar=True, begins_section=True, pages=("annotate", "review", "rounds"),
    ),
    ActionSpec(
        "redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"),
        "Do again what was taken back.", "Edit", on_toolbar=True,
    ),
    ActionSpec(
        "copy", "Copy", ("Ctrl+C",),
        "Copy the selected instances.", "Edit", begins_section=True,
    ),
    ActionSpec(
        "paste", "Paste", ("Ctrl+V",),
        "Put the copied instances into this image, at the same place.", "Edit",
    ),
    ActionSpec(
        "paste_previous", "Paste from previous image", ("Ctrl+Shift+V",),
        "Put all instances of the image before into this one, at the same places.", "Edit",
    ),
    ActionSpec(
        "duplicate", "Duplicate", ("Ctrl+D",),
        "Copy the selected instances, a little aside.", "Edit",
    ),
    ActionSpec(
        "select_all", "Select all", ("Ctrl+A",),
        "Select every instance of this image.", "Edit",
    ),
    ActionSpec(
        "delete_instances", "Delete", ("Del",),
        "Delete the selected instances.", "Edit", begins_section=True,
    ),
    ActionSpec(
        "delete_vertex", "Delete vertex", ("Backspace",),
        "Delete the vertex that is picked or under the cursor.", "Edit",
    ),
)  # fmt: skip
