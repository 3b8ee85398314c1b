"""Actions: the pages."""

from gui.actions.rows.menus import VIEW
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "page_annotate", QT_TR_NOOP("Annotate"), ("Alt+1",),
        QT_TR_NOOP("Label the images."), VIEW, radio="page",
    ),
    ActionSpec(
        "page_train", QT_TR_NOOP("Train"), ("Alt+2",),
        QT_TR_NOOP("See the fine-tunes of this folder, live and done."), VIEW, radio="page",
    ),
    ActionSpec(
        "page_evaluate", QT_TR_NOOP("Evaluate"), ("Alt+3",),
        QT_TR_NOOP("Measure what weights are worth on the done images."), VIEW, radio="page",
    ),
    ActionSpec(
        "page_live", QT_TR_NOOP("Live"), ("Alt+4",),
        QT_TR_NOOP("Watch the model work on a camera, a video or a folder of frames."), VIEW,
        radio="page",
    ),
    ActionSpec(
        "page_review", QT_TR_NOOP("Review"), ("Alt+5",),
        QT_TR_NOOP("Judge the instances of all images side by side, many at once."), VIEW,
        radio="page",
    ),
    ActionSpec(
        "page_rounds", QT_TR_NOOP("Rounds"), ("Alt+6",),
        QT_TR_NOOP("See what a new model sees otherwise than the one before."), VIEW, radio="page",
    ),
    ActionSpec(
        "page_progress", QT_TR_NOOP("Progress"), ("Alt+7",),
        QT_TR_NOOP(
            "See what labelling costs you, round by round, and whether another one is worth it."
        ), VIEW, radio="page",
    ),
    ActionSpec(
        "page_compare", QT_TR_NOOP("Compare"), ("Alt+8",),
        QT_TR_NOOP("Hold fine-tunes against each other: curves, settings, data, AP."), VIEW,
        radio="page",
    ),
)  # fmt: skip
