"""Visits added up by round, and whether another round is worth it.

A round is told by the weights whose predictions a person corrected; what was labelled without any
is the one by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.effort.visits import Visit
from core.wording import counted

BY_HAND = "by hand"
_BEST = "/best.pth"
"""What every run calls the weights that it ships: its own name says more."""
_FEW = 20
"""Of fewer instances the mean says little."""
_SAME = 0.1
"""Less of a change, as a part of what it was, is none that one would notice."""


@dataclass(frozen=True, slots=True)
class Round:
    """What the images of one round cost."""

    weights: str
    """Empty: by hand."""
    n_images: int
    seconds: float
    actions: int
    accepted: int
    edited: int
    drawn: int
    rejected: int
    vertices: int
    ious: tuple[float, ...]

    @property
    def name(self) -> str:
        """How it is called."""
        return self.weights.removesuffix(_BEST) or BY_HAND

    @property
    def n_instances(self) -> int:
        """Those that are labelled now because of it."""
        return self.accepted + self.edited + self.drawn

    @property
    def seconds_each(self) -> float | None:
        """An instance; None where there is none."""
        return self._each(self.seconds)

    @property
    def actions_each(self) -> float | None:
        """An instance; None where there is none."""
        return self._each(self.actions)

    @property
    def untouched_percent(self) -> float | None:
        """Of all predictions that were looked at, those that were right as they were; None where
        there were no predictions."""
        judged = self.accepted + self.edited + self.rejected
        return 100 * self.accepted / judged if judged else None

    @property
    def vertices_each(self) -> float | None:
        """Vertices that a corrected prediction did not have; None where none was corrected."""
        return self.vertices / self.edited if self.edited else None

    @property
    def mean_iou(self) -> float | None:
        """Of the corrected predictions to what became of them; None where there was none."""
        return sum(self.ious) / len(self.ious) if self.ious else None

    def _each(self, total: float) -> float | None:
        return total / self.n_instances if self.n_instances else None


def rounds_of(visits: Sequence[Visit]) -> tuple[Round, ...]:
    """The rounds in the order in which they began, the one by hand first."""
    names = sorted(dict.fromkeys(one.weights for one in visits), key=bool)
    return tuple(_round(name, [one for one in visits if one.weights == name]) for name in names)


def conclusion(rounds: Sequence[Round], *, n_images_left: int = 0) -> str:
    """What the rounds say about another one, in a few sentences.

    Args:
        rounds: in their order.
        n_images_left: images that are not done yet.
    """
    if not rounds:
        return (
            "Nothing is recorded yet. Label images as you always do: what it costs you is written"
            " down while you work, and shown here round by round."
        )
    last, each = rounds[-1], rounds[-1].seconds_each
    if each is None or last.n_instances < _FEW:
        return (
            f"{counted(last.n_instances, 'instance')} recorded in the last round"
            f" ({last.name}): too few to say whether another one is worth it. Label at least"
            f" {_FEW}."
        )
    before = [one for one in rounds[:-1] if one.seconds_each and one.n_instances >= _FEW]
    said = _alone(last, each) if not before else _compared(before[-1], last, each)
    return f"{said}{_left(last, n_images_left)}"


def _alone(last: Round, each: float) -> str:
    if last.weights:
        return (
            f"With {last.name} an instance takes {_time(each)}. After another fine-tune and"
            " pre-label its numbers stand beside these."
        )
    return (
        f"By hand an instance takes {_time(each)}. Fine-tune on what is done and pre-label the"
        " rest: then this page shows what the first round saves."
    )


def _compared(before: Round, last: Round, each: float) -> str:
    was = before.seconds_each or each
    change = (was - each) / was
    said = f"An instance took {_time(was)} {_with(before)} and takes {_time(each)} {_with(last)}"
    if change >= _SAME:
        return (
            f"{said}, {_percent(change)} less. Another round is likely worth it: fine-tune on what"
            " is done by now."
        )
    if change > -_SAME:
        return (
            f"{said}: hardly any change. Another round will save little; finish what is left, or"
            " label images of a kind that the model gets wrong before the next one."
        )
    return (
        f"{said}, {_percent(-change)} more. The last round did not help: the images may be harder,"
        " or the labels less sure. Evaluate both weights before you go on."
    )


def _with(one: Round) -> str:
    return f"with {one.name}" if one.weights else BY_HAND


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %"


def _left(last: Round, n_images_left: int) -> str:
    if not n_images_left or not last.n_images:
        return ""
    each = last.seconds / last.n_images
    are = "1 image that is" if n_images_left == 1 else f"{n_images_left} images that are"
    return f" The {are} not done will take about {_time(each * n_images_left)} at this pace."


def _time(seconds: float) -> str:
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _round(name: str, visits: Sequence[Visit]) -> Round:
    def total(field: str) -> int:
        return max(sum(int(getattr(one, field)) for one in visits), 0)

    return Round(
        name,
        len({one.image for one in visits}),
        sum(one.seconds for one in visits),
        total("actions"),
        total("accepted"),
        total("edited"),
        total("drawn"),
        total("rejected"),
        total("vertices"),
        tuple(iou for one in visits for iou in one.ious),
    )
