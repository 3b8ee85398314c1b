"""One GPU, a fine-tune and predictions: which of them has it, and what the other does meanwhile."""

from PySide6.QtCore import QObject, Signal

from gui.runs import EngineProcess, Run
from gui.session.warm_engine import WarmEngine
from gui.session.work import Work
from gui.settings import Settings
from gui.texts import QT_TR_NOOP, tr

_WAITS = frozenset({"prelabel", "warm_up"})
"""The jobs of the engine's process that load a model on the device."""
_WAITING = QT_TR_NOOP(
    "Predictions wait until the fine-tune has ended: it has the device. In the settings they can be"
    " moved to the CPU instead."
)


class GpuTurn(QObject):
    """While a fine-tune has the GPU predictions go to the CPU, or wait, as the settings say."""

    changed = Signal()
    """Perhaps: a fine-tune has begun or ended, or a setting is another."""
    told = Signal(str)

    def __init__(
        self,
        settings: Settings,
        work: Work,
        engine: EngineProcess,
        warm: WarmEngine,
        *,
        parent: QObject | None = None,
    ) -> None:
        """Begins to watch.

        Args:
            settings: `device` and `while_training`.
            work: what knows of the fine-tune.
            engine: what predicts.
            warm: what knows the devices.
            parent: as of any QObject.
        """
        super().__init__(parent)
        self._settings = settings
        self._work = work
        self._engine = engine
        self._warm = warm
        self.is_waiting = False
        """Whether predictions wait for the end of a fine-tune."""
        work.run_started.connect(self._on_run_started)
        settings.changed.connect(lambda _: self._update())

    def device_left(self, wished: str) -> str:
        """Where predictions are made: as wished where they wait for it, else what is left now."""
        return wished if self.is_waiting else self.device_now(wished)

    def device_now(self, wished: str) -> str:
        """Where what cannot wait is predicted: as wished, or on the CPU while a fine-tune has the
        GPU."""
        has_none = self._warm.report is not None and not self._has_gpu
        return wished if has_none else self._work.device_left(wished)

    @property
    def is_moved(self) -> bool:
        """Whether a fine-tune has the GPU, and predictions are made on the CPU meanwhile."""
        return self._has_gpu and self._work.training_takes_gpu and not self.is_waiting

    @property
    def _has_gpu(self) -> bool:
        """Whether predictions are made on one, as far as that is known."""
        report = self._warm.report
        return report is not None and report.device(self._settings.text("device")).name != "cpu"

    def _on_run_started(self, run: Run) -> None:
        if run.is_training:
            run.ended.connect(lambda _: self._update())
            self._update()

    def _update(self) -> None:
        is_wished = self._settings.text("while_training") == "wait"
        is_waiting = self._has_gpu and is_wished and self._work.training_takes_gpu
        was_waiting, self.is_waiting = self.is_waiting, is_waiting
        self.changed.emit()
        if is_waiting == was_waiting:
            return
        if is_waiting:
            self._warm.forget()
            self._engine.hold(_WAITS)
            self.told.emit(tr(_WAITING))
        else:
            self._engine.hold(())
