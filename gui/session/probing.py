"""Probing: how long a fine-tune would take, measured in a child before it is begun."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from core.configs import ProbeConfig, TrainConfig, from_json
from core.configs.recipe import Facts, settled
from core.events import Failed, Finished
from core.project import Project
from core.readiness import Finding, Severity
from core.types import Json
from gui.runs import ProcessRun
from gui.session.work import Work
from gui.texts import QT_TR_NOOP, tr

_SETTLE_MS = 400  # while a person still changes the choices
_PACE = frozenset(
    {
        "weights",
        "model_config",
        "freeze_at",
        "device",
        "batch_size",
        "optimizer",
        "precision",
        "roi_batch_size",
        "scale_jitter",
        "copy_paste",
        "ema_decay",
        "threads",
    }
)
"""The settings that the time of an iteration depends on, or what can be chosen."""
_NOT_MEASURED = QT_TR_NOOP("How long it takes was not measured.")
_CAN_START = QT_TR_NOOP("So it is not known how long it takes. You can start all the same.")


@dataclass(frozen=True, slots=True)
class _NotMeasured:
    """Why a probe measured nothing."""

    sentence: str
    is_refusal: bool = False
    """Whether the fine-tune would end in the same way: it begins with the same steps."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a probe measured."""

    seconds_per_iteration: float
    seconds_per_val_image: float
    n_val: int
    device: str
    peak_memory_bytes: int | None
    facts: Facts
    """What choices follow from that are left open."""
    findings: tuple[Finding, ...] = ()
    """What is to be said of the disk and the memory."""

    def settled(self, config: TrainConfig) -> TrainConfig:
        """A config of this pace with every choice made."""
        return settled(config, self.facts)

    def can_end_early(self, config: TrainConfig) -> bool:
        """Whether it stops where AP rises no more."""
        return bool(self.settled(config).patience and self.n_val)

    def seconds(self, config: TrainConfig) -> float:
        """How long a fine-tune takes that does not stop early, with the evaluations on the way.

        One evaluation is before it and one after it. The running mean of the weights is measured
        beside them.
        """
        chosen = self.settled(config)
        n_evaluations = math.ceil(chosen.iterations / chosen.evaluate_every)
        n_looks = 2 + n_evaluations * (2 if chosen.ema_decay > 0 else 1)
        measuring_s = n_looks * self.n_val * self.seconds_per_val_image
        return chosen.iterations * self.seconds_per_iteration + measuring_s


class Probing(QObject):
    """Keeps what was measured, and measures what is asked for, one after another."""

    changed = Signal()
    """Something was measured, or could not be."""

    def __init__(self, work: Work, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._project = project
        self._found: dict[TrainConfig, Estimate | _NotMeasured] = {}
        self._wanted: Sequence[TrainConfig] = ()
        self._run: ProcessRun | None = None
        self._measured: TrainConfig | None = None
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._measure_next)

    @property
    def is_going(self) -> bool:
        """Whether something is being measured, or about to be."""
        return self._run is not None or self._settle.isActive()

    def ask(self, *configs: TrainConfig) -> None:
        """Measures these and nothing else, in this order; what is known is not measured again."""
        self._wanted = configs
        if self._measured is not None and _choice(self._measured) not in map(_choice, configs):
            self._stop()
        if self._run is None and any(_choice(one) not in self._found for one in configs):
            self._settle.start()

    def estimate_of(self, config: TrainConfig) -> Estimate | None:
        """What was measured of these choices; None while nothing was."""
        found = self._found.get(_choice(config))
        return found if isinstance(found, Estimate) else None

    def seconds_of(self, config: TrainConfig) -> float | None:
        """How long this fine-tune takes; None while nothing was measured of its choices."""
        estimate = self.estimate_of(config)
        return None if estimate is None else estimate.seconds(config)

    def why_not(self, config: TrainConfig) -> str:
        """Why these choices could not be measured, or an empty string."""
        found = self._found.get(_choice(config))
        return found.sentence if isinstance(found, _NotMeasured) else ""

    def refusal(self, config: TrainConfig) -> str:
        """Why a fine-tune with these choices cannot work, as far as that was tried; or empty.

        A probe does the first steps of the fine-tune: what it cannot use, the fine-tune cannot
        either. A probe that died, or for which something is not here yet, proves nothing.
        """
        found = self._found.get(_choice(config))
        return found.sentence if isinstance(found, _NotMeasured) and found.is_refusal else ""

    def try_again(self, config: TrainConfig) -> None:
        """Measures once more what could not be."""
        self._found.pop(_choice(config), None)
        self.ask(config)

    def forget(self) -> None:
        """What was measured holds no more."""
        self._found.clear()

    def close(self) -> None:
        """Ends the child."""
        self._wanted = ()
        self._settle.stop()
        self._stop()

    def _stop(self) -> None:
        run, self._run, self._measured = self._run, None, None
        if run is not None:
            run.ended.disconnect(self._on_ended)
            # Its memory is wanted back and its time counts for nothing: it does not end by itself.
            run.stop()

    def _measure_next(self) -> None:
        if self._run is not None:
            return
        for config in self._wanted:
            if _choice(config) not in self._found:
                self._measured = config
                asked = replace(
                    config,
                    folder=str(self._project.folder),
                    labels_folder=str(self._project.labels_folder),
                )
                self._run = self._work.start_unseen("probe", ProbeConfig(asked))
                self._run.ended.connect(self._on_ended)
                return

    def _on_ended(self, last: object) -> None:
        config, run = self._measured, self._run
        self._run = self._measured = None
        if config is None or run is None:
            return
        if isinstance(last, Failed):
            self._found[_choice(config)] = _failed(last, has_died=run.has_died)
        elif isinstance(last, Finished) and last.was_cancelled:
            # The window closes and lets go of its children: none shall follow.
            self._wanted, self._found[_choice(config)] = (), _NotMeasured(tr(_NOT_MEASURED))
        elif isinstance(last, Finished):
            why_not = last.result.get("not_measured")
            self._found[_choice(config)] = (
                _NotMeasured(str(why_not)) if why_not else _estimate(last.result)
            )
        self._measure_next()
        self.changed.emit()


def _failed(last: Failed, *, has_died: bool) -> _NotMeasured:
    if has_died or last.details:
        return _NotMeasured(" ".join((last.sentence, tr(_CAN_START))))
    return _NotMeasured(last.sentence, is_refusal=True)


def _choice(config: TrainConfig) -> TrainConfig:
    """A config that says nothing but what the time of an iteration depends on."""
    return TrainConfig("", **{name: getattr(config, name) for name in _PACE})


def _estimate(result: Json) -> Estimate:
    return Estimate(
        float(result["seconds_per_iteration"]),
        float(result["seconds_per_val_image"]),
        int(result["n_val"]),
        str(result["device"]),
        result["peak_memory_bytes"],
        from_json(Facts, result["facts"]),
        tuple(Finding(Severity.WARN, *words) for words in result["room"]),
    )
