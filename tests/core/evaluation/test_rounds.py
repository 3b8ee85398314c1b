"""The rounds of a project beside an evaluation: those that are of the same images."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.evaluation.rounds import project_rounds
from core.kept_evaluations import Heading, keep, new_evaluation_folder
from core.matches import Found, Matches, Truths
from core.plots.rounds_report import Round
from core.run_folder.about import About, write_about

HEADING = Heading("", "val", "2026-11-03T14:05:00", "abc", "a title", "on images")


def run_of(project: Path, name: str, ap_then: float | None = None) -> str:
    """A finished run; its weights."""
    folder = project / ".maskloop" / "runs" / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "best.pth").touch()
    if ap_then is not None:
        (folder / "evaluation.json").write_text(json.dumps({"after": {"segm": {"AP": ap_then}}}))
    return str(folder / "best.pth")


def kept(project: Path, weights: str, ap: float, **heading: Any) -> None:
    none = np.zeros(0, np.int64)
    matches = Matches(
        "segm", (), (),
        Truths(none, none, (), np.zeros(0), np.zeros((0, 4))),
        Found(
            none, none, none, np.zeros(0), np.zeros(0), np.zeros((0, 4)), none, none, np.zeros(0)
        ),
    )  # fmt: skip
    told = replace(HEADING, weights=weights, **heading)
    folder = new_evaluation_folder(project / ".maskloop", weights, told.split)
    keep(folder, told, {"segm": {"AP": ap}}, matches, {})


def test_rounds_are_those_of_the_same_images_the_oldest_first(tmp_path: Path) -> None:
    first, second = run_of(tmp_path, "2026-11-01_101112_train", 31.0), run_of(tmp_path, "b")
    other = run_of(tmp_path, "c")
    kept(tmp_path, first, 10.0)
    kept(tmp_path, second, 99.0, ground="of other images")
    kept(tmp_path, other, 99.0, split="test")
    write_about(Path(other).parent, About("third"))
    heading = replace(HEADING, weights=second)
    assert project_rounds(tmp_path, heading, {"segm": {"AP": 20.0}}) == (
        Round("2026-11-01 10:11", mask_ap=10.0, mask_ap_then=31.0),
        Round("b", mask_ap=20.0),
        Round("third"),
    )


def test_the_newest_of_the_same_weights_counts(tmp_path: Path) -> None:
    weights = run_of(tmp_path, "a")
    kept(tmp_path, weights, 10.0, when="2026-11-05T14:05:00")
    kept(tmp_path, weights, 5.0, when="2026-11-04T14:05:00")
    assert project_rounds(tmp_path, HEADING, {}) == (Round("a", mask_ap=10.0),)


def test_a_run_without_weights_or_with_broken_numbers_breaks_nothing(tmp_path: Path) -> None:
    Path(run_of(tmp_path, "a")).unlink()
    broken = Path(run_of(tmp_path, "b")).parent
    (broken / "evaluation.json").write_text("{")
    assert project_rounds(tmp_path, HEADING, {}) == (Round("b"),)


def test_a_project_without_runs_has_no_rounds(tmp_path: Path) -> None:
    assert project_rounds(tmp_path, HEADING, {"segm": {"AP": 1.0}}) == ()
