"""Actions: the menu Live."""

from gui.actions.rows.menus import LIVE
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "live_start_stop", QT_TR_NOOP("Start or stop"), ("F5",),
        QT_TR_NOOP("Begin to watch the source, or end it."), LIVE, repeats=False,
    ),
    ActionSpec(
        "live_pause", QT_TR_NOOP("Pause or go on"), ("Space",),
        QT_TR_NOOP("Keep the picture as it is, or follow the source again."), LIVE, repeats=False,
    ),
    ActionSpec(
        "grab_frame", QT_TR_NOOP("Grab frame"), ("S", "Ctrl+G"),
        QT_TR_NOOP("Save the frame with what the model saw in it into the open folder."), LIVE,
        begins_section=True, repeats=False,
    ),
)  # fmt: skip
