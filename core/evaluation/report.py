"""An evaluation as one HTML file that needs nothing else: no script, no picture, no network."""

from collections.abc import Mapping, Sequence
from html import escape

from core.evaluation.coco import METRICS
from core.evaluation.report_sections import cell, number, section, sections_of_details
from core.evaluation.tables import RECALLS
from core.matches import Matches
from core.plots.rounds_report import rounds_from_json, rounds_section
from core.types import Json

_TASKS = {"bbox": "Boxes", "segm": "Masks"}
_MEANINGS = {
    "AP": "mean of IoU 0.50 to 0.95",
    "AP50": "at IoU 0.50",
    "AP75": "at IoU 0.75",
    "APs": "objects under 32² pixels",
    "APm": "objects of 32² to 96² pixels",
    "APl": "objects over 96² pixels",
    "AR1": "recall with 1 detection an image",
    "AR10": "recall with 10 detections an image",
    "AR100": "recall with 100 detections an image",
    "ARs": "recall of objects under 32² pixels",
    "ARm": "recall of objects of 32² to 96² pixels",
    "ARl": "recall of objects over 96² pixels",
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
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --line: #d5d8dc; --quiet: #5f6873;
  --first: #0072b2; --second: #d55e00; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #e8eaed; --line: #3c424b;
  --quiet: #9aa4b2; --first: #56b4e9; --second: #e69f00; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  background: var(--paper); color: var(--ink); }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2.5rem; }
p, td:last-child:not(.number) { color: var(--quiet); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } svg { max-width: 100%; height: auto; display: block;
  margin: 1rem 0; }
.matrix { width: auto; margin-bottom: 1rem; } .matrix td { text-align: center; }
.matrix th { font-weight: normal; white-space: nowrap; position: sticky; left: 0;
  background: var(--paper); }
.matrix thead th { position: static; text-align: center; vertical-align: bottom;
  min-width: 2.2rem; }
.matrix td:last-child:not(.number) { color: var(--ink); }
.matrix td.none:not(.number) { color: var(--quiet); }
.upright { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
summary { cursor: pointer; padding: .2rem 0; } details p { margin: 0 0 .6rem 1.2rem; }
.names { overflow-wrap: anywhere; }
"""


def html_report(
    result: Mapping[str, Json],
    *,
    title: str,
    subtitle: str = "",
    matches: Matches | None = None,
) -> str:
    """The whole file as text.

    Args:
        result: what the job "evaluate" gives: bbox, segm and perhaps effort, details and rounds,
            None for n/a.
        title: what was evaluated, plain text.
        subtitle: on which images, plain text.
        matches: where the images behind the cells of the confusion matrix come from.
    """
    metrics = _with_recall(result)
    names = (*METRICS, *(RECALLS if result.get("recall") else ()))
    sections = [section("Average precision, in percent", _ap_table(metrics, names, _MEANINGS))]
    classes = [name for name in result.get("bbox") or {} if name not in METRICS]
    if classes:
        sections.append(section("By class (AP, in percent)", _ap_table(result, classes, {})))
    if result.get("curves"):
        sections += sections_of_details(result, matches)
    if result.get("effort"):
        sections.append(section("What is left for a person to do", _effort(result["effort"])))
    sections.append(rounds_section(rounds_from_json(result.get("rounds") or ())))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><p>{escape(subtitle)}</p>{''.join(sections)}</body></html>\n"
    )


def _with_recall(result: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    recall = result.get("recall") or {}
    return {task: {**(result.get(task) or {}), **recall.get(task, {})} for task in _TASKS}


def _ap_table(result: Mapping[str, Json], names: Sequence[str], meanings: Mapping[str, str]) -> str:
    head = "<th></th>" + "".join(f'<th class="number">{_TASKS[task]}</th>' for task in _TASKS)
    rows = []
    for name in names:
        cells = [cell(name.removeprefix("AP-"))]
        cells += [number((result.get(task) or {}).get(name)) for task in _TASKS]
        if meanings:
            cells.append(cell(meanings[name]))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><tr>{head}{'<th></th>' if meanings else ''}</tr>{''.join(rows)}</table>"


def _effort(effort: Mapping[str, Json]) -> str:
    rows = [
        f"<tr>{cell(name.replace('_', ' '))}{number(value)}{cell(_EFFORT.get(name, ''))}</tr>"
        for name, value in effort.items()
    ]
    return f"<table>{''.join(rows)}</table>"
