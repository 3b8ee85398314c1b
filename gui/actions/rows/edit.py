"""Actions: the menu Edit."""

from gui.actions.rows.menus import EDIT
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "undo", QT_TR_NOOP("Undo"), ("Ctrl+Z",),
        QT_TR_NOOP(
            "Take back the last edit of this image; on the pages Review and Rounds, the last"
            " verdict."
        ), EDIT, on_toolbar=True, begins_section=True, pages=("annotate", "review", "rounds"),
    ),
    ActionSpec(
        "redo", QT_TR_NOOP("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"),
        QT_TR_NOOP("Do again what was taken back."), EDIT, on_toolbar=True,
    ),
    ActionSpec(
        "copy", QT_TR_NOOP("Copy"), ("Ctrl+C",),
        QT_TR_NOOP("Copy the selected instances."), EDIT, begins_section=True,
    ),
    ActionSpec(
        "paste", QT_TR_NOOP("Paste"), ("Ctrl+V",),
        QT_TR_NOOP("Put the copied instances into this image, at the same place."), EDIT,
    ),
    ActionSpec(
        "paste_previous", QT_TR_NOOP("Paste from previous image"), ("Ctrl+Shift+V",),
        QT_TR_NOOP("Put all instances of the image before into this one, at the same places."),
        EDIT,
    ),
    ActionSpec(
        "duplicate", QT_TR_NOOP("Duplicate"), ("Ctrl+D",),
        QT_TR_NOOP("Copy the selected instances, a little aside."), EDIT,
    ),
    ActionSpec(
        "select_all", QT_TR_NOOP("Select all"), ("Ctrl+A",),
        QT_TR_NOOP("Select every instance of this image."), EDIT,
    ),
    ActionSpec(
        "delete_instances", QT_TR_NOOP("Delete"), ("Del",),
        QT_TR_NOOP("Delete the selected instances."), EDIT, begins_section=True,
    ),
    ActionSpec(
        "delete_vertex", QT_TR_NOOP("Delete vertex"), ("Backspace",),
        QT_TR_NOOP("Delete the vertex that is picked or under the cursor."), EDIT,
    ),
)  # fmt: skip
