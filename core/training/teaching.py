"""What differs between this program's own loop and another's: how a learner comes about, and what
it is taught."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core.events import Event
from core.run_folder import RunFolder, SnapshotImage
from core.training.learner import Learner
from core.training.loop import Teaches
from core.training.measure import Numbers
from core.training.start import Start, begun, lessons_of, resumed

Begun: TypeAlias = Generator[Event, None, tuple[Learner, Numbers | None]]


@dataclass(frozen=True, slots=True)
class Teaching:
    """Who teaches."""

    begun: Callable[[Start, RunFolder, Sequence[SnapshotImage]], Begun]
    """A learner at iteration 0, and AP of its start weights where they know the classes."""
    resumed: Callable[[Start, RunFolder], Learner]
    """A learner where the run's last checkpoint left it."""
    lessons_of: Callable[[Start, Learner], Teaches]
    """What the learner is taught, iteration by iteration."""


OURS = Teaching(begun, resumed, lessons_of)
