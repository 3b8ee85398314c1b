"""What a person can set of a tool: a number, a switch, a choice, a text, or a button."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal


class NumberOption(QObject):
    """A whole number in a range."""

    changed = Signal()

    def __init__(
        self, name: str, text: str, *, value: int, low: int, high: int, unit: str = "", tip: str
    ) -> None:
        """
        Args:
            name: the settings keep it as `<tool>_<name>`.
            text: what stands before it.
            value: at the beginning.
            low: the least.
            high: the largest.
            unit: what stands behind it: " px".
            tip: a sentence, with its key where it has one.
        """
        super().__init__()
        self.name, self.text, self.unit, self.tip = name, text, unit, tip
        self.low, self.high = low, high
        self._value = value

    @property
    def value(self) -> int:
        """As it is now."""
        return self._value

    def set_value(self, value: int) -> None:
        """Takes the nearest value of the range."""
        value = min(max(value, self.low), self.high)
        if value != self._value:
            self._value = value
            self.changed.emit()


class SwitchOption(QObject):
    """Something that is on or off."""

    changed = Signal()

    def __init__(
        self, name: str, text: str, *, value: bool, tip: str, is_kept: bool = True
    ) -> None:
        """One that is as its value says.

        Args:
            name: of the option, the tool's own.
            text: as shown.
            value: whether it is on.
            tip: a sentence.
            is_kept: whether the next start finds it as it was left.
        """
        super().__init__()
        self.name, self.text, self.tip, self.is_kept = name, text, tip, is_kept
        self._value = value

    @property
    def value(self) -> bool:
        """Whether it is on."""
        return self._value

    def set_value(self, value: bool, /) -> None:
        """Turns it on or off."""
        if value != self._value:
            self._value = value
            self.changed.emit()


class ChoiceOption(QObject):
    """One of several."""

    changed = Signal()

    def __init__(
        self, name: str, text: str, *, value: str, choices: Mapping[str, str], tip: str
    ) -> None:
        """
        Args:
            name: the settings keep it as `<tool>_<name>`.
            text: what stands before it.
            value: a key of the choices.
            choices: what is shown, by the values that are kept.
            tip: a sentence.
        """
        super().__init__()
        self.name, self.text, self.tip = name, text, tip
        self._choices = dict(choices)
        self._value = value

    @property
    def value(self) -> str:
        """The key of what is chosen."""
        return self._value

    @property
    def choices(self) -> Mapping[str, str]:
        """What is shown, by the values that are kept."""
        return dict(self._choices)

    def set_value(self, value: str) -> None:
        """Chooses; what is no choice is left alone."""
        if value in self._choices and value != self._value:
            self._value = value
            self.changed.emit()


class TextOption(QObject):
    """A line of text, taken by Enter. It is not kept."""

    changed = Signal()

    def __init__(self, name: str, text: str, *, placeholder: str, tip: str) -> None:
        super().__init__()
        self.name, self.text, self.tip, self.placeholder = name, text, tip, placeholder
        self._value = ""

    @property
    def value(self) -> str:
        """As it was taken last."""
        return self._value

    def set_value(self, value: str) -> None:
        """Takes it, the same again too."""
        self._value = value
        self.changed.emit()


class ButtonOption(QObject):
    """Something to press."""

    changed = Signal()
    """Whether it can be pressed is different now."""

    def __init__(self, name: str, text: str, *, press: Callable[[], None], tip: str) -> None:
        super().__init__()
        self.name, self.text, self.tip = name, text, tip
        self.press = press
        self._is_enabled = True

    @property
    def is_enabled(self) -> bool:
        """Whether it can be pressed."""
        return self._is_enabled

    def set_enabled(self, is_enabled: bool, /) -> None:
        """Lets it be pressed, or not."""
        if is_enabled != self._is_enabled:
            self._is_enabled = is_enabled
            self.changed.emit()


Option: TypeAlias = NumberOption | SwitchOption | ChoiceOption | TextOption | ButtonOption
