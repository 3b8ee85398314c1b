"""Actions: how the image is seen."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "zoom_in", "Zoom in", ("Ctrl+=", "Ctrl++"),
        "Show the image larger.", "View", on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "zoom_out", "Zoom out", ("Ctrl+-",),
        "Show the image smaller.", "View", on_toolbar=True,
    ),
    ActionSpec(
        "fit", "Fit", ("Ctrl+0",),
        "Show the whole image.", "View", on_toolbar=True,
    ),
    ActionSpec(
        "zoom_actual", "100 %", ("Ctrl+1",),
        "Show one image pixel as one pixel of the screen.", "View",
    ),
    ActionSpec(
        "show_selected", "Zoom to the selected", ("Z",),
        "Bring the selected instances into view.", "View",
    ),
)  # fmt: skip
