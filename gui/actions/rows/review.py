"""Actions: the menu Review."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "previous_image", "Previous image", ("A", "PgUp"),
        "Go to the previous image.", "Review", on_toolbar=True, begins_section=True,
    ),
    ActionSpec(
        "next_image", "Next image", ("D", "PgDown"),
        "Go to the next image.", "Review", on_toolbar=True,
    ),
    ActionSpec(
        "done_and_next", "Done and next", ("F",),
        "Mark this image as done and go to the next.", "Review", on_toolbar=True, repeats=False,
    ),
    ActionSpec(
        "accept_done_and_next", "Accept all, done and next", ("Shift+F",),
        "Accept every prediction of this image, mark it as done and go to the next.", "Review",
        repeats=False,
    ),
    ActionSpec(
        "next_needed", "Next that needs me", (".",),
        "Go to the next image of the list with predictions to look at, or that nobody began.",
        "Review",
    ),
    ActionSpec(
        "next_instance", "Next instance", ("N",),
        "Select the next prediction to look at; where there is none, the next instance.", "Review",
        begins_section=True,
    ),
    ActionSpec(
        "previous_instance", "Previous instance", ("Shift+N",),
        "Select the prediction, or else the instance, before.", "Review",
    ),
    ActionSpec(
        "accept", "Accept", ("W",),
        "Accept the selected predictions as they are.", "Review", begins_section=True,
        pages=("annotate", "review", "rounds"),
    ),
    ActionSpec(
        "accept_all", "Accept all", ("Shift+W",),
        "Accept every prediction of this image as it is.", "Review", on_toolbar=True,
    ),
    ActionSpec(
        "reject", "Reject", ("X",),
        "Turn down the selected predictions; later rounds do not bring them back.", "Review",
        pages=("annotate", "review"),
    ),
    ActionSpec(
        "show_rejected", "Show rejected", ("Ctrl+Alt+X",),
        "Show predictions that were turned down, crossed out; again hides them.", "Review",
        repeats=False,
    ),
    ActionSpec(
        "restore_rejected", "Restore rejected", ("Ctrl+Alt+R",),
        "Make predictions again of those picked in the list of rejected ones, or of all of them.",
        "Review",
    ),
    ActionSpec(
        "change_class", "Change class…", ("C",),
        "Give the selected instances another class; 1 to 9 are the first classes.", "Review",
        pages=("annotate", "review"),
    ),
    ActionSpec(
        "find_doubts", "Find doubts", ("Ctrl+Alt+F",),
        "List what looks wrong in the labels of all images.", "Review", begins_section=True,
    ),
)  # fmt: skip
