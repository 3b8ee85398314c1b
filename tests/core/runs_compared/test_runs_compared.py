"""Runs held against each other, on values made by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.configs import TrainConfig, to_json
from core.events import Metrics, Noted
from core.run_folder import RunFolder, Snapshot, SnapshotImage
from core.runs_compared import (
    ApRow,
    CountRow,
    RunRecord,
    SettingRow,
    ap_rows,
    differing_counts,
    differing_settings,
    images_compared,
    read_record,
    runs_compared,
    smoothed,
    val_compared,
)
from core.runs_compared.records import curves_of, images_of
from core.types import ImageLabels, ImageState, Instance, InstanceState, LabelClass, Part, Split

RED, GREEN = LabelClass(1, "red", "#ff0000"), LabelClass(2, "green", "#00ff00")
SQUARE = Part([(5, 5), (25, 5), (25, 25), (5, 25)])
WIDE = Part([(5, 5), (45, 5), (45, 25), (5, 25)])


def _instance(class_id: int = 1, part: Part = SQUARE, **more: object) -> Instance:
    return replace(Instance("a", class_id, (part,)), **more)  # type: ignore[arg-type]


def _image(key: str, split: Split, *instances: Instance) -> SnapshotImage:
    labels = ImageLabels((60, 80), instances, ImageState.DONE)
    return SnapshotImage(key, f"/photos/{key}", split, labels)


def _run(*images: SnapshotImage, **more: object) -> RunRecord:
    return RunRecord(Path("run"), images=images_of(Snapshot((RED, GREEN), images)), **more)  # type: ignore[arg-type]


def test_settings_that_are_equal_are_left_out() -> None:
    first = RunRecord(Path("a"), settings={"iterations": 100, "seed": 0, "out": "a", "flip": True})
    second = RunRecord(Path("b"), settings={"iterations": 200, "seed": 0, "out": "b"})
    assert differing_settings([first, second]) == (
        SettingRow("iterations", (100, 200)),
        SettingRow("flip", (True, None)),
    )


def test_one_run_differs_from_nothing() -> None:
    one = _run(_image("a.png", Split.TRAIN, _instance()), settings={"seed": 0})
    assert differing_settings([one]) == ()
    assert differing_counts([one]) == ()


def test_counts_that_differ_are_told_by_split_and_class() -> None:
    first = _run(
        _image("a.png", Split.TRAIN, _instance(1), _instance(2)),
        _image("b.png", Split.VAL, _instance(1)),
    )
    second = _run(
        _image("a.png", Split.TRAIN, _instance(1), _instance(2)),
        _image("c.png", Split.TRAIN, _instance(2)),
        _image("b.png", Split.VAL, _instance(1)),
    )
    assert differing_counts([first, second]) == (
        CountRow(Split.TRAIN, "", (1, 2)),
        CountRow(Split.TRAIN, "green", (1, 2)),
    )


def test_predictions_that_nobody_looked_at_and_crowds_count_for_nothing() -> None:
    unseen = _instance(1, state=InstanceState.PREDICTED)
    crowd = _instance(1, crowd=True)
    first = _run(_image("a.png", Split.TRAIN, _instance(2)))
    second = _run(_image("a.png", Split.TRAIN, _instance(2), unseen, crowd))
    assert differing_counts([first, second]) == ()


def test_a_run_that_does_not_say_what_it_learnt_from_has_no_numbers() -> None:
    first = _run(_image("a.png", Split.TRAIN))
    rows = differing_counts([first, RunRecord(Path("b"))])
    assert rows == (CountRow(Split.TRAIN, "", (1, None)), *rows[1:])
    assert val_compared([first, RunRecord(Path("b"))]).n_images == (0, None)
    assert not val_compared([first, RunRecord(Path("b"))]).is_same


def test_images_of_one_run_only_are_named() -> None:
    first = _run(_image("a.png", Split.TRAIN), _image("b.png", Split.TRAIN))
    second = _run(_image("b.png", Split.TRAIN), _image("c.png", Split.VAL))
    third = _run(_image("b.png", Split.VAL), _image("c.png", Split.VAL))
    found = images_compared([first, second, third])
    assert (found.n_shared, found.n_images) == (1, (2, 2, 2))
    assert not found.is_same
    assert found.only == (("a.png",), (), ())
    assert found.moved == ("b.png",)
    assert found.relabelled == ()


def test_an_image_that_was_labelled_anew_is_named() -> None:
    first = _run(_image("a.png", Split.TRAIN, _instance(1)))
    accepted = _instance(1, id="b", state=InstanceState.ACCEPTED, score=0.9)
    assert images_compared([first, _run(_image("a.png", Split.TRAIN, accepted))]).relabelled == ()
    for other in (_instance(2), _instance(1, WIDE)):
        found = images_compared([first, _run(_image("a.png", Split.TRAIN, other))])
        assert found.relabelled == ("a.png",)


def test_runs_of_the_same_val_images_can_be_compared() -> None:
    val = _image("v.png", Split.VAL, _instance())
    found = val_compared([_run(val), _run(_image("a.png", Split.TRAIN), val)])
    assert found.is_same
    assert found.shared == ("v.png",)


@pytest.mark.parametrize(
    "others",
    [
        (_image("v.png", Split.VAL, _instance()), _image("w.png", Split.VAL)),
        (_image("v.png", Split.VAL, _instance(1, WIDE)),),
    ],
)
def test_more_val_images_or_other_labels_make_numbers_of_different_things(
    others: tuple[SnapshotImage, ...],
) -> None:
    found = val_compared([_run(_image("v.png", Split.VAL, _instance())), _run(*others)])
    assert found.shared == ("v.png",)
    assert not found.is_same


def test_runs_without_a_common_val_image_share_none() -> None:
    found = val_compared([_run(_image("v.png", Split.VAL)), _run(_image("w.png", Split.VAL))])
    assert (found.shared, found.n_images) == ((), (1, 1))


def test_ap_stands_beside_each_other_with_classes_last_and_nothing_for_nothing() -> None:
    first = RunRecord(
        Path("a"), evaluation={"after": {"segm": {"AP": 40.5, "AP-red": 30, "AP50": 60.0}}}
    )
    second = RunRecord(Path("b"), evaluation={"after": {"segm": {"AP": None, "AP-green": 20.0}}})
    assert ap_rows([first, second, RunRecord(Path("c"))], task="segm") == (
        ApRow("AP", (40.5, None, None)),
        ApRow("AP50", (60.0, None, None)),
        ApRow("AP-red", (30.0, None, None)),
        ApRow("AP-green", (None, 20.0, None)),
    )
    assert ap_rows([first], task="bbox") == ()


def test_a_curve_has_each_iteration_once_and_the_last_word_counts() -> None:
    said = [Metrics(n, {"total_loss": float(n)}) for n in (1, 2, 3)]
    curves = curves_of([*said, Metrics(2, {"total_loss": 9.0}), Metrics(2, {"segm/AP": 50.0})])
    assert curves == {"total_loss": ((1, 2), (1.0, 9.0)), "segm/AP": ((2,), (50.0,))}


def test_a_smoothed_curve_is_of_means_around_each_point() -> None:
    curve = ((1, 2, 3, 4, 5), (0.0, 3.0, 6.0, 0.0, 3.0))
    assert smoothed(curve, 3) == ((1, 2, 3, 4, 5), (1.5, 3.0, 3.0, 3.0, 1.5))
    assert smoothed(curve, 1) == curve
    assert smoothed(((), ()), 5) == ((), ())
    assert smoothed(((1, 2, 3), (2.0, float("nan"), 4.0)), 3) == ((1, 3), (3.0, 3.0))


def test_nothing_compared_with_nothing_differs_in_nothing() -> None:
    nothing = runs_compared([])
    assert (nothing.settings, nothing.counts, nothing.ap["segm"]) == ((), (), ())
    assert nothing.images.is_same


def test_a_record_has_every_choice_that_was_made(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run")
    run.write_config("train", to_json(TrainConfig("photos")))
    assert read_record(run).settings["iterations"] == 0
    run.write_settings(to_json(TrainConfig("photos", iterations=500)))
    snapshot = Snapshot((RED,), (_image("a.png", Split.VAL, _instance()),))
    run.write_snapshot(snapshot)
    run.write_evaluation({"before": None, "after": None})
    with run.being_written() as record:
        record(Noted("Learning."))
        record(Metrics(1, {"total_loss": 2.0}))
    found = read_record(run)
    assert found.settings["iterations"] == 500
    assert found.images == images_of(snapshot)
    assert found.curves == {"total_loss": ((1,), (2.0,))}
    assert ap_rows([found], task="segm") == ()


def test_half_a_run_folder_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run")
    for name in ("settings.json", "config.json", "snapshot.json", "evaluation.json"):
        (run.path / name).write_text('["half')
    assert read_record(run) == RunRecord(run.path)
