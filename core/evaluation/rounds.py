"""The rounds of a project beside an evaluation: what was measured of them on the same images."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import AppError
from core.kept_evaluations import Heading, kept_evaluations
from core.plots.rounds_report import Round, round_of
from core.run_folder import RunFolder, runs_folder, runs_of
from core.run_folder.about import read_about
from core.types import Json

_TIME, _N_OF_TIME = "%Y-%m-%d_%H%M%S", len("2026-01-31_235959")


def project_rounds(
    labels_folder: Path, heading: Heading, numbers: Mapping[str, Json]
) -> tuple[Round, ...]:
    """What each run of a project came to on the ground of an evaluation, the oldest first.

    Args:
        labels_folder: of the project.
        heading: of the evaluation.
        numbers: what it says; they are the round's whose weights it is of.
    """
    hidden = runs_folder(labels_folder).parent
    of_weights: dict[Path, Mapping[str, Json]] = {}
    for kept in reversed(kept_evaluations(hidden)):
        one = kept.heading
        if (one.ground, one.split) == (heading.ground, heading.split):
            of_weights[_file(one.weights)] = kept.numbers
    of_weights[_file(heading.weights)] = numbers
    runs = [run for run in reversed(runs_of(labels_folder)) if run.best_weights.is_file()]
    return tuple(
        round_of(_name(run), of_weights.get(run.best_weights.resolve(), {}), _then(run))
        for run in runs
    )


def _file(weights: str) -> Path:
    path = Path(weights)
    return (RunFolder(path).best_weights if path.is_dir() else path).resolve()


def _name(run: RunFolder) -> str:
    """As a person called it; else when it began."""
    if name := read_about(run.path).name:
        return name
    try:
        return f"{datetime.strptime(run.path.name[:_N_OF_TIME], _TIME):%Y-%m-%d %H:%M}"
    except ValueError:
        return run.path.name


def _then(run: RunFolder) -> Mapping[str, Json]:
    try:
        value: Any = run.read_evaluation()
    except AppError:
        return {}
    after = value.get("after") if isinstance(value, dict) else None
    return after if isinstance(after, dict) else {}
