"""What the window remembers from one start to the next: a declared table, kept in one file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal

from core.assist import MODELS
from core.paths import user_data_folder
from gui.texts import QT_TR_NOOP


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One thing that is remembered."""

    name: str
    title: str
    """In the dialog of settings; empty for what is chosen elsewhere or remembered by itself.

    English, as all texts of the table are: they are translated where they are shown.
    """
    default: Any
    """Also says the type: a stored value of another type is passed over."""
    explanation: str = ""
    """A sentence below its field."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """Of a text: the values it can have, each with what it is called."""
    lowest: int = 0
    highest: int = 1_000_000
    step: int = 1
    unit: str = ""
    """Of a whole number, after it, with its space."""


DEVICES = {
    "auto": QT_TR_NOOP("The GPU, where there is one that works"),
    "cpu": QT_TR_NOOP("CPU"),
    "cuda": QT_TR_NOOP("GPU of NVIDIA or AMD (cuda)"),
    "mps": QT_TR_NOOP("GPU of Apple (mps)"),
}
"""What `device` can be, and what it is called."""


def _assistants(*, takes_text: bool) -> Mapping[str, str]:
    """The assistants that take a text, or those that take points, each with what it is called."""
    return {
        one.name: f"{one.title}: {one.remark} ({one.n_bytes / 1e6:.0f} MB)"
        for one in MODELS.values()
        if (one.takes_text if takes_text else one.takes_points)
    }


SETTINGS: tuple[SettingSpec, ...] = (
    SettingSpec("last_folder", "", ""),
    SettingSpec("last_image", "", ""),
    SettingSpec("window_geometry", "", ""),
    SettingSpec("window_layout", "", ""),
    SettingSpec("shortcuts", "", ""),
    SettingSpec("tool_options", "", ""),
    SettingSpec("brightness", "", 0),
    SettingSpec("contrast", "", 0),
    SettingSpec("fill_opacity", "", 100),
    SettingSpec("colour_by_state", "", 0),
    SettingSpec("crosshair", "", 0),
    SettingSpec("navigator", "", 1),
    SettingSpec(
        "theme", QT_TR_NOOP("Appearance"), "system",
        QT_TR_NOOP("Light or dark; as the system says, it follows while the window is open."),
        {
            "system": QT_TR_NOOP("As the system"),
            "light": QT_TR_NOOP("Light"),
            "dark": QT_TR_NOOP("Dark"),
        },
    ),
    SettingSpec(
        "autosave_idle_ms", QT_TR_NOOP("Save after"), 1000,
        QT_TR_NOOP(
            "So long after the last edit the label file is written. Until then the edit is in a"
            " journal on the disk, and safe as well."
        ),
        lowest=1, highest=600_000, step=500, unit=QT_TR_NOOP(" ms without an edit"),
    ),
    SettingSpec("weights", "", ""),
    SettingSpec("engine", "", "maskrcnn"),
    SettingSpec("model_config", "", ""),
    SettingSpec("class_names", "", ""),
    SettingSpec("recent_weights", "", ""),
    SettingSpec("score", "", 0.5),
    SettingSpec(
        "device", QT_TR_NOOP("Device for predictions"), "auto",
        QT_TR_NOOP("Where the model runs that pre-labels and sees the live view."),
        DEVICES,
    ),
    SettingSpec(
        "arithmetic", QT_TR_NOOP("Arithmetic of predictions"), "fast",
        QT_TR_NOOP(
            "Exact is detectron2's to the last bit, to compare with it; it takes longer. Fast moves"
            " a box by a small part of a pixel."
        ),
        {
            "fast": QT_TR_NOOP("Fast"),
            "exact": QT_TR_NOOP("Exact, as detectron2 computes"),
        },
    ),
    SettingSpec(
        "outlines", QT_TR_NOOP("Outlines of predictions"), "near",
        QT_TR_NOOP(
            "Fewer vertices are quicker to correct; more follow the model's mask. It holds from the"
            " next pre-label on."
        ),
        {
            "near": QT_TR_NOOP("Near the mask: about 16 vertices"),
            "few": QT_TR_NOOP("Fewer points: about 11 vertices"),
        },
    ),
    SettingSpec(
        "while_training", QT_TR_NOOP("While a fine-tune has the GPU"), "cpu",
        QT_TR_NOOP(
            "Two models seldom fit on one GPU. On the CPU predictions take longer; waiting ones"
            " come when the fine-tune has ended."
        ),
        {"cpu": QT_TR_NOOP("Predict on the CPU"), "wait": QT_TR_NOOP("Let predictions wait")},
    ),
    SettingSpec(
        "assist_model", QT_TR_NOOP("Assistant for points and boxes"), "efficientsam:10m",
        QT_TR_NOOP(
            "It outlines what a click or a box points at. It is downloaded when it is used first."
        ),
        _assistants(takes_text=False),
    ),
    SettingSpec(
        "assist_text_model", QT_TR_NOOP("Assistant for texts"), "yoloworld:latest",
        QT_TR_NOOP(
            "It finds what a text names. It is downloaded when it is used first; mind its licence."
        ),
        _assistants(takes_text=True),
    ),
    SettingSpec("train_weights", "", ""),
    SettingSpec("export_folder", "", ""),
    SettingSpec("live_kind", "", "camera"),
    SettingSpec("live_camera", "", 0),
    SettingSpec("live_file", "", ""),
    SettingSpec("live_folder", "", ""),
    SettingSpec("live_is_looped", "", 0),
    SettingSpec("live_score", "", 0.5),
    SettingSpec("live_shows", "", " ".join(("masks", "boxes", "names", "scores"))),
)  # fmt: skip


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

    def set_last_folder(self, folder: str) -> None:
        """Remembers the open folder, and forgets the image of another one: names are alike."""
        if folder != self.text("last_folder"):
            self.set("last_image", "")
            self.set("last_folder", folder)

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
