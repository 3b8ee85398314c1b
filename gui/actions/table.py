"""The table of everything a person can trigger.

A row names its handler: whoever composes the window passes `handlers[name]` for every row, so a
row without one is found when the window is built, and not when somebody presses the key.
"""

from dataclasses import replace

from gui.actions.rows import edit, file, instance, live, model, pages, review, tools, view, window
from gui.actions.spec import ActionSpec


def _on_page(page: str, *groups: tuple[ActionSpec, ...]) -> tuple[ActionSpec, ...]:
    return tuple(replace(spec, page=page) for group in groups for spec in group)


ACTIONS: tuple[ActionSpec, ...] = (
    *file.ROWS,
    *_on_page("annotate", edit.ROWS, instance.ROWS, tools.ROWS, review.ROWS),
    *model.ROWS,
    *pages.ROWS,
    *_on_page("annotate", view.ROWS),
    *_on_page("live", live.ROWS),
    *window.ROWS,
)
