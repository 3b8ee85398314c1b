"""The engine behind the window: loaded ahead of its first use, and where it computes."""

from dataclasses import replace
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal

from core.configs import DevicesConfig, EngineConfig, WarmUpConfig
from core.devices import DeviceReport, report_from_json
from core.events import Failed, Finished
from gui.runs import EngineProcess, EngineRequest


class Warmth(Enum):
    """How far the engine is."""

    COLD = 0
    LOADING = 1
    WARM = 2
    FAILED = 3


class WarmEngine(QObject):
    """Asks the engine's process to load, after whatever a person waits for."""

    changed = Signal()
    devices_changed = Signal()

    def __init__(self, engine: EngineProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.warmth = Warmth.COLD
        self.device = ""
        """Where the loaded engine computes: cpu, cuda:0, mps."""
        self.why_not = ""
        """Why it did not load."""
        self.report: DeviceReport | None = None
        """What computes here; None while that is not known."""
        self._engine = engine
        self._config: EngineConfig | None = None
        self._loading: EngineRequest | None = None
        self._looking: EngineRequest | None = None
        engine.said.connect(self.forget)  # its process died, and what it had loaded with it

    def load(self, config: EngineConfig) -> None:
        """Loads this engine, unless it is loaded or being loaded; nothing is downloaded."""
        config = replace(config, score=None)  # another score needs no other engine
        if config == self._config and self.warmth is not Warmth.COLD:
            return
        self.forget()
        self._config = config
        self._set(Warmth.LOADING)
        self._loading = self._engine.ask("warm_up", WarmUpConfig(config))
        self._loading.ended.connect(self._on_loaded)

    def forget(self) -> None:
        """Lets go of a load that waits; another engine is wanted, or none."""
        loading, self._loading = self._loading, None
        if loading is not None and loading.is_going:
            loading.ended.disconnect(self._on_loaded)
            loading.cancel()
        self._config = None
        self._set(Warmth.COLD)

    def look_at_devices(self) -> None:
        """Finds out what computes here and how much memory is left; `devices_changed` tells."""
        if self._looking is not None and self._looking.is_going:
            return
        self._looking = self._engine.ask("devices", DevicesConfig())
        self._looking.ended.connect(self._on_looked)

    def _on_loaded(self, last: object) -> None:
        if isinstance(last, Failed):
            self._set(Warmth.FAILED, why_not=last.sentence)
        elif isinstance(last, Finished) and (device := str(last.result.get("device") or "")):
            self._set(Warmth.WARM, device=device)
            QTimer.singleShot(0, self, self.look_at_devices)  # it took some of their memory
        else:
            self._set(Warmth.COLD)

    def _on_looked(self, last: object) -> None:
        if isinstance(last, Finished) and last.result.get("devices"):
            self.report = report_from_json(last.result)
            self.devices_changed.emit()

    def _set(self, warmth: Warmth, *, device: str = "", why_not: str = "") -> None:
        before = (self.warmth, self.device, self.why_not)
        self.warmth, self.device, self.why_not = warmth, device, why_not
        if before != (warmth, device, why_not):
            self.changed.emit()
