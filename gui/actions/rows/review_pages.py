"""Actions: the menu Review, what the pages Review and Rounds have and the canvas has not."""

from gui.actions.rows.menus import REVIEW
from gui.actions.spec import ActionSpec
from gui.texts import QT_TR_NOOP

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "go_there", QT_TR_NOOP("Go there"), ("Return", "Enter"),
        QT_TR_NOOP("Show the current instance in its image, on the page Annotate."), REVIEW,
        begins_section=True, pages=("review", "rounds"), repeats=False,
    ),
    ActionSpec(
        "flicker", QT_TR_NOOP("Show the other model"), ("Space",),
        QT_TR_NOOP(
            "Let the old and the new model take turns in one view; hold the key for a glance."
        ), REVIEW, pages=("rounds",), repeats=False,
    ),
)  # fmt: skip
