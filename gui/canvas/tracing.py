"""An outline that is being drawn: what each click and each stroke added to it."""

from dataclasses import dataclass
from typing import TypeAlias

from core.geometry import Line
from gui.canvas.snapping import Snap

_Xy: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Step:
    """The points that one click or one stroke added."""

    before: tuple[_Xy, ...]
    """Those before its last: of a stroke, or of a border that was followed."""
    end: Snap
    is_followed: bool = False
    """Whether the points before its last are a neighbour's."""

    @property
    def points(self) -> tuple[_Xy, ...]:
        """All of them, in their order."""
        return (*self.before, self.end.xy)


@dataclass(frozen=True, slots=True)
class Trace:
    """The steps of an outline so far. Each further step makes a new one."""

    steps: tuple[Step, ...] = ()

    @property
    def points(self) -> list[_Xy]:
        """The points of all steps."""
        return [point for step in self.steps for point in step.points]

    @property
    def first(self) -> Snap | None:
        """Where it begins."""
        return self.steps[0].end if self.steps else None

    @property
    def last(self) -> Snap | None:
        """Where it ends."""
        return self.steps[-1].end if self.steps else None

    @property
    def leaves_the_border(self) -> bool:
        """Whether some step after the first is a person's own, and follows nothing."""
        return any(not step.is_followed for step in self.steps[1:])

    def with_step(self, before: Line | tuple[_Xy, ...], end: Snap, *, is_followed: bool) -> "Trace":
        """With one more step."""
        points = tuple((float(x), float(y)) for x, y in before)
        return Trace((*self.steps, Step(points, end, is_followed)))

    def without_last(self) -> "Trace":
        """Without the last step."""
        return Trace(self.steps[:-1])
