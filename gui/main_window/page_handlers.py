"""Actions that mean the same on several pages: each does it on the page that is in front."""

from collections.abc import Callable, Mapping
from functools import partial

from gui.actions import ACTIONS, Handler
from gui.main_window.pages import ANNOTATE


def with_pages(
    handlers: Mapping[str, Handler], *, handler_of: Callable[[str], Handler | None]
) -> dict[str, Handler]:
    """The handlers, but that those of actions of other pages than the canvas ask the page first.

    Args:
        handlers: by the name of the action, but for those that only pages have.
        handler_of: what an action does on the page that is in front, if that has it.
    """
    of_pages = [spec.name for spec in ACTIONS if set(spec.pages) - {ANNOTATE}]
    return {
        **handlers,
        **{name: partial(_do, name, handlers, handler_of) for name in of_pages},
    }


def _do(
    name: str, handlers: Mapping[str, Handler], handler_of: Callable[[str], Handler | None]
) -> None:
    (handler_of(name) or handlers[name])()
