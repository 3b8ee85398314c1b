"""Rings with fewer vertices that cover the same area, and what that costs, for many in one go.

Douglas and Peucker choose the vertices that stay. Then every edge is moved so that it loses as much
area as it gains: plain Douglas-Peucker cuts the bulges off, and at an IoU of .98 a round object
would be 2 % smaller. What lies between the ring and its moved edges is what the two do not share,
so their IoU is known without a picture of either. On 60 lobed objects as in tests/bench/polygons.py
it was right to .001 (one standard deviation, against pixels) at 150 and at 300 px across, to .002
at 50 and to .007 at 20, where the pixels decide.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from core.types import Ring

Rings: TypeAlias = list[list[Ring]]
"""Per part the outer ring and the holes."""
Indices: TypeAlias = npt.NDArray[np.intp]
Floats: TypeAlias = npt.NDArray[np.float64]
Complexes: TypeAlias = npt.NDArray[np.complex128]
"""x + iy: a conjugate times a number is their dot and their cross product at once."""

TOLERANCES: Floats = 0.15 * 0.81 ** np.arange(25, dtype=np.float64)
"""Of Douglas-Peucker, from coarse to fine, in square roots of an instance's area."""

# of them in the first round, where almost all are found, and in each of those after it
_N_TRIED_FIRST = 8
_N_TRIED = 4
# of the angle between two edges that have a crossing worth the name
_MIN_SINE = 0.2
_NEXT_TO_NOTHING = 1e-12


class Outlines:
    """Valid polygons of N instances, to be simplified.

    Args:
        instances: each of one part or more.
    """

    def __init__(self, instances: Sequence[Rings]) -> None:
        self._n_rings = [[len(rings) for rings in parts] for parts in instances]
        self._rings = [ring for parts in instances for rings in parts for ring in rings]
        self._owners = np.repeat(np.arange(len(instances)), [sum(n) for n in self._n_rings])
        self._sizes = np.array([len(ring) for ring in self._rings])
        # every ring twice: from any of its points on it goes round in one piece
        self._twice = _complex(itertools.chain(*((ring, ring) for ring in self._rings)))
        self._firsts = 2 * (np.cumsum(self._sizes) - self._sizes)
        self._searched: dict[int, _Searched] = {}
        areas = np.abs(ring_areas(self._rings))
        is_outer = [i == 0 for n in self._n_rings for size in n for i in range(size)]
        signed = np.where(is_outer, areas, -areas)
        self._areas = np.bincount(self._owners, signed, len(instances))
        self._scales = np.sqrt(np.bincount(self._owners, np.maximum(signed, 0), len(instances)))

    def coarsest_steps(self, ious: Floats) -> Indices:
        """For each instance the first of TOLERANCES that keeps this IoU; the last where none does.

        A finer one is taken for nearer, which is all but always so.

        Args:
            ious: (N,).
        """
        everything = np.arange(len(self._n_rings))
        low, high = np.zeros_like(everything), np.full_like(everything, len(TOLERANCES))
        tried = _first_tried(ious)
        while True:
            is_near = self._ious(tried) >= ious[:, None]
            n_tried = tried.shape[1]
            first = np.where(is_near.any(axis=1), is_near.argmax(axis=1), n_tried)
            ends = np.concatenate([low[:, None] - 1, tried, high[:, None]], axis=1)
            low, high = ends[everything, first] + 1, ends[everything, first + 1]
            if (low >= high).all():
                steps: Indices = np.minimum(high, len(TOLERANCES) - 1)
                return steps
            between = (high - low)[:, None] * np.arange(1, _N_TRIED + 1) // (_N_TRIED + 1)
            tried = np.minimum(low[:, None] + between, len(TOLERANCES) - 1)

    def at_steps(self, which: Indices, steps: Indices) -> list[Rings]:
        """Some of the instances, each at one of TOLERANCES; they may cross themselves."""
        return self.at(which, TOLERANCES[steps] * self._scales[which])

    def at(self, which: Indices, tolerances: Floats) -> list[Rings]:
        """Some of the instances simplified; they may cross themselves.

        Args:
            which: (k,) indices of instances, ascending.
            tolerances: (k,) of Douglas-Peucker, in units of the rings.
        """
        of_instance = np.full(len(self._n_rings), -1.0)
        of_instance[which] = tolerances
        of_ring = of_instance[self._owners]
        rings = np.flatnonzero(of_ring >= 0)
        edges = self._edges(rings, of_ring[rings])
        points = edges.moved().view(np.float64).reshape(-1, 2)
        ends = [*edges.firsts.tolist(), len(points)]
        made = (points[a:b] for a, b in itertools.pairwise(ends))
        return [[list(itertools.islice(made, n)) for n in self._n_rings[i]] for i in which.tolist()]

    def _ious(self, steps: Indices) -> Floats:
        """Of each instance to itself at each of its steps: (N, n) for (N, n)."""
        n = steps.shape[1]
        tolerances = TOLERANCES[steps] * self._scales[:, None]
        edges = self._edges(
            np.repeat(np.arange(len(self._rings)), n), tolerances[self._owners].ravel()
        )
        places = (self._owners[:, None] * n + np.arange(n)).ravel()
        halves = np.bincount(places, edges.losses, steps.size).reshape(steps.shape) / 2
        areas = self._areas[:, None]
        ious: Floats = (areas - halves) / np.maximum(areas + halves, _NEXT_TO_NOTHING)
        return ious

    def _edges(self, which: Indices, tolerances: Floats) -> "_Edges":
        """The moved edges of rings, each at one tolerance; a ring may come more than once."""
        sizes = self._sizes[which]
        begins = sizes.cumsum() - sizes
        is_kept = np.zeros(int(sizes.sum()), np.bool_)
        self._mark_kept(is_kept, which.tolist(), begins, tolerances.tolist())
        kept = is_kept.nonzero()[0]
        n_kept = np.add.reduceat(is_kept, begins, dtype=np.intp)
        firsts = n_kept.cumsum() - n_kept
        lasts = firsts + n_kept - 1
        following = np.arange(1, len(kept) + 1)
        following[lasts] = firsts
        lengths = kept[following] - kept
        lengths[lasts] += sizes
        # each ring from its first kept point on, so that the stretches lie one behind the other
        shifts = self._firsts[which] + kept[firsts] - 2 * begins
        places = np.arange(len(is_kept)) + shifts.repeat(sizes)
        return _edges_of(
            self._twice[places],
            self._twice[places + 1],
            lengths=lengths,
            following=following,
            firsts=firsts,
            begins=begins,
        )

    def _mark_kept(
        self,
        is_kept: npt.NDArray[np.bool_],
        which: list[int],
        begins: Indices,
        tolerances: list[float],
    ) -> None:
        """Marks what Douglas and Peucker keep of rings that lie one behind the other."""
        for ring, begin, tolerance in zip(which, begins.tolist(), tolerances, strict=True):
            if ring not in self._searched:
                self._searched[ring] = _Searched.of(self._rings[ring])
            kept = self._searched[ring].kept(tolerance)
            if len(kept) < 3:
                kept = np.arange(3) * len(self._rings[ring]) // 3
            kept += begin
            is_kept[kept] = True


def _first_tried(ious: Floats) -> Indices:
    """Steps where an IoU is likely to be kept: (N, 8) for (N,).

    Measured: on lobed objects half are simplified by .98 at the step 8, or by twice as much three
    steps before it; outlines of fruit on photos are so two steps earlier.
    """
    usual = 8 + 3 * np.log2(0.02 / np.clip(1 - ious, 1e-6, 1))
    first = np.clip(usual.round().astype(np.intp) - 5, 0, len(TOLERANCES) - _N_TRIED_FIRST)
    return first[:, None] + np.arange(_N_TRIED_FIRST)


def ring_areas(rings: Sequence[Ring]) -> Floats:
    """The signed area of each ring that does not cross itself: (R,)."""
    if not rings:
        return np.zeros(0)
    points = _complex(rings)
    ends = np.cumsum([len(ring) for ring in rings])
    firsts = np.concatenate([[0], ends[:-1]])
    following = np.concatenate([points[1:], points[:1]])
    following[ends - 1] = points[firsts]
    return np.add.reduceat((points.conj() * following).imag, firsts) / 2


def douglas_peucker(ring: Ring, tolerance: float) -> Indices:
    """The indices of the vertices that stay, ascending; fewer than three where all is near."""
    return np.unique(_Searched.of(ring).kept(tolerance))


@dataclass(frozen=True, slots=True)
class _Searched:
    """A ring as OpenCV wants it, and its points by their bits: OpenCV gives points, not indices."""

    points: npt.NDArray[np.float32]
    keys: npt.NDArray[np.int64]
    """Ascending."""
    order: Indices
    """Of the points that have these keys."""

    @classmethod
    def of(cls, ring: Ring) -> "_Searched":
        points = np.ascontiguousarray(ring, dtype=np.float32)
        keys = points.view(np.int64).ravel()
        order = keys.argsort()
        return cls(points, keys[order], order)

    def kept(self, tolerance: float) -> Indices:
        """The indices of the points that stay, in no order."""
        found: npt.NDArray[Any] = cv2.approxPolyDP(self.points, tolerance, True)
        return self.order[self.keys.searchsorted(found.view(np.int64).ravel())]


@dataclass(frozen=True, slots=True)
class _Edges:
    """Edges of simplified rings, ring after ring: E edges of B rings."""

    starts: Complexes
    """(E,) on the ring."""
    directions: Complexes
    """(E,) of length one."""
    offsets: Floats
    """(E,) how far to the left each is moved."""
    firsts: Indices
    """(B,) the index of each ring's first edge."""
    losses: Floats
    """(B,) the area between each ring and its moved edges."""

    def moved(self) -> Complexes:
        """The vertices: where each moved edge meets the one before it, (E,)."""
        before = np.arange(-1, len(self.starts) - 1)
        before[self.firsts] = np.append(self.firsts[1:], len(self.starts)) - 1
        others, others_offsets = self.directions[before], self.offsets[before]
        sines = (others.conj() * self.directions).imag
        # where two edges are nearly in line, their crossing is far away or nowhere
        is_sharp = np.abs(sines) > _MIN_SINE
        crossing = others_offsets * self.directions - self.offsets * others
        mean = 0.5j * (others_offsets * others + self.offsets * self.directions)
        return self.starts + np.where(is_sharp, crossing / np.where(is_sharp, sines, 1), mean)


def _edges_of(
    points: Complexes,
    following_points: Complexes,
    *,
    lengths: Indices,
    following: Indices,
    firsts: Indices,
    begins: Indices,
) -> _Edges:
    """The edges that stand for stretches of rings, each moved to the middle of its stretch.

    Args:
        points: (P,) stretch after stretch, each without its last point.
        following_points: (P,) the next on the ring of each.
        lengths: (E,) of the stretches, in points.
        following: (E,) the index of the next edge of the same ring.
        firsts: (B,) the index of each ring's first edge.
        begins: (B,) the index of each ring's first point.
    """
    places = lengths.cumsum() - lengths
    starts = points[places]
    along = starts[following] - starts
    spans = np.maximum(np.abs(along), 1e-9)
    directions = along / spans
    turned, from_ = directions.conj().repeat(lengths), starts.repeat(lengths)
    # across: how far to the left of its edge; along: how far from the edge's start
    here, there = (points - from_) * turned, (following_points - from_) * turned
    steps = there.real - here.real
    offsets = np.add.reduceat((here.imag + there.imag) * steps, places) / (2 * spans)
    middles = offsets.repeat(lengths)
    a, b = here.imag - middles, there.imag - middles
    both = np.abs(a) + np.abs(b)
    # a trapezoid, or two triangles where the ring crosses the moved edge
    heights = both + 2 * np.minimum(a * b, 0) / np.maximum(both, _NEXT_TO_NOTHING)
    losses = np.add.reduceat(np.abs(steps) * heights, begins) / 2
    return _Edges(starts, directions, offsets, firsts, losses)


def _complex(rings: Iterable[Ring]) -> Complexes:
    return np.concatenate(list(rings)).view(np.complex128).ravel()
