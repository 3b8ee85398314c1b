"""What each round came to, in the report and in the JSON of an evaluation.

Rounds are known better later: what was measured of them since is put in the place of what an
evaluation knew when it was kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from core.plots.rounds import RoundsPanel, rounds_svg
from core.plots.svg import Palette, xml_text
from core.types import Json

OF_PAGE = Palette("", "var(--ink)", "var(--quiet)", "var(--line)", "var(--first)", "var(--second)")
"""The variables of the report's style, so that plots follow light and dark."""

_BEGIN, _END, _LAST = "<!--rounds-->", "<!--/rounds-->", "</body>"
_KEY = b', "rounds": '
_HEAD = (
    "round", "mask AP", "box AP", "edits an instance", "untouched, percent", "mask AP then",
    "edits then",
)  # fmt: skip
_WORDS = (
    "The weights of each round on the same images with the same labels. Then: what a run measured"
    " when it ended, on its val images of then, which may be others."
)


@dataclass(frozen=True, slots=True)
class Round:
    """What is known of one round; AP in percent, None is n/a."""

    name: str
    mask_ap: float | None = None
    box_ap: float | None = None
    """On the images that the evaluation is of."""
    edits: float | None = None
    """An instance, on the same images."""
    untouched: float | None = None
    """Percent of the instances that are good as predicted, on the same images."""
    mask_ap_then: float | None = None
    edits_then: float | None = None
    """When its run ended, on its val images of then."""


def round_of(name: str, now: Mapping[str, Json], then: Mapping[str, Json]) -> Round:
    """A round of what the job "evaluate" says, and of what its run said when it ended.

    Args:
        name: of the round.
        now: "segm", "bbox" and "effort"; empty where it was not measured on these images.
        then: the same; empty where its run says nothing.
    """
    effort = now.get("effort") or {}
    n = effort.get("instances")
    return Round(
        name,
        mask_ap=_number(now, "segm", "AP"),
        box_ap=_number(now, "bbox", "AP"),
        edits=_number(now, "effort", "edits_per_instance"),
        untouched=100 * effort["accepted"] / n if n else None,
        mask_ap_then=_number(then, "segm", "AP"),
        edits_then=_number(then, "effort", "edits_per_instance"),
    )


def _number(numbers: Mapping[str, Json], section: str, name: str) -> float | None:
    value = (numbers.get(section) or {}).get(name)
    return float(value) if isinstance(value, int | float) else None


def rounds_to_json(rounds: Sequence[Round]) -> list[dict[str, Json]]:
    """The rounds, the oldest first, as JSON objects."""
    return [asdict(one) for one in rounds]


def rounds_from_json(value: Sequence[Mapping[str, Json]]) -> tuple[Round, ...]:
    """The rounds that rounds_to_json gave."""
    return tuple(Round(**one) for one in value)


def rounds_section(rounds: Sequence[Round]) -> str:
    """HTML: AP and effort as one curve each over the rounds, and a table; empty without rounds."""
    if not rounds:
        return f"{_BEGIN}{_END}"
    names = [one.name for one in rounds]
    has_masks = any(one.mask_ap is not None for one in rounds)
    ap = [one.mask_ap if has_masks else one.box_ap for one in rounds]
    title = "Mask AP, percent" if has_masks else "Box AP, percent"
    panels = (
        RoundsPanel(title, names, ap),
        RoundsPanel("Edits an instance", names, [one.edits for one in rounds]),
    )
    svg = rounds_svg(panels, title="AP and effort of the rounds", palette=OF_PAGE)
    heads = "".join(f'<th class="number">{name}</th>' for name in _HEAD[1:])
    rows = "".join(map(_row, rounds))
    return (
        f'{_BEGIN}<h2>AP and effort from round to round</h2><p>{_WORDS}</p><div class="wide">{svg}'
        f"<table><tr><th>{_HEAD[0]}</th>{heads}</tr>{rows}</table></div>{_END}"
    )


def _row(one: Round) -> str:
    name, *numbers = asdict(one).values()
    texts = ("n/a" if value is None else f"{value:.1f}" for value in numbers)
    cells = "".join(f'<td class="number">{text}</td>' for text in texts)
    return f"<tr><td>{xml_text(name)}</td>{cells}</tr>"


def report_with(report: bytes, rounds: Sequence[Round]) -> bytes:
    """The HTML of a report with these rounds, in the place of those that it had."""
    text = report.decode("utf-8")
    before, begin, rest = text.partition(_BEGIN)
    if begin:
        _, _, after = rest.partition(_END)
    else:  # it was kept before reports had rounds
        before, last, end = text.rpartition(_LAST)
        after = last + end
    return f"{before}{rounds_section(rounds)}{after}".encode("utf-8", "xmlcharrefreplace")


def json_with(content: bytes, rounds: Sequence[Round]) -> bytes:
    """The JSON of an evaluation with these rounds at its end, in the place of those that it had.

    It is not parsed: with its matches it is so long that a window would wait for it.
    """
    before, key, _ = content.rpartition(_KEY)  # in a text each of its quotes has a backslash
    if not key:
        before = content.rstrip().removesuffix(b"}")
    return before + _KEY + json.dumps(rounds_to_json(rounds)).encode("ascii") + b"}\n"
