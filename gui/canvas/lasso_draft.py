"""A border that is being drawn along the edges of the picture: its points, and the ways between."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from core.pixels import EdgeMap
from core.pixels.window import Points

Xy: TypeAlias = tuple[float, float]


@dataclass(slots=True)
class LassoDraft:
    """The points that a person set, and how the border runs from each to the next.

    A way is None as long as the edges around its start are not known; it shows as a straight line.
    """

    points: list[Xy] = field(default_factory=list)
    ways: list[Points | None] = field(default_factory=list)
    """One less than points, or as many when it is closed."""
    _edges: EdgeMap | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the last way leads back to the first point."""
        return bool(self.points) and len(self.ways) == len(self.points)

    @property
    def wanted(self) -> list[Xy]:
        """The points whose edges have to be known before the border is what it should be."""
        return [point for point, way in zip(self.points, self.ways, strict=False) if way is None]

    def add(self, xy: Xy, *, is_straight: bool = False) -> None:
        """Sets the next point; the way to it follows the edges, or is straight."""
        if self.points:
            self.ways.append(self._way(xy, is_straight=is_straight))
        self.points.append(xy)
        self._edges = None

    def close(self, *, is_straight: bool = False) -> None:
        """Leads the border back to the first point."""
        self.ways.append(self._way(self.points[0], is_straight=is_straight))

    def open(self) -> None:
        """Takes the closing back."""
        if self.is_closed:
            del self.ways[-1]

    def take_back(self) -> None:
        """Takes the last point back."""
        del self.points[-1]
        del self.ways[-1:]
        self._edges = None

    def learn(self, edges: EdgeMap) -> None:
        """Takes in the edges around one of the points."""
        if self.points and edges.start_xy == self.points[-1]:
            self._edges = edges
        for place, way in enumerate(self.ways):
            if way is None and self.points[place] == edges.start_xy:
                self.ways[place] = edges.way_to(self.points[(place + 1) % len(self.points)])

    def straighten(self) -> None:
        """Leaves the ways straight whose edges are not known."""
        for place, way in enumerate(self.ways):
            if way is None:
                end = self.points[(place + 1) % len(self.points)]
                self.ways[place] = _straight(self.points[place], end)

    def way_on(self, xy: Xy, *, is_straight: bool = False) -> Points:
        """From the last point to another, as far as it is known now."""
        way = self._way(xy, is_straight=is_straight)
        return _straight(self.points[-1], xy) if way is None else way

    def line(self) -> Points:
        """All ways that there are, one after the other: (n, 2), the ends of each once."""
        pieces: list[Points] = [np.array(self.points[:1], dtype=np.float64).reshape(-1, 2)]
        for place, way in enumerate(self.ways):
            end = self.points[(place + 1) % len(self.points)]
            pieces.append((_straight(self.points[place], end) if way is None else way)[1:])
        return np.concatenate(pieces)

    def _way(self, xy: Xy, *, is_straight: bool) -> Points | None:
        if is_straight:
            return _straight(self.points[-1], xy)
        return None if self._edges is None else self._edges.way_to(xy)


def _straight(start: Xy, end: Xy) -> Points:
    return np.array([start, end], dtype=np.float64)
