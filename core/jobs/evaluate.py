"""Evaluate: COCO's AP of weights on a project's images, or of a detections file."""

import json
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from core import kept_evaluations
from core.atomic import require_replaceable, write_atomically
from core.configs import EvaluateConfig
from core.effort.left import Left, left_to_json
from core.engines import EngineShelf
from core.evaluation import sheets
from core.evaluation.coco import ap_of, counted
from core.evaluation.comparison import Comparison
from core.evaluation.details import Details, details_of
from core.evaluation.effort import counted_effort
from core.evaluation.files import file_comparison
from core.evaluation.projects import project_comparison
from core.evaluation.report import html_report
from core.evaluation.rounds import project_rounds
from core.evaluation.sides import Sides, sides_of
from core.evaluation.tables import recalls_of
from core.events import Event, Finished, Noted, Progress
from core.jobs import JobSpec
from core.matches import Matches, to_json
from core.plots.evaluation import ap_svg, f1_svg, precision_svg, sizes_svg
from core.plots.rounds_report import rounds_to_json
from core.types import Json
from core.wording import counted as counted_as


def run(config: EvaluateConfig, engines: EngineShelf) -> Generator[Event, None, None]:
    """The result is {"bbox": {...}, "segm": {...}} in percent, and what the config wishes beside.

    "effort" and "counts"; "recall" with COCO's AR; with details "by_class", "splits", "curves",
    "f1" and "confusion" too (see core.evaluation.details and .curves), and "rounds" where the
    project has some (see core.plots.rounds_report); "matches" (see core.matches); "sheets" with the
    pictures' paths.
    """
    if config.report:
        _require_report(Path(config.report))
    if config.sheets:
        sheets.require_folder_for_sheets(Path(config.sheets))
    if config.engine is not None:
        compared = yield from project_comparison(config, config.engine, engines)
    else:
        compared = yield from file_comparison(config)
    sides = sides_of(compared.truth, compared.detections)
    numbers = counted(sides)
    left: tuple[Left, ...] = ()
    result: dict[str, Json] = {task: ap_of(one) for task, one in numbers.items()}
    if config.with_effort:
        yield Noted("Counting the edits that are left for a person, at scores of 0.5 and more.")
        result["effort"], left = counted_effort(compared.truth, compared.detections)
    if config.with_counts:
        result["counts"] = _counts(compared.truth)
    if config.with_recall:
        result["recall"] = recalls_of(numbers)
    if _wants_details(config):
        details = details_of(sides, numbers, threshold=config.threshold)
        whole = {**result, **details.values, "splits": compared.splits}
        heading = _heading(config, compared, details.matches)
        if rounds := _rounds(config, heading, whole):
            whole["rounds"] = rounds
        if config.keep:
            _keep(config, compared, heading, whole, details.matches, left)
        wished = {**result, **(whole if config.with_details else {})}
        result = yield from _given_away(config, compared, sides, details, whole, wished)
    yield Finished(result)


JOBS = (JobSpec("evaluate", EvaluateConfig, run),)


def _wants_details(config: EvaluateConfig) -> bool:
    is_written = config.report or config.sheets or config.keep
    return config.with_details or config.with_matches or bool(is_written)


def _counts(truth: Mapping[str, Any]) -> dict[str, Json]:
    """On how much it was measured; crowds do not count."""
    names = {one["id"]: one["name"] for one in truth["categories"]}
    of_class = Counter(
        names[one["category_id"]]
        for one in truth["annotations"]
        if not one.get("iscrowd") and one["category_id"] in names
    )
    return {
        "images": len(truth["images"]),
        "instances": of_class.total(),
        "by_class": {name: of_class[name] for name in names.values()},
    }


def _rounds(
    config: EvaluateConfig, heading: kept_evaluations.Heading, whole: Mapping[str, Json]
) -> list[dict[str, Json]]:
    """What the project's rounds came to on the same images; empty where it has none."""
    if config.engine is None:
        return []
    labels_folder = Path(config.labels_folder or config.folder)
    return rounds_to_json(project_rounds(labels_folder, heading, whole))


def _given_away(
    config: EvaluateConfig,
    compared: Comparison,
    sides: Sides,
    details: Details,
    whole: Mapping[str, Json],
    wished: dict[str, Json],
) -> Generator[Event, None, dict[str, Json]]:
    """Writes report and sheets where the config says; the result with what it wishes of those."""
    if config.report:
        _write_report(Path(config.report), compared, whole, details.matches)
    if config.with_matches:
        wished = {**wished, "matches": to_json(details.matches)}
    if config.sheets:
        files = yield from _sheets(config, compared, sides, details)
        wished = {**wished, "sheets": files}
    return wished


def _sheets(
    config: EvaluateConfig, compared: Comparison, sides: Sides, details: Details
) -> Generator[Event, None, list[str]]:
    """The files that were written."""
    drawn = sheets.Compared(
        sides, details.matches, compared.files, compared.colours, details.threshold
    )
    missing = sum(name not in compared.files for name in details.matches.images)
    if missing:
        yield Noted(
            f"{counted_as(missing, 'image')} could not be found, so the sheets are without. Say"
            " where the images are with --images DIR."
        )
    total, files = sheets.n_sheets(drawn, config.sheet_images), []
    for sheet in sheets.write_sheets(Path(config.sheets), drawn, n_images=config.sheet_images):
        files.append(str(sheet.file))
        for one in sheet.problems:
            yield Noted(f"{one.where} is not on a sheet: {one.sentence}")
        yield Progress(len(files), total, "sheets")
    return files


def _require_report(file: Path) -> None:
    if file.suffix.lower() == ".json":
        require_replaceable(file, suffix=".json", begins=b"{")
    else:
        require_replaceable(file, suffix=".html", begins=b"<")


def _write_report(
    file: Path, compared: Comparison, whole: Mapping[str, Json], matches: Matches
) -> None:
    as_file = _as_json if file.suffix.lower() == ".json" else _as_html
    write_atomically(file, as_file(compared, whole, matches))


def _as_json(compared: Comparison, whole: Mapping[str, Json], matches: Matches) -> bytes:
    value = {"title": compared.title, "about": compared.about, **whole}
    # at the end, where later ones take their place
    rounds = {"rounds": value.pop("rounds")} if "rounds" in value else {}
    return (json.dumps({**value, "matches": to_json(matches), **rounds}) + "\n").encode("ascii")


def _as_html(compared: Comparison, whole: Mapping[str, Json], matches: Matches) -> bytes:
    text = html_report(whole, title=compared.title, subtitle=compared.about, matches=matches)
    return text.encode("utf-8", "xmlcharrefreplace")


def _heading(
    config: EvaluateConfig, compared: Comparison, matches: Matches
) -> kept_evaluations.Heading:
    return kept_evaluations.Heading(
        weights=config.engine.weights if config.engine else "",
        split=config.split,
        when=datetime.now().isoformat(),
        ground=kept_evaluations.ground_of(matches),
        title=compared.title,
        about=compared.about,
    )


def _keep(
    config: EvaluateConfig,
    compared: Comparison,
    heading: kept_evaluations.Heading,
    whole: Mapping[str, Json],
    matches: Matches,
    left: Sequence[Left],
) -> None:
    plots = {
        kept_evaluations.PRECISION_PLOT: precision_svg(whole["curves"]),
        kept_evaluations.F1_PLOT: f1_svg(whole["f1"]),
        kept_evaluations.CLASSES_PLOT: ap_svg(whole["by_class"]),
        kept_evaluations.SIZES_PLOT: sizes_svg(whole),
    }
    files = {
        kept_evaluations.REPORT: _as_html(compared, whole, matches),
        kept_evaluations.EVERYTHING: _as_json(compared, whole, matches),
        kept_evaluations.EFFORT: json.dumps(left_to_json(left)).encode("ascii"),
        **{name: svg.encode("utf-8", "xmlcharrefreplace") for name, svg in plots.items()},
    }
    # the curves come from the matches, and are too long to be read while a window is used; the
    # rounds come from all that is kept
    apart = ("curves", "f1", "rounds")
    numbers = {name: value for name, value in whole.items() if name not in apart}
    kept_evaluations.keep(Path(config.keep), heading, numbers, matches, files)
