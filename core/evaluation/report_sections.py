"""The sections of a report that are looked at: plots, thresholds, confusion, counts."""

from collections.abc import Mapping, Sequence
from html import escape

from core.matches import Matches
from core.matches.behind import behind_cell, by_image
from core.plots import evaluation as plots
from core.plots.charts import shade
from core.plots.rounds_report import OF_PAGE
from core.plots.svg import xml_text
from core.types import Json
from core.wording import counted

_MOST_CELLS = 200
_MOST_NAMES = 50
_TASKS = {"segm": "masks", "bbox": "boxes"}
_SIZES = {"APs": "small", "APm": "medium", "APl": "large"}


def sections_of_details(result: Mapping[str, Json], matches: Matches | None) -> list[str]:
    """What core.evaluation.details says, each with its heading.

    Args:
        result: with "by_class", "curves", "f1", "confusion" and "splits".
        matches: where the images behind the cells come from; None: they are not told.
    """
    by_size = plots.sizes_svg(result, palette=OF_PAGE) + _sizes_table(result["by_class"])
    task = _TASKS[result["curves"]["task"]]
    return [
        section("AP by class", _wide(plots.ap_svg(result["by_class"], palette=OF_PAGE))),
        section("AP by size of the objects, in percent", by_size),
        section(
            f"Precision by recall at IoU 0.50 of {task}",
            _wide(plots.precision_svg(result["curves"], palette=OF_PAGE)),
        ),
        section("F1 by the threshold of confidence", _f1(result["f1"])),
        section("What was taken for what", _confusion(result["confusion"], matches)),
        section("Instances by class and split", _splits(result["splits"])),
    ]


def section(heading: str, content: str) -> str:
    """A heading, plain text, and HTML below it."""
    return f"<h2>{escape(heading)}</h2>{content}"


def cell(text: str) -> str:
    """A cell of a table with plain text."""
    return f"<td>{xml_text(text)}</td>"


def number(value: Json, decimals: int = 1) -> str:
    """A cell of a table with a number; None is n/a."""
    if value is None:
        text = "n/a"
    elif isinstance(value, int):
        text = str(value)
    else:
        text = f"{value:.{decimals}f}"
    return f'<td class="number">{text}</td>'


def _wide(content: str) -> str:
    return f'<div class="wide">{content}</div>'


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    names = [f'<th class="number">{xml_text(one)}</th>' for one in head[1:]]
    heads = f"<th>{xml_text(head[0])}</th>{''.join(names)}"
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return _wide(f"<table><tr>{heads}</tr>{body}</table>")


def _sizes_table(by_class: Mapping[str, Json]) -> str:
    tasks = [task for task in _TASKS if any(one["AP"] is not None for one in by_class[task])]
    head = ["class", *(f"{_TASKS[task]}, {name}" for task in tasks for name in _SIZES.values())]
    rows = [
        cell(one["name"])
        + "".join(number(by_class[task][i][key]) for task in tasks for key in _SIZES)
        for i, one in enumerate(by_class["bbox"])
    ]
    return _table(head, rows)


def _f1(f1: Mapping[str, Json]) -> str:
    rows = []
    for one in (f1["overall"], *f1["classes"]):
        best = one["best"] or dict.fromkeys(("threshold", "f1", "precision", "recall"))
        values = "".join(number(best[key], 2) for key in ("threshold", "f1", "precision", "recall"))
        rows.append(cell(one["name"]) + number(one["instances"]) + values)
    head = ("class", "instances", "best threshold", "F1 there", "precision", "recall")
    words = (
        "<p>At the best threshold as many predictions are right, and as few wrong or missing, as"
        " can be had together: F1 is 2 TP / (2 TP + FP + FN).</p>"
    )
    return words + _table(head, rows) + _wide(plots.f1_svg(f1, palette=OF_PAGE))


def _confusion(confusion: Mapping[str, Json], matches: Matches | None) -> str:
    names = confusion["names"]
    head = "".join(f'<th><span class="upright">{xml_text(name)}</span></th>' for name in names)
    rows = []
    for row, counts in enumerate(confusion["cells"]):
        cells = "".join(_shaded(count, counts, is_right=row == i) for i, count in enumerate(counts))
        rows.append(f"<tr><th>{xml_text(names[row])}</th>{cells}</tr>")
    words = (
        f"<p>A row is a class of the ground truth, a column what it was predicted as, at scores of"
        f" {confusion['threshold']:.2f} and more and an IoU of at least 0.50 of"
        f" {_TASKS[confusion['task']]}. The last column counts instances that nothing found, the"
        " last row predictions on no instance.</p>"
    )
    table = _wide(
        f'<table class="matrix"><thead><tr><th></th>{head}</tr></thead>{"".join(rows)}</table>'
    )
    return words + table + ("" if matches is None else _behind(confusion, matches))


def _shaded(count: int, row: Sequence[int], *, is_right: bool) -> str:
    colour = "var(--first)" if is_right else "var(--second)"
    percent = round(100 * shade(count, row))
    style = f"background: color-mix(in srgb, {colour} {percent}%, transparent)"
    is_none = "" if count else ' class="none"'
    return f'<td{is_none} style="{style}">{count}</td>'


def _behind(confusion: Mapping[str, Json], matches: Matches) -> str:
    """The images of each cell, mistakes first and the most of them at the top."""
    cells = [
        (row != column, count, row, column)
        for row, counts in enumerate(confusion["cells"])
        for column, count in enumerate(counts)
        if count
    ]
    cells.sort(key=lambda one: (not one[0], -one[1], one[2], one[3]))
    told = "".join(
        _behind_one(confusion, matches, row, column) for _, _, row, column in cells[:_MOST_CELLS]
    )
    more = len(cells) - _MOST_CELLS
    return told + (f"<p>And {counted(more, 'cell')} with fewer.</p>" if more > 0 else "")


def _behind_one(confusion: Mapping[str, Json], matches: Matches, row: int, column: int) -> str:
    pairs = behind_cell(matches, row, column, threshold=confusion["threshold"])
    images = by_image(pairs)
    names = [
        key if len(several) == 1 else f"{key} ({len(several)})" for key, several in images.items()
    ]
    more = len(names) - _MOST_NAMES
    listed = ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    words = _words_of_cell(confusion["names"], row, column)
    summary = xml_text(f"{words}: {len(pairs)}, in {counted(len(images), 'image')}")
    return f'<details><summary>{summary}</summary><p class="names">{xml_text(listed)}</p></details>'


def _words_of_cell(names: Sequence[str], row: int, column: int) -> str:
    background = len(names) - 1
    if row == background:
        return f"{names[column]} seen where nothing is"
    if column == background:
        return f"{names[row]} that nothing found"
    if row == column:
        return f"{names[row]} found as such"
    return f"{names[row]} taken for {names[column]}"


def _splits(splits: Mapping[str, Json]) -> str:
    rows = splits["rows"]
    body = [
        cell(name) + "".join(number(row["by_class"][i]) for row in rows)
        for i, name in enumerate(splits["classes"])
    ]
    body.append(cell("all classes") + "".join(number(row["instances"]) for row in rows))
    body.append(cell("images") + "".join(number(row["images"]) for row in rows))
    return _table(["class", *(row["name"] for row in rows)], body)
