"""Actions: the menu Live."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "live_start_stop", "Start or stop", ("F5",),
        "Begin to watch the source, or end it.", "Live", repeats=False,
    ),
    ActionSpec(
        "live_pause", "Pause or go on", ("Space",),
        "Keep the picture as it is, or follow the source again.", "Live", repeats=False,
    ),
    ActionSpec(
        "grab_frame", "Grab frame", ("S", "Ctrl+G"),
        "Save the frame with what the model saw in it into the open folder.", "Live",
        begins_section=True, repeats=False,
    ),
)  # fmt: skip
