"""The training loop: step, report, evaluate, keep the best, and be able to go on after any end."""

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.errors import AppError
from core.events import CheckpointSaved, Event, Metrics, Noted, Progress
from core.maskrcnn.model import MaskRCNN
from core.run_folder import RunFolder
from core.training.checkpoint import load_state, save_state
from core.training.learner import Best, Diverged, Learner, OutOfMemory, TornUpdate
from core.training.measure import Numbers

_ASLEEP_S, _ASLEEP_LAPS = 900.0, 50
"""A lap longer than both, in seconds and in usual laps, is one in which the machine slept."""
_SECONDS_BETWEEN_CHECKPOINTS = 60.0
_SHOWN = ("AP", "AP50", "AP75")
_LEAST_FACTOR = 1 / 16
"""Of the learning rate: what diverges even then is not a matter of the rate."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Weights of a learner, and what they are worth."""

    model: MaskRCNN
    numbers: Numbers


class Teaches(Protocol):
    """What a learner is taught."""

    def batches(self, first: int, last: int) -> Generator[Any, None, None]:
        """What its steps of iterations first to last - 1 take, in order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens when, and who does it."""

    iterations: int
    checkpoint_every: int
    evaluate_every: int
    """0: never, there is nothing to evaluate on."""
    patience: int
    """Evaluations without a better AP after which it ends; 0: it goes to the last iteration."""
    lessons: Callable[[Learner], Teaches]
    evaluate: Callable[[Learner], Generator[Progress, None, Sequence[Measured]]]
    """The learner's weights, and others that might be better."""
    keep: Callable[[MaskRCNN, int], None]
    """Writes weights as the best of the run, those of this iteration."""


def fit(learner: Learner, plan: Plan, run: RunFolder) -> Generator[Event, None, None]:
    """Goes on from the learner's iteration to the last one.

    Where it diverges it goes back to the last checkpoint with half the learning rate; where the
    memory is too small it goes on with less at a time. Closing it between two events leaves a
    checkpoint from which a resume gives what an unbroken run would have given.

    Raises:
        AppError: it diverges again and again, an image cannot be read, a checkpoint cannot be
            written, or the memory is too small for anything. The checkpoint before it is kept.
    """
    clock = _Clock(plan)
    while True:
        try:
            yield from _stretch(learner, plan, run, clock)
            return
        except Diverged as reason:
            yield _gone_back(learner, run, clock, str(reason))
        except OutOfMemory as reason:
            yield _taken_less(learner, run, clock, is_torn=isinstance(reason, TornUpdate))


def _stretch(
    learner: Learner, plan: Plan, run: RunFolder, clock: "_Clock"
) -> Generator[Event, None, None]:
    batches = plan.lessons(learner).batches(learner.iteration, plan.iterations)
    with contextlib.closing(batches):
        try:
            while True:
                if plan.evaluate_every and _is_evaluated(learner, plan):
                    yield from _evaluated(learner, plan)
                is_last = learner.iteration >= plan.iterations or _is_stale(learner, plan)
                # a checkpoint from before the best weights would not know of them
                is_best = learner.best is not None and learner.best.iteration == learner.iteration
                is_unsaved = clock.saved_at != learner.iteration
                if clock.wants_checkpoint(learner.iteration) or (
                    is_unsaved and (is_last or is_best)
                ):
                    yield _saved(learner, run, clock)
                if is_last:
                    return
                began = time.monotonic()
                batch = next(batches)
                learner.team.told(None)  # the leader was not asked to stop
                values = learner.step(batch)
                own_s, lap_s = time.monotonic() - began, clock.lap_s()
                learner.seconds += lap_s
                # an evaluation before it is no part of it, nor a sleep, of which the lap knows
                yield Metrics(learner.iteration, {**values, "seconds": min(own_s, lap_s)})
                yield Progress(
                    learner.iteration, plan.iterations, "iterations", clock.eta_s(learner.iteration)
                )
        except GeneratorExit:
            if clock.saved_at != learner.iteration:
                _saved(learner, run, clock)
            raise


def _gone_back(learner: Learner, run: RunFolder, clock: "_Clock", reason: str) -> Noted:
    """Puts the learner at its last checkpoint, with half the rate.

    Raises:
        AppError: that was done before often enough, or there is no checkpoint.
    """
    at, factor = learner.iteration + 1, learner.rate_factor / 2
    rate = learner.config.learning_rate
    if factor < _LEAST_FACTOR:
        raise AppError(
            f"Training stopped at iteration {at}: {reason}, even with {factor * 2:g} times the"
            f" learning rate of {rate:g}. The last good checkpoint is kept. Look at the labels and"
            " the start weights, or train with stronger clipping."
        )
    _put_back(learner, run, clock, rate_factor=factor)
    return Noted(
        f"At iteration {at} {reason}. It goes on from iteration {learner.iteration} with half the"
        f" learning rate, {rate * factor:g}."
    )


def _taken_less(learner: Learner, run: RunFolder, clock: "_Clock", *, is_torn: bool) -> Noted:
    """Goes down the ladder of memory, from the last checkpoint where the weights are torn.

    Raises:
        AppError: there is no rung left.
    """
    less = learner.take_less()
    if is_torn:
        _put_back(learner, run, clock, rate_factor=learner.rate_factor)
    where = f" from iteration {learner.iteration}" if is_torn else ""
    return Noted(f"The memory of the device is too small. It goes on{where} with {less}.")


def _put_back(learner: Learner, run: RunFolder, clock: "_Clock", *, rate_factor: float) -> None:
    """Puts the learner at its last checkpoint, but for the rate and the rung of the ladder."""
    ladder = learner.n_pieces, learner.size_factor
    load_state(run.last_checkpoint, learner)
    learner.rate_factor, (learner.n_pieces, learner.size_factor) = rate_factor, ladder
    learner.team.require_well(None, learner.model.device)  # all have read it
    _saved(learner, run, clock)
    if learner.team.is_leader:
        run.forget_after(learner.iteration)


class _Clock:
    """When something is due, and how long the rest takes."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._laps, self._awake_s = 0, 0.0
        self.saved_at = -1
        self._lap_began = time.monotonic()
        self._saved = -_SECONDS_BETWEEN_CHECKPOINTS

    def wants_checkpoint(self, iteration: int) -> bool:
        """At the start, at the end, every so many iterations, and every minute."""
        if iteration == self.saved_at:
            return False
        return (
            iteration % self._plan.checkpoint_every == 0
            or iteration >= self._plan.iterations
            or time.monotonic() - self._saved >= _SECONDS_BETWEEN_CHECKPOINTS
        )

    def saved(self, iteration: int) -> None:
        """A checkpoint of this iteration is on the disk."""
        self.saved_at, self._saved = iteration, time.monotonic()

    def lap_s(self) -> float:
        """Seconds since it was asked last, without those in which the machine slept."""
        now = time.monotonic()
        seconds, self._lap_began = now - self._lap_began, now
        pace = self._awake_s / self._laps if self._laps else seconds
        if seconds > max(_ASLEEP_S, _ASLEEP_LAPS * pace):
            seconds = pace  # the machine slept, and some systems' clocks go on meanwhile
        self._awake_s += seconds
        self._laps += 1
        return seconds

    def eta_s(self, iteration: int) -> float:
        """Seconds to the end, at the pace so far."""
        pace = self._awake_s / max(1, self._laps)
        return pace * (self._plan.iterations - iteration)


def _is_evaluated(learner: Learner, plan: Plan) -> bool:
    at = learner.iteration
    is_due = at % plan.evaluate_every == 0 or at >= plan.iterations
    return is_due and at > learner.evaluated_at


def _is_stale(learner: Learner, plan: Plan) -> bool:
    return 0 < plan.patience <= learner.n_stale


def _evaluated(learner: Learner, plan: Plan) -> Generator[Event, None, None]:
    numbers: Numbers = {}
    is_mean = False
    if learner.team.is_leader:
        candidates = yield from plan.evaluate(learner)
        best = max(candidates, key=_rank)
        numbers, is_mean = best.numbers, best.model is not learner.model
    numbers, is_mean = learner.team.told((numbers, is_mean))
    learner.evaluated_at = learner.iteration
    ap, was = main_ap(numbers), learner.best
    # The later of two equals has seen more.
    if ap is not None and (was is None or ap >= was.ap):
        if learner.team.is_leader:
            plan.keep(best.model, learner.iteration)
        learner.best = Best(learner.iteration, ap, is_mean=is_mean)
    if ap is not None:  # without an instance to find nothing is said, not even that it got worse
        learner.n_stale = 0 if was is None or ap > was.ap else learner.n_stale + 1
        yield Metrics(learner.iteration, _shown(numbers))


def _rank(one: Measured) -> float:
    ap = main_ap(one.numbers)
    return -1.0 if ap is None else ap


def _shown(numbers: Numbers) -> dict[str, float]:
    return {
        f"{task}/{name}": float(of_task[name])
        for task, of_task in numbers.items()
        for name in _SHOWN
        if of_task[name] is not None
    }


def main_ap(numbers: Numbers) -> float | None:
    """What runs are compared by: the masks' AP, or the boxes' where there are no masks."""
    ap: float | None = numbers["segm"]["AP"]
    return numbers["bbox"]["AP"] if ap is None else ap


def _saved(learner: Learner, run: RunFolder, clock: _Clock) -> CheckpointSaved:
    if learner.team.is_leader:
        save_state(run.last_checkpoint, learner)
    clock.saved(learner.iteration)
    return CheckpointSaved(str(run.last_checkpoint), learner.iteration)
