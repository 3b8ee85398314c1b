"""Evaluations that are kept with a project."""

import dataclasses
import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import AppError
from core.kept_evaluations import (
    Heading,
    KeptEvaluation,
    drop_replaced,
    evaluations_folder,
    ground_of,
    keep,
    kept_evaluation,
    kept_evaluations,
    new_evaluation_folder,
)
from core.matches import Found, Matches, Truths

HEADING = Heading("mask_rcnn_R_50", "val", "2026-11-03T14:05:00", "abc", "a title", "on images")


def matches(*, area: float = 100.0, name: object = "ü ") -> Matches:
    """One instance, found, and one detection of nothing."""
    one, none = np.array([0]), np.array([0, -1])
    box = np.array([[1.0, 2, 30, 40]])
    return Matches(
        "segm", ("ä/a.png",), ("nut ",),
        Truths(one, one, (name,), np.array([area]), box),
        Found(
            np.array([0, 0]), np.array([0, 0]), np.array([0, 1]), np.array([0.9, 0.1 + 0.2]),
            np.array([90.0, 3]), np.tile(box, (2, 1)), none, none, np.array([0.8, 0]),
        ),
    )  # fmt: skip


def kept_in(hidden: Path, when: str, *, weights: str = "w", split: str = "val") -> KeptEvaluation:
    heading = replace(HEADING, when=when, weights=weights, split=split)
    folder = new_evaluation_folder(hidden, weights, split)
    keep(folder, heading, {"segm": {"AP": 1.5}}, matches(), {"report.html": b"<p>"})
    return kept_evaluation(folder)


@pytest.mark.parametrize("name", ["ü ", 7, None])
def test_what_is_kept_is_read_as_it_was(tmp_path: Path, name: object) -> None:
    given = matches(name=name)
    numbers = {"segm": {"AP": None}, "counts": {"images": 1}}
    keep(tmp_path / "e" / "one", HEADING, numbers, given, {"report.html": b"<p>"})
    found = kept_evaluation(tmp_path / "e" / "one")
    assert (found.heading, found.numbers) == (HEADING, numbers)
    assert (found.folder / "report.html").read_bytes() == b"<p>"
    read = found.read_matches()
    assert (read.task, read.images, read.classes) == (given.task, given.images, given.classes)
    assert read.truths.name == given.truths.name
    for side in ("truths", "found"):
        for one in dataclasses.fields(getattr(given, side)):
            if one.name != "name":
                column, before = (getattr(getattr(m, side), one.name) for m in (read, given))
                np.testing.assert_array_equal(column, before)
                assert column.dtype == before.dtype


def test_half_of_an_evaluation_is_never_there(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="was not written"):
        keep(tmp_path / "one", HEADING, {}, matches(), {"no/such/folder.html": b""})
    assert list(tmp_path.iterdir()) == []


def run_in(hidden: Path, name: str = "2026-11-01_train") -> str:
    """The weights of a run."""
    weights = hidden / "runs" / name / "best.pth"
    weights.parent.mkdir(parents=True)
    weights.touch()
    return str(weights)


def test_a_moved_project_knows_its_evaluations_again(tmp_path: Path) -> None:
    one = kept_in(tmp_path / "old", "2026-11-03T14:05:00", weights=run_in(tmp_path / "old"))
    assert one.heading.weights == str(tmp_path / "old/runs/2026-11-01_train/best.pth")
    assert str(tmp_path) not in (one.folder / "numbers.json").read_text()
    (tmp_path / "old").rename(tmp_path / "new")
    (moved,) = kept_evaluations(tmp_path / "new")
    assert moved.heading.weights == str(tmp_path / "new/runs/2026-11-01_train/best.pth")


def test_the_weights_of_a_run_are_known_over_a_link(tmp_path: Path) -> None:
    weights = run_in(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    one = kept_in(tmp_path / "link", "2026-11-03T14:05:00", weights=weights)
    assert one.heading.weights == str(tmp_path / "link/runs/2026-11-01_train/best.pth")


@pytest.mark.parametrize("before", ["/home/a/photos/.maskloop", "C:\\photos\\.maskloop"])
def test_whole_paths_of_before_are_those_of_the_run_of_that_name(
    tmp_path: Path, before: str
) -> None:
    separator = before[-10]
    told = separator.join((before, "runs", "2026-11-01_train", "best.pth"))
    kept_in(tmp_path, "2026-11-03T14:05:00", weights=told)
    assert kept_evaluations(tmp_path)[0].heading.weights == told  # there is no such run
    weights = run_in(tmp_path)
    assert kept_evaluations(tmp_path)[0].heading.weights == weights


def test_a_copy_has_evaluations_of_its_own_runs(tmp_path: Path) -> None:
    told = run_in(tmp_path / "one")
    kept_in(tmp_path / "one", "2026-11-03T14:05:00", weights=told)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    (copied,) = kept_evaluations(tmp_path / "two")
    assert copied.heading.weights == str(tmp_path / "two/runs/2026-11-01_train/best.pth")
    assert kept_evaluations(tmp_path / "one")[0].heading.weights == told


@pytest.mark.parametrize(
    "weights", ["mask_rcnn_R_50_FPN_3x", "/models/best.pth", "runs/../../best.pth", "best.pth"]
)
def test_other_weights_stay_as_they_were_told(tmp_path: Path, weights: str) -> None:
    one = kept_in(tmp_path / "a", "2026-11-03T14:05:00", weights=weights)
    assert one.heading.weights == weights


def test_the_newest_is_the_first(tmp_path: Path) -> None:
    kept_in(tmp_path, "2026-11-03T14:05:00", weights="a")
    kept_in(tmp_path, "2026-11-04T14:05:00", weights="b")
    kept_in(tmp_path, "2026-11-01T14:05:00", weights="c")
    assert [one.heading.weights for one in kept_evaluations(tmp_path)] == ["b", "a", "c"]


def test_a_folder_without_evaluations_has_none(tmp_path: Path) -> None:
    assert kept_evaluations(tmp_path / "nothing") == ()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"heading": {}}', b"{" * 100_000])
def test_what_cannot_be_read_is_passed_over(tmp_path: Path, content: bytes) -> None:
    one = kept_in(tmp_path, "2026-11-03T14:05:00")
    (one.folder / "numbers.json").write_bytes(content)
    assert kept_evaluations(tmp_path) == ()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half of a zip", b"no zip at all"])
def test_broken_matches_are_said_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    one = kept_in(tmp_path, "2026-11-03T14:05:00")
    (one.folder / "matches.npz").write_bytes(content)
    with pytest.raises(AppError, match=r"matches\.npz cannot be read.*Measure again"):
        one.read_matches()


def test_columns_of_another_length_are_said_in_a_sentence(tmp_path: Path) -> None:
    one = kept_in(tmp_path, "2026-11-03T14:05:00")
    with np.load(one.folder / "matches.npz") as columns:
        others = {**columns, "found.score": np.zeros(5)}
    np.savez(one.folder / "matches.npz", **others)
    with pytest.raises(AppError, match="differ in length"):
        one.read_matches()


def test_only_older_ones_of_the_same_weights_and_images_go(tmp_path: Path) -> None:
    kept_in(tmp_path, "2026-11-01T14:05:00")
    kept_in(tmp_path, "2026-11-01T14:05:00", split="test")
    kept_in(tmp_path, "2026-11-01T14:05:00", weights="other")
    newest = kept_in(tmp_path, "2026-11-03T14:05:00")
    drop_replaced(newest)
    left = {(one.heading.weights, one.heading.split) for one in kept_evaluations(tmp_path)}
    assert left == {("w", "val"), ("w", "test"), ("other", "val")}
    assert len(list(evaluations_folder(tmp_path).iterdir())) == 3


def test_what_a_kill_left_half_done_goes_after_a_day(tmp_path: Path) -> None:
    for name, age_s in ((".1-ab.maskloop-tmp", 90_000), (".2-cd.maskloop-tmp", 60)):
        (evaluations_folder(tmp_path) / name).mkdir(parents=True)
        then = time.time() - age_s
        os.utime(evaluations_folder(tmp_path) / name, (then, then))
    newest = kept_in(tmp_path, "2026-11-03T14:05:00")
    drop_replaced(newest)
    left = {one.name for one in evaluations_folder(tmp_path).iterdir()}
    assert left == {".2-cd.maskloop-tmp", newest.folder.name}
    assert [one.folder for one in kept_evaluations(tmp_path)] == [newest.folder]


def test_the_ground_is_the_same_where_images_and_instances_are() -> None:
    base = matches()
    assert ground_of(base) == ground_of(replace(base, found=matches(area=7).found))
    assert ground_of(base) != ground_of(matches(area=7))
    assert ground_of(base) != ground_of(replace(base, images=("b.png",)))


def test_names_of_weights_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = new_evaluation_folder(tmp_path, "../../a b/best.pth", "val")
    assert folder.parent == evaluations_folder(tmp_path)
    assert folder.name.endswith("a_b_best.pth_val")


def test_numbers_are_plain_json(tmp_path: Path) -> None:
    one = kept_in(tmp_path, "2026-11-03T14:05:00")
    assert json.loads((one.folder / "numbers.json").read_bytes())["numbers"] == {
        "segm": {"AP": 1.5}
    }
