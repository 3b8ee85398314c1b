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
    ActionSpec(
        "display", "Brightness and contrast", ("Ctrl+Alt+B",),
        "Set how the image is shown, without changing it.", "View", begins_section=True,
    ),
    ActionSpec(
        "colour_by_state", "Colour by state", ("Ctrl+Alt+K",),
        "Colour instances by their state (predicted, accepted, edited, drawn), or by class again.",
        "View",
    ),
    ActionSpec(
        "crosshair", "Crosshair", ("Ctrl+Alt+C",),
        "Show or hide a line across and down through the mouse.", "View",
    ),
    ActionSpec(
        "navigator", "Navigator", ("Ctrl+Alt+N",),
        "Show or hide the whole image in a corner while a part of it is seen.", "View",
    ),
)  # fmt: skip
