"""Shortcuts as a person changed them: which keys an action has, and which it may not have."""

import json
from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from gui.actions.build import tooltip_of
from gui.actions.spec import ActionSpec
from gui.actions.table import ACTIONS
from gui.texts import tr

_OF_CLASSES = frozenset("123456789")
_PAGES_OF_CLASSES = ("annotate", "review")


class Shortcuts(QObject):
    """The shortcuts of the window's actions: those of the table, but where a person chose others.

    Keys are texts in Qt's portable form.
    """

    changed = Signal(str)
    """All that a person changed, as a text to keep."""

    def __init__(
        self,
        actions: Mapping[str, QAction],
        *,
        kept: str = "",
        classes_by_key: Callable[[], Mapping[str, str]] = dict,
        parent: QObject | None = None,
    ) -> None:
        """Gives the actions their shortcuts.

        Args:
            actions: by name, one for each row of the table.
            kept: the text of `changed`; what of it cannot be used is passed over.
            classes_by_key: gives the names of the classes that have a key, by it.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self._actions = actions
        self._classes_by_key = classes_by_key
        self._changed = _read(kept)
        self._give()

    def keys(self, name: str) -> tuple[str, ...]:
        """The shortcuts of an action, the one that is shown first."""
        return tuple(_portable(one) for one in self._actions[name].shortcuts())

    def is_changed(self, name: str) -> bool:
        """Whether a person gave the action other keys than the table."""
        return name in self._changed

    def why_not(self, name: str, key: str) -> str:
        """Why an action cannot have a shortcut, in a sentence; empty: it can."""
        spec = _spec(name)
        if _are_together(spec.pages, _PAGES_OF_CLASSES):
            if key in _OF_CLASSES:
                sentence = tr("{key} gives the selected instances the class with this number.")
                return sentence.format(key=key)
            for taken, class_name in self._classes_by_key().items():
                if _is_ambiguous(key, taken):
                    sentence = tr("{key} gives the selected instances the class {class_name}.")
                    return sentence.format(key=_native(key), class_name=class_name)
        return self._why_taken(key, pages=spec.pages, but=name)

    def why_not_for_class(self, key: str) -> str:
        """Why a class cannot have a key, in a sentence; empty: no action has it."""
        return self._why_taken(key, pages=_PAGES_OF_CLASSES)

    def set_key(self, name: str, key: str) -> None:
        """Makes `key` the shortcut that is shown; the action's other ones stay. Empty: none at all.

        Raises:
            ValueError: `why_not` says why.
        """
        if key and (why := self.why_not(name, key)):
            raise ValueError(why)
        others = tuple(one for one in self.keys(name)[1:] if one != key)
        keys = (key, *others) if key else ()
        self._changed[name] = keys
        if keys == _spec(name).shortcuts:
            del self._changed[name]
        self._tell()

    def reset(self, name: str) -> None:
        """Gives an action the keys of the table again, but for those that others have now."""
        self._changed.pop(name, None)
        self._tell()

    def reset_all(self) -> None:
        """Gives every action the keys of the table again."""
        self._changed.clear()
        self._tell()

    def _why_taken(self, key: str, *, pages: tuple[str, ...], but: str = "") -> str:
        for other in ACTIONS:
            if other.name == but or not _are_together(pages, other.pages):
                continue
            if any(_is_ambiguous(key, taken) for taken in self.keys(other.name)):
                return tr("{key} is the shortcut of “{action}”, menu {menu}.").format(
                    key=_native(key), action=other.plain_text, menu=tr(other.menu)
                )
        return ""

    def _tell(self) -> None:
        self._give()
        self.changed.emit(json.dumps(self._changed) if self._changed else "")

    def _give(self) -> None:
        for spec in ACTIONS:
            keys = self._changed.get(spec.name)
            if keys is None:
                keys = tuple(key for key in spec.shortcuts if not self._is_taken(spec, key))
            action = self._actions[spec.name]
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setToolTip(tooltip_of(spec, action))

    def _is_taken(self, spec: ActionSpec, key: str) -> bool:
        """Whether a person gave the key to another action."""
        return any(
            _is_ambiguous(key, taken)
            for name, keys in self._changed.items()
            if _are_together(spec.pages, _spec(name).pages)
            for taken in keys
        )


def _read(kept: str) -> dict[str, tuple[str, ...]]:
    names = {spec.name for spec in ACTIONS}
    try:
        found = json.loads(kept or "{}")
        return {
            str(name): tuple(str(key) for key in keys if not QKeySequence(str(key)).isEmpty())
            for name, keys in found.items()
            if name in names
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _spec(name: str) -> ActionSpec:
    return next(spec for spec in ACTIONS if spec.name == name)


def _are_together(pages: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether what works on these pages, empty for all, can be triggered on some page together."""
    return not pages or not others or not set(pages).isdisjoint(others)


def _is_ambiguous(a: str, b: str) -> bool:
    """Whether the keys are the same, or those of one begin those of the other."""
    no_match = QKeySequence.SequenceMatch.NoMatch
    one, other = QKeySequence(a), QKeySequence(b)
    return one.matches(other) != no_match or other.matches(one) != no_match


def _portable(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.PortableText)


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
