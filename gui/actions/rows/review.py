"""Actions: the menu Review."""

from gui.actions.rows.menus import REVIEW
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "previous_image", QT_TR_NOOP("Previous image"), ("A", "PgUp"),
        QT_TR_NOOP("Go to the previous image."), REVIEW, on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "next_image", QT_TR_NOOP("Next image"), ("D", "PgDown"),
        QT_TR_NOOP("Go to the next image."), REVIEW, on_toolbar=True,
    ),
    ActionSpec(
        "done_and_next", QT_TR_NOOP("Done and next"), ("F",),
        QT_TR_NOOP("Mark this image as done and go to the next."), REVIEW, on_toolbar=True,
        repeats=False,
    ),
    ActionSpec(
        "accept_done_and_next", QT_TR_NOOP("Accept all, done and next"), ("Shift+F",),
        QT_TR_NOOP("Accept every prediction of this image, mark it as done and go to the next."),
        REVIEW, repeats=False,
    ),
    ActionSpec(
        "next_needed", QT_TR_NOOP("Next that needs me"), (".",),
        QT_TR_NOOP(
            "Go to the next image of the list with predictions to look at, or that nobody began."
        ), REVIEW,
    ),
    ActionSpec(
        "next_instance", QT_TR_NOOP("Next instance"), ("N",),
        QT_TR_NOOP(
            "Select the next prediction to look at; where there is none, the next instance."
        ), REVIEW, begins_section=True,
    ),
    ActionSpec(
        "previous_instance", QT_TR_NOOP("Previous instance"), ("Shift+N",),
        QT_TR_NOOP("Select the prediction, or else the instance, before."), REVIEW,
    ),
    ActionSpec(
        "accept", QT_TR_NOOP("Accept"), ("W",),
        QT_TR_NOOP("Accept the selected predictions as they are."), REVIEW, begins_section=True,
        pages=("annotate", "review", "rounds"),
    ),
    ActionSpec(
        "accept_all", QT_TR_NOOP("Accept all"), ("Shift+W",),
        QT_TR_NOOP("Accept every prediction of this image as it is."), REVIEW, on_toolbar=True,
    ),
    ActionSpec(
        "reject", QT_TR_NOOP("Reject"), ("X",),
        QT_TR_NOOP("Turn down the selected predictions; later rounds do not bring them back."),
        REVIEW, pages=("annotate", "review"),
    ),
    ActionSpec(
        "show_rejected", QT_TR_NOOP("Show rejected"), ("Ctrl+Alt+X",),
        QT_TR_NOOP("Show predictions that were turned down, crossed out; again hides them."),
        REVIEW, repeats=False,
    ),
    ActionSpec(
        "restore_rejected", QT_TR_NOOP("Restore rejected"), ("Ctrl+Alt+R",),
        QT_TR_NOOP(
            "Make predictions again of those picked in the list of rejected ones, or of all of"
            " them."
        ), REVIEW,
    ),
    ActionSpec(
        "change_class", QT_TR_NOOP("Change class…"), ("C",),
        QT_TR_NOOP("Give the selected instances another class; 1 to 9 are the first classes."),
        REVIEW, pages=("annotate", "review"),
    ),
    ActionSpec(
        "find_doubts", QT_TR_NOOP("Find doubts"), ("Ctrl+Alt+F",),
        QT_TR_NOOP("List what looks wrong in the labels of all images."), REVIEW,
        begins_section=True,
    ),
)  # fmt: skip
