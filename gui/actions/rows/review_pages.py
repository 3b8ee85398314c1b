"""Actions: the menu Review, what the pages Review and Rounds have and the canvas has not."""

from gui.actions.spec import ActionSpec

ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "go_there", "Go there", ("Return", "Enter"),
        "Show the current instance in its image, on the page Annotate.", "Review",
        begins_section=True, pages=("review", "rounds"), repeats=False,
    ),
    ActionSpec(
        "flicker", "Show the other model", ("Space",),
        "Let the old and the new model take turns in one view; hold the key for a glance.",
        "Review", pages=("rounds",), repeats=False,
    ),
)  # fmt: skip
