"""What a person does in an image while it is open, from the edits that are made.

Time counts while something happens: after IDLE_S without a move of the mouse, an edit or another
image nobody is taken to be there, and such a gap does not count at all.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.geometry import iou
from core.types import ImageLabels, Instance, InstanceState

IDLE_S = 60.0


@dataclass(frozen=True, slots=True)
class Visit:
    """What a person did in one image, from opening it to leaving it."""

    at_s: int
    """When it ended, in seconds since 1970."""
    image: str
    """The image's key."""
    seconds: float
    """Without idle time."""
    weights: str
    """Whose predictions there were; empty: none."""
    actions: int
    """Steps of undo, forth and back."""
    accepted: int
    """Predictions taken as they were; less those that were taken so before and are changed now."""
    edited: int
    """Predictions that were corrected."""
    drawn: int
    """Instances that no model had predicted."""
    rejected: int
    """Predictions turned down."""
    vertices: int
    """Of the corrected ones, those that the prediction did not have."""
    ious: tuple[float, ...] = ()
    """Of each corrected prediction to what became of it."""


class VisitTracker:
    """Follows the edits of one image while it is open."""

    def __init__(self, image: str, labels: ImageLabels, *, now_s: float) -> None:
        """Begins a visit.

        Args:
            image: its key.
            labels: as they are found.
            now_s: of a clock that only goes forward.
        """
        self._image = image
        self._now = labels
        self._began: dict[str, Instance] = {one.id: one for one in labels.instances}
        """As the person found them, what others changed meanwhile included."""
        self._rejected = {one.id for one in labels.rejected}
        self._predictions: dict[str, Instance] = {}
        self._actions = 0
        self._seconds = 0.0
        self._last_s = now_s
        self._learn(labels)

    def touch(self, now_s: float) -> None:
        """Says that the person is there."""
        gap = now_s - self._last_s
        if 0 < gap <= IDLE_S:
            self._seconds += gap
        self._last_s = now_s

    def rest(self, now_s: float) -> None:
        """Says that the person was elsewhere up to now."""
        self._last_s = now_s

    def step(self, before: ImageLabels, after: ImageLabels, *, now_s: float) -> None:
        """Takes an edit of whoever made it; only a person's counts as an action."""
        self._catch_up(before)
        self._now = after
        self._learn(after)
        if is_of_person(before, after):
            self.touch(now_s)
            self._actions += 1
        else:
            self._rebase(before, after)

    def visit(self, labels: ImageLabels, *, at_s: float) -> Visit | None:
        """What was done up to now; None where nothing was. The IoUs take a moment.

        Args:
            labels: as they are now.
            at_s: seconds since 1970.
        """
        self._catch_up(labels)
        if not self._actions:
            return None
        counts: Counter[str] = Counter()
        changed: list[tuple[Instance, Instance]] = []
        for one in labels.instances:
            counts.update(self._became(one))
            prediction = self._prediction_of(one)
            if prediction is not None and _is_corrected(prediction, one):
                changed.append((prediction, one))
        rejected = {one.id for one in labels.rejected} - self._rejected
        return Visit(
            round(at_s),
            self._image,
            round(self._seconds, 1),
            self._weights(),
            self._actions,
            counts["accepted"],
            counts["edited"],
            counts["drawn"],
            len(rejected & self._predictions.keys()),
            sum(_n_moved(old, new) for old, new in changed),
            tuple(round(iou(old.parts, new.parts), 4) for old, new in changed),
        )

    def _became(self, one: Instance) -> Mapping[str, int]:
        """What the visit made of an instance that is there now."""
        before = self._began.get(one.id)
        was, is_now = _kind_of(before), _kind_of(one)
        if is_now == "drawn" and one.id in self._predictions:
            is_now = "edited"
        if before is not None and before.is_of_person and one.is_of_person:
            # an accepted one that is corrected after all is not accepted untouched
            return {was: -1, is_now: 1} if (was, is_now) == ("accepted", "edited") else {}
        if before is not None and before.is_of_person:
            return {was: -1}  # taken back
        return {is_now: 1} if one.is_of_person else {}

    def _prediction_of(self, one: Instance) -> Instance | None:
        """What a model made of it before this visit changed it."""
        before = self._began.get(one.id)
        if before is not None and before.is_of_person:
            return before if before.state is InstanceState.ACCEPTED else None
        return self._predictions.get(one.id)

    def _weights(self) -> str:
        there = (*self._predictions.values(), *self._began.values())
        sources = Counter(one.source for one in there if one.score is not None and one.source)
        return sources.most_common(1)[0][0] if sources else ""

    def _learn(self, labels: ImageLabels) -> None:
        for one in labels.instances:
            if not one.is_of_person:
                self._predictions.setdefault(one.id, one)

    def _catch_up(self, labels: ImageLabels) -> None:
        """Takes over what no edit of this window did: another program wrote the file."""
        if labels is not self._now and labels != self._now:
            self._rebase(self._now, labels)
        self._now = labels
        self._learn(labels)

    def _rebase(self, before: ImageLabels, after: ImageLabels) -> None:
        old = {one.id: one for one in before.instances}
        new = {one.id: one for one in after.instances}
        for name in old.keys() | new.keys():
            if old.get(name) == new.get(name):
                continue
            if name in new:
                self._began[name] = new[name]
            else:
                self._began.pop(name, None)
        self._rejected |= {one.id for one in after.rejected} - {one.id for one in before.rejected}


def is_of_person(before: ImageLabels, after: ImageLabels) -> bool:
    """Whether a person made this edit: a model, or its threshold, changes predictions alone."""
    if before.state is not after.state or before.rejected != after.rejected:
        return True
    old = {one.id: one for one in before.instances}
    new = {one.id: one for one in after.instances}
    other = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if not other:
        return True  # another order, or what is kept beside the instances
    return any(
        one is not None and one.is_of_person
        for name in other
        for one in (old.get(name), new.get(name))
    )


def _kind_of(one: Instance | None) -> str:
    if one is None:
        return ""
    return {
        InstanceState.ACCEPTED: "accepted",
        InstanceState.EDITED: "edited",
        InstanceState.DRAWN: "drawn",
    }.get(one.state, "")


def _is_corrected(prediction: Instance, one: Instance) -> bool:
    return one.is_of_person and one.state is not InstanceState.ACCEPTED and prediction != one


def _n_moved(old: Instance, new: Instance) -> int:
    there = {tuple(xy) for part in old.parts for ring in part.rings for xy in ring.tolist()}
    now = (tuple(xy) for part in new.parts for ring in part.rings for xy in ring.tolist())
    return sum(xy not in there for xy in now)
