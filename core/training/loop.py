"""The training loop: step, report, evaluate, keep the best, and be able to go on after any end."""

import contextlib
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from core.events import CheckpointSaved, Event, Metrics, Progress
from core.run_folder import RunFolder
from core.training.checkpoint import save_state
from core.training.data import Lessons
from core.training.learner import Best, Learner
from core.training.measure import Numbers

_ASLEEP_S, _ASLEEP_LAPS = 900.0, 50
"""A lap longer than both, in seconds and in usual laps, is one in which the machine slept."""
_SECONDS_BETWEEN_CHECKPOINTS = 60.0
_SHOWN = ("AP", "AP50", "AP75")


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens when, and who does it."""

    iterations: int
    checkpoint_every: int
    evaluate_every: int
    """0: never, there is nothing to evaluate on."""
    evaluate: Callable[[Learner], Generator[Progress, None, Numbers]]
    keep: Callable[[Learner], None]
    """Writes the weights as the best of the run."""


def fit(
    learner: Learner, lessons: Lessons, plan: Plan, run: RunFolder
) -> Generator[Event, None, None]:
    """Goes on from the learner's iteration to the last one.

    Closing it between two events leaves a checkpoint from which a resume gives what an unbroken
    run would have given.

    Raises:
        AppError: a loss is not finite, an image cannot be read, or a checkpoint cannot be written.
            The checkpoint before it is kept.
    """
    clock = _Clock(plan)
    batches = lessons.batches(learner.iteration, plan.iterations)
    with contextlib.closing(batches):
        try:
            while True:
                if plan.evaluate_every and _is_evaluated(learner, plan):
                    yield from _evaluated(learner, plan)
                if clock.wants_checkpoint(learner.iteration):
                    yield _saved(learner, run, clock)
                if learner.iteration >= plan.iterations:
                    return
                values = learner.step(next(batches))
                seconds = clock.lap_s()
                learner.seconds += seconds
                yield Metrics(learner.iteration, {**values, "seconds": seconds})
                yield Progress(
                    learner.iteration, plan.iterations, "iterations", clock.eta_s(learner.iteration)
                )
        except GeneratorExit:
            if clock.saved_at != learner.iteration:
                _saved(learner, run, clock)
            raise


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


def _evaluated(learner: Learner, plan: Plan) -> Generator[Event, None, None]:
    numbers = yield from plan.evaluate(learner)
    learner.evaluated_at = learner.iteration
    ap = main_ap(numbers)
    # The later of two equals has seen more.
    if ap is not None and (learner.best is None or ap >= learner.best.ap):
        plan.keep(learner)
        learner.best = Best(learner.iteration, ap)
    yield Metrics(
        learner.iteration,
        {
            f"{task}/{name}": float(of_task[name])
            for task, of_task in numbers.items()
            for name in _SHOWN
            if of_task[name] is not None
        },
    )


def main_ap(numbers: Numbers) -> float | None:
    """What runs are compared by: the masks' AP, or the boxes' where there are no masks."""
    ap: float | None = numbers["segm"]["AP"]
    return numbers["bbox"]["AP"] if ap is None else ap


def _saved(learner: Learner, run: RunFolder, clock: _Clock) -> CheckpointSaved:
    save_state(run.last_checkpoint, learner)
    clock.saved(learner.iteration)
    return CheckpointSaved(str(run.last_checkpoint), learner.iteration)
