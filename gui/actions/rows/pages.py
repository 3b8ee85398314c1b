"""Actions: the pages."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "page_annotate", "Annotate", ("Alt+1",),
        "Label the images.", "View", radio="page",
    ),
    ActionSpec(
        "page_train", "Train", ("Alt+2",),
        "See the fine-tunes of this folder, live and done.", "View", radio="page",
    ),
    ActionSpec(
        "page_evaluate", "Evaluate", ("Alt+3",),
        "Measure what weights are worth on the done images.", "View", radio="page",
    ),
    ActionSpec(
        "page_live", "Live", ("Alt+4",),
        "Watch the model work on a camera, a video or a folder of frames.", "View", radio="page",
    ),
    ActionSpec(
        "page_review", "Review", ("Alt+5",),
        "Judge the instances of all images side by side, many at once.", "View", radio="page",
    ),
    ActionSpec(
        "page_rounds", "Rounds", ("Alt+6",),
        "See what a new model sees otherwise than the one before.", "View", radio="page",
    ),
    ActionSpec(
        "page_progress", "Progress", ("Alt+7",),
        "See what labelling costs you, round by round, and whether another one is worth it.",
        "View", radio="page",
    ),
)  # fmt: skip
