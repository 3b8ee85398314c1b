"""Actions: how the image is seen."""

from gui.actions.rows.menus import VIEW
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "zoom_in", QT_TR_NOOP("Zoom in"), ("Ctrl+=", "Ctrl++"),
        QT_TR_NOOP("Show the image larger."), VIEW, on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "zoom_out", QT_TR_NOOP("Zoom out"), ("Ctrl+-",),
        QT_TR_NOOP("Show the image smaller."), VIEW, on_toolbar=True,
    ),
    ActionSpec(
        "fit", QT_TR_NOOP("Fit"), ("Ctrl+0",),
        QT_TR_NOOP("Show the whole image."), VIEW, on_toolbar=True,
    ),
    ActionSpec(
        "zoom_actual", QT_TR_NOOP("100 %"), ("Ctrl+1",),
        QT_TR_NOOP("Show one image pixel as one pixel of the screen."), VIEW,
    ),
    ActionSpec(
        "show_selected", QT_TR_NOOP("Zoom to the selected"), ("Z",),
        QT_TR_NOOP("Bring the selected instances into view."), VIEW,
    ),
    ActionSpec(
        "display", QT_TR_NOOP("Brightness and contrast"), ("Ctrl+Alt+B",),
        QT_TR_NOOP("Set how the image is shown, without changing it."), VIEW, begins_section=True,
    ),
    ActionSpec(
        "colour_by_state", QT_TR_NOOP("Colour by state"), ("Ctrl+Alt+K",),
        QT_TR_NOOP(
            "Colour instances by their state (predicted, accepted, edited, drawn), or by class"
            " again."
        ), VIEW,
    ),
    ActionSpec(
        "crosshair", QT_TR_NOOP("Crosshair"), ("Ctrl+Alt+C",),
        QT_TR_NOOP("Show or hide a line across and down through the mouse."), VIEW,
    ),
    ActionSpec(
        "navigator", QT_TR_NOOP("Navigator"), ("Ctrl+Alt+N",),
        QT_TR_NOOP("Show or hide the whole image in a corner while a part of it is seen."), VIEW,
    ),
)  # fmt: skip
