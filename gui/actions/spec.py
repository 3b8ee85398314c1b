"""One thing that a person can trigger."""

from dataclasses import dataclass

from gui.texts import tr


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing a person can trigger."""

    name: str
    """Of its handler; stable, the settings keep changed shortcuts under it."""
    text: str
    """In English, like the tooltip and the menu; it is translated where it is shown."""
    shortcuts: tuple[str, ...]
    """In Qt's portable form; the first one is shown."""
    tooltip: str
    """A sentence without its shortcut, which is added when it is built."""
    menu: str
    """One of gui/actions/rows/menus.py."""
    icon: str = ""
    """The file's stem in resources/icons; empty: the same as the name."""
    radio: str = ""
    """The group of which one action is checked; empty for an action that is only triggered."""
    begins_section: bool = False
    """Whether a line goes before it in its menu and on the toolbar."""
    on_toolbar: bool = False
    pages: tuple[str, ...] = ()
    """The pages on which it can be triggered; empty: on every page."""
    repeats: bool = True
    """Whether a key that is held down triggers it again and again."""

    def is_on(self, page: str) -> bool:
        """Whether it can be triggered on a page."""
        return not self.pages or page in self.pages

    @property
    def plain_text(self) -> str:
        """Its text as it is shown, without the dots that say a dialog follows."""
        return tr(self.text).removesuffix("…")

    @property
    def icon_name(self) -> str:
        """The stem of its icon's file."""
        return self.icon or self.name
