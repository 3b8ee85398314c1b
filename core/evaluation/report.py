"""An evaluation as one HTML file that needs nothing else: no script, no picture, no network."""

from collections.abc import Mapping, Sequence
from html import escape

from core.evaluation.coco import METRICS
from core.types import Json

_TASKS = {"bbox": "Boxes", "segm": "Masks"}
_MEANINGS = {
    "AP": "mean of IoU 0.50 to 0.95",
    "AP50": "at IoU 0.50",
    "AP75": "at IoU 0.75",
    "APs": "objects under 32² pixels",
    "APm": "objects of 32² to 96² pixels",
    "APl": "objects over 96² pixels",
}
_EFFORT = {
    "instances": "objects in the ground truth",
    "accepted": "good as predicted (mask IoU at least 0.90)",
    "fixed": "brought to 0.90 by moving vertices",
    "drawn": "drawn anew, or fixing would take longer",
    "wrong_class": "with another class than the ground truth's",
    "false_positives": "predictions to delete",
    "edits_per_instance": "edits an object, corrections included",
    "edits_drawing_all": "edits to draw everything by hand",
}
_STYLE = """
:root { color-scheme: light dark; --line: #d5d8dc; --quiet: #5f6873; }
@media (prefers-color-scheme: dark) { :root { --line: #3c424b; --quiet: #9aa4b2; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
p, td:last-child:not(.number) { color: var(--quiet); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
"""


def html_report(result: Mapping[str, Json], *, title: str, subtitle: str = "") -> str:
    """The whole file as text.

    Args:
        result: what the job "evaluate" gives: bbox, segm and perhaps effort, None for n/a.
        title: what was evaluated, plain text.
        subtitle: on which images, plain text.
    """
    sections = [_section("Average precision, in percent", _ap_table(result, METRICS, _MEANINGS))]
    names = [name for name in result.get("bbox") or {} if name not in METRICS]
    if names:
        sections.append(_section("By class (AP, in percent)", _ap_table(result, names, {})))
    if result.get("effort"):
        sections.append(_section("What is left for a person to do", _effort(result["effort"])))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><p>{escape(subtitle)}</p>{''.join(sections)}</body></html>\n"
    )


def _section(heading: str, table: str) -> str:
    return f"<h2>{escape(heading)}</h2>{table}"


def _ap_table(result: Mapping[str, Json], names: Sequence[str], meanings: Mapping[str, str]) -> str:
    head = "<th></th>" + "".join(f'<th class="number">{_TASKS[task]}</th>' for task in _TASKS)
    rows = []
    for name in names:
        cells = [_cell(name.removeprefix("AP-"))]
        cells += [_number((result.get(task) or {}).get(name)) for task in _TASKS]
        if meanings:
            cells.append(_cell(meanings[name]))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><tr>{head}{'<th></th>' if meanings else ''}</tr>{''.join(rows)}</table>"


def _effort(effort: Mapping[str, Json]) -> str:
    rows = [
        f"<tr>{_cell(name.replace('_', ' '))}{_number(value)}{_cell(_EFFORT.get(name, ''))}</tr>"
        for name, value in effort.items()
    ]
    return f"<table>{''.join(rows)}</table>"


def _cell(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def _number(value: Json) -> str:
    if value is None:
        text = "n/a"
    elif isinstance(value, int):
        text = str(value)
    else:
        text = f"{value:.1f}"
    return f'<td class="number">{text}</td>'
