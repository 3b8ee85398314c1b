"""What the window remembers from one start to the next: a declared table, kept in one file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal

from core.paths import user_data_folder


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One thing that is remembered."""

    name: str
    title: str
    """For the user; empty for what the window remembers by itself."""
    default: Any
    """Also says the type: a stored value of another type is passed over."""


SETTINGS: tuple[SettingSpec, ...] = (
    SettingSpec("last_folder", "", ""),
    SettingSpec("last_image", "", ""),
    SettingSpec("window_geometry", "", ""),
    SettingSpec("window_layout", "", ""),
    SettingSpec("weights", "Weights for pre-labelling", ""),
    SettingSpec("engine", "Engine", "maskrcnn"),
    SettingSpec("model_config", "config.yaml of the weights", ""),
    SettingSpec("class_names", "", ""),
    SettingSpec("recent_weights", "", ""),
    SettingSpec("score", "Lowest confidence of a pre-label", 0.5),
    SettingSpec("device", "Device of the engine", "auto"),
    SettingSpec("train_weights", "Weights to fine-tune from", "none"),
    SettingSpec("train_iterations", "Iterations of a fine-tune", 1000),
    SettingSpec("autosave_idle_ms", "Save after so many milliseconds without an edit", 1000),
    SettingSpec("export_folder", "", ""),
)


class Settings(QObject):
    """The values of the table."""

    changed = Signal(str)
    """The name of a setting that has another value now."""

    def __init__(self, file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs = {spec.name: spec for spec in SETTINGS}
        self._store = QSettings(str(file), QSettings.Format.IniFormat)

    @classmethod
    def of_user(cls) -> "Settings":
        """Those in the user's own folder."""
        return cls(user_data_folder() / "settings.ini")

    def text(self, name: str) -> str:
        """The value of a setting that is a text."""
        return str(self._value(name, str))

    def number(self, name: str) -> float:
        """The value of a setting that is a number."""
        return float(self._value(name, float))

    def whole(self, name: str) -> int:
        """The value of a setting that is a whole number."""
        return int(self._value(name, int))

    def set(self, name: str, value: Any) -> None:
        """Remembers a value.

        Raises:
            KeyError: no setting has this name.
            TypeError: it is not of the setting's type.
        """
        if type(value) is not type(self._specs[name].default):
            raise TypeError(f"{name} is {type(self._specs[name].default).__name__}: {value!r}")
        if value != self._value(name, type(value)):
            self._store.setValue(name, value)
            self.changed.emit(name)

    def sync(self) -> None:
        """Writes them now."""
        self._store.sync()

    def _value(self, name: str, kind: type) -> Any:
        default = self._specs[name].default
        if not isinstance(default, kind):
            raise TypeError(f"{name} is not of type {kind.__name__}")
        try:
            # an ini file holds texts only
            return kind(self._store.value(name, default))
        except (TypeError, ValueError):
            return default
