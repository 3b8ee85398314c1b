"""The table of everything a person can trigger.

A row names its handler: whoever composes the window passes `handlers[name]` for every row, so a
row without one is found when the window is built, and not when somebody presses the key.
"""

from dataclasses import replace

from gui.actions.rows import (
    edit,
    file,
    instance,
    live,
    model,
    pages,
    review,
    review_pages,
    tools,
    view,
    window,
)
from gui.actions.spec import ActionSpec


def _on_page(page: str, *groups: tuple[ActionSpec, ...]) -> tuple[ActionSpec, ...]:
    """Rows that name no pages themselves are of this one."""
    return tuple(
        spec if spec.pages else replace(spec, pages=(page,)) for group in groups for spec in group
    )


ACTIONS: tuple[ActionSpec, ...] = (
    *file.ROWS,
    *_on_page("annotate", edit.ROWS, instance.ROWS, tools.ROWS, review.ROWS),
    *review_pages.ROWS,
    *model.ROWS,
    *pages.ROWS,
    *_on_page("annotate", view.ROWS),
    *_on_page("live", live.ROWS),
    *window.ROWS,
)
