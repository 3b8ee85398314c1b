"""AP of a project and of files, by the job that the command line and the window run."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core import kept_evaluations
from core.configs import EngineConfig, EvaluateConfig, PredictConfig
from core.effort.left import left_from_json
from core.engines import EngineShelf
from core.errors import AppError
from core.events import Event, Finished, Noted, Prelabelled, Progress
from core.jobs import all_jobs, run_job
from core.matches import from_json
from core.matches.behind import right
from core.matches.confusion import confusion_of
from core.project import Project
from core.types import ImageLabels, ImageState, Instance, InstanceState, Part

GOLDEN = Path(__file__).parents[2] / "golden"
FAKE = EngineConfig("fake", engine="fake")
BLUE, RED = (200, 60, 40), (40, 40, 220)  # in OpenCV's order


def square(x: int, y: int) -> Part:
    return Part([[x, y], [x + 24, y], [x + 24, y + 24], [x, y + 24]])


def draw(file: Path, *places: tuple[int, int], colour: tuple[int, int, int] = RED) -> None:
    # Noise in the background, so that no two pictures are near-duplicates of each other.
    random = np.random.default_rng(sum(map(ord, file.name)))
    image = random.integers(225, 250, (90, 120, 3), np.uint8)
    for x, y in places:
        cv2.rectangle(image, (x, y), (x + 23, y + 23), colour, -1)
    cv2.imwrite(str(file), image)


def make_project(folder: Path, *, images: int = 4, states: tuple[InstanceState, ...] = ()) -> None:
    """Pictures with two red squares each, all labelled and done, and one that nobody labelled."""
    folder.mkdir()
    for number in range(images + 1):
        draw(folder / f"p{number}.png", (10, 10), (70 - number, 50))
    project = Project.open(folder)
    try:
        list(project.scan())
        red = project.add_class("red")
        project.add_class("never")
        for number in range(images):
            parts = (square(10, 10), square(70 - number, 50))
            instances = tuple(
                Instance(f"{number}-{index}", red.id, (part,)) for index, part in enumerate(parts)
            )
            for index, state in enumerate(states):
                changed = replace(instances[index], state=state)
                instances = (*instances[:index], changed, *instances[index + 1 :])
            labels = ImageLabels((90, 120), instances, state=ImageState.DONE)
            project.write(f"p{number}.png", labels, stamp="")
        project.assign_splits()
    finally:
        project.close()


def split_of_most(folder: Path) -> str:
    return max(("train", "val", "test"), key=lambda split: len(keys_of(folder, split)))


def keys_of(folder: Path, split: str) -> list[str]:
    project = Project.open(folder, wants_to_write=False)
    try:
        return [key for key, one in project.splits.items() if one == split]
    finally:
        project.close()


def evaluate(**settings: Any) -> list[Event]:
    return list(run_job("evaluate", EvaluateConfig(**settings), EngineShelf(), jobs=all_jobs()))


def result_of(events: list[Event]) -> Any:
    finished = events[-1]
    assert isinstance(finished, Finished)
    return finished.result


def notes_of(events: list[Event]) -> str:
    return " ".join(event.sentence for event in events if isinstance(event, Noted))


def test_files_give_what_detectron2_reported() -> None:
    files = {
        "ground_truth": str(GOLDEN / "eval_gt.json"),
        "detections": str(GOLDEN / "eval_detections.json"),
    }
    result = result_of(evaluate(**files))
    expected = json.loads((GOLDEN / "eval_expected.json").read_text())
    assert set(result) == {"bbox", "segm"}
    for task, values in expected.items():
        for name, value in values.items():
            assert result[task][name] == (None if value is None else pytest.approx(value, abs=1e-9))


def test_the_result_survives_json() -> None:
    files = {
        "ground_truth": str(GOLDEN / "eval_gt.json"),
        "detections": str(GOLDEN / "eval_detections.json"),
    }
    result = result_of(evaluate(**files, with_effort=True))
    assert json.loads(json.dumps(result)) == result
    counted = result["effort"]
    assert counted["accepted"] + counted["fixed"] + counted["drawn"] == counted["instances"] > 0


def test_a_project_is_evaluated_against_its_done_images(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    result = result_of(
        evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split_of_most(tmp_path / "p"))
    )
    assert result["bbox"]["AP"] == pytest.approx(100)
    assert result["segm"]["AP-red"] == pytest.approx(100)
    assert result["bbox"]["AP-never"] is None
    assert "effort" not in result


def test_effort_is_counted_where_it_is_asked_for(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    split = split_of_most(tmp_path / "p")
    result = result_of(
        evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split, with_effort=True)
    )
    assert result["effort"]["accepted"] == result["effort"]["instances"] > 0
    assert result["effort"]["edits_per_instance"] == 0


def test_predictions_that_nobody_looked_at_count_neither_way(tmp_path: Path) -> None:
    make_project(tmp_path / "p", states=(InstanceState.PREDICTED,))
    split = split_of_most(tmp_path / "p")
    result = result_of(
        evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split, with_effort=True)
    )
    assert result["bbox"]["AP"] == pytest.approx(100)
    assert result["effort"]["instances"] == len(keys_of(tmp_path / "p", split))


def test_a_project_is_left_as_it_was(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    before = {p: p.read_bytes() for p in sorted((tmp_path / "p").rglob("*")) if p.is_file()}
    evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split_of_most(tmp_path / "p"))
    after = {p: p.read_bytes() for p in sorted((tmp_path / "p").rglob("*")) if p.is_file()}
    assert after == before


def test_a_project_without_done_images_is_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    draw(tmp_path / "p" / "a.png", (10, 10))
    with pytest.raises(AppError, match="mark them done"):
        evaluate(folder=str(tmp_path / "p"), engine=FAKE)


def test_an_empty_split_is_told_what_to_do(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    with pytest.raises(AppError, match="is in the split test"):
        evaluate(folder=str(tmp_path / "p"), engine=FAKE, split="test")


def test_weights_of_other_classes_are_refused(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    other = EngineConfig("fake", engine="fake", class_names=("cat", "dog"))
    with pytest.raises(AppError, match="No class of the weights is a class of this project"):
        evaluate(folder=str(tmp_path / "p"), engine=other, split=split_of_most(tmp_path / "p"))


def test_classes_that_the_project_lacks_are_noted(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    split = split_of_most(tmp_path / "p")
    events = evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split)
    assert "The project has no class green, blue" in notes_of(events)


def test_an_image_that_cannot_be_read_is_left_out_with_a_note(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    split = split_of_most(tmp_path / "p")
    broken = keys_of(tmp_path / "p", split)[0]
    (tmp_path / "p" / broken).write_bytes(b"no image")
    events = evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split)
    assert f"{broken} is left out" in notes_of(events)
    assert result_of(events)["bbox"]["AP"] == pytest.approx(100)


def test_a_report_is_written(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    split = split_of_most(tmp_path / "p")
    report = tmp_path / "r.html"
    evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split, report=str(report))
    text = report.read_text(encoding="utf-8")
    assert "fake on p" in text
    assert f"images of the split {split}" in text


def coco_truth(*, names: tuple[str, ...] = ("red",), file: str = "photos/p0.png") -> dict[str, Any]:
    return {
        "images": [{"id": 77, "file_name": file, "width": 120, "height": 90}],
        "categories": [{"id": 5 + i, "name": name} for i, name in enumerate(names)],
        "annotations": [
            {
                "id": 0, "image_id": 77, "category_id": 5, "iscrowd": 0, "area": 576.0,
                "bbox": [10, 10, 24, 24], "segmentation": [square(10, 10).outer.ravel().tolist()],
            }
        ],
    }  # fmt: skip


def predicted(tmp_path: Path, *, file: str = "p0.png") -> Path:
    draw(tmp_path / file, (10, 10))
    out = tmp_path / "d.json"
    list(
        run_job(
            "predict",
            PredictConfig(FAKE, (str(tmp_path / file),), str(out)),
            EngineShelf(),
            jobs=all_jobs(),
        )
    )
    return out


def compare(tmp_path: Path, truth: Any, detections: Path) -> list[Event]:
    (tmp_path / "gt.json").write_text(json.dumps(truth))
    return evaluate(ground_truth=str(tmp_path / "gt.json"), detections=str(detections))


def test_a_predicted_file_is_matched_by_file_name_and_class_name(tmp_path: Path) -> None:
    events = compare(tmp_path, coco_truth(), predicted(tmp_path))
    assert result_of(events)["bbox"]["AP-red"] == pytest.approx(100)


def test_windows_paths_name_the_same_files(tmp_path: Path) -> None:
    events = compare(tmp_path, coco_truth(file="C:\\photos\\p0.png"), predicted(tmp_path))
    assert result_of(events)["segm"]["AP"] == pytest.approx(100)


def test_detections_of_images_and_classes_that_are_not_there_are_noted(tmp_path: Path) -> None:
    detections = json.loads(predicted(tmp_path).read_text())
    detections["images"].append({"id": 2, "file_name": "other.png", "width": 120, "height": 90})
    first = detections["annotations"][0]
    detections["annotations"] += [{**first, "image_id": 2}, {**first, "category_id": 3}]
    (tmp_path / "more.json").write_text(json.dumps(detections))
    events = compare(tmp_path, coco_truth(), tmp_path / "more.json")
    assert "Detections of 1 images" in notes_of(events)
    assert "Detections of 1 classes" in notes_of(events)
    assert result_of(events)["bbox"]["AP"] == pytest.approx(100)


@pytest.mark.parametrize("text", ["{", "[1]", "{}", '[{"image_id": 77}]', '{"images": 3}'])
def test_detections_that_are_none_are_refused_in_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(AppError, match=r"\.$"):
        compare(tmp_path, coco_truth(), tmp_path / "d.json")


@pytest.mark.parametrize("truth", [[], {}, {"images": []}])
def test_ground_truth_that_is_none_is_refused_in_a_sentence(truth: Any, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="COCO data set"):
        compare(tmp_path, truth, predicted(tmp_path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be read"):
        evaluate(ground_truth=str(tmp_path / "no.json"), detections=str(tmp_path / "no.json"))


def test_counts_say_on_how_much_it_was_measured(tmp_path: Path) -> None:
    make_project(tmp_path / "photos")
    split = split_of_most(tmp_path / "photos")
    n = len(keys_of(tmp_path / "photos", split))
    events = evaluate(folder=str(tmp_path / "photos"), engine=FAKE, split=split, with_counts=True)
    assert result_of(events)["counts"] == {
        "images": n,
        "instances": 2 * n,
        "by_class": {"red": 2 * n, "never": 0},
    }


def test_what_the_weights_see_is_told_where_it_is_wished(tmp_path):
    make_project(tmp_path / "photos")
    split = split_of_most(tmp_path / "photos")
    settings = {"folder": str(tmp_path / "photos"), "engine": FAKE, "split": split}
    told = [one for one in evaluate(**settings, with_predictions=True) if is_predicted(one)]
    assert {one.image for one in told} == set(keys_of(tmp_path / "photos", split))
    for one in told:
        assert one.size_hw == (90, 120)
        assert {each.state for each in one.instances} == {InstanceState.PREDICTED}
        assert {each.source for each in one.instances} == {"fake"}
    assert not any(map(is_predicted, evaluate(**settings)))


def is_predicted(event: Event) -> bool:
    return isinstance(event, Prelabelled)


def test_all_of_it_is_kept_for_a_window(tmp_path: Path) -> None:
    make_project(tmp_path / "project")
    split, folder = split_of_most(tmp_path / "project"), tmp_path / "kept" / "one"
    settings = {"folder": str(tmp_path / "project"), "engine": FAKE, "split": split}
    said = result_of(evaluate(**settings, keep=str(folder), with_effort=True, with_counts=True))
    kept = kept_evaluations.kept_evaluation(folder)
    assert (kept.heading.weights, kept.heading.split) == ("fake", split)
    assert kept.heading.ground == kept_evaluations.ground_of(kept.read_matches())
    assert {name: kept.numbers[name] for name in said} == said
    assert [row["name"] for row in kept.numbers["splits"]["rows"]] == ["train", "val", "test"]
    assert {"recall", "by_class", "confusion"} <= kept.numbers.keys()
    left = left_from_json(kept.read_json(kept_evaluations.EFFORT))
    assert sum(one.edits for one in left) == pytest.approx(
        said["effort"]["edits_per_instance"] * said["effort"]["instances"]
    )
    assert "<h2>" in (folder / kept_evaluations.REPORT).read_text()
    assert "matches" in json.loads((folder / kept_evaluations.EVERYTHING).read_text())
    for plot in ("PRECISION_PLOT", "F1_PLOT", "CLASSES_PLOT", "SIZES_PLOT"):
        assert (folder / getattr(kept_evaluations, plot)).read_text().startswith("<svg")


FILES = {
    "ground_truth": str(GOLDEN / "eval_gt.json"),
    "detections": str(GOLDEN / "eval_detections.json"),
}
DETAILS = ("recall", "by_class", "curves", "f1", "confusion", "splits")


def test_a_small_result_stays_small() -> None:
    assert set(result_of(evaluate(**FILES))) == {"bbox", "segm"}


def test_recall_comes_beside_the_numbers_that_were_there() -> None:
    result = result_of(evaluate(**FILES, with_recall=True))
    assert set(result) == {"bbox", "segm", "recall"}
    assert list(result["recall"]["segm"]) == ["AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
    expected = json.loads((GOLDEN / "eval_expected.json").read_text())
    assert [list(result[task]) for task in expected] == [list(one) for one in expected.values()]


def test_details_and_matches_come_where_they_are_asked_for() -> None:
    result = result_of(evaluate(**FILES, with_details=True, with_matches=True))
    assert set(result) == {"bbox", "segm", "matches", *DETAILS}
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    matches = from_json(result["matches"])
    threshold = result["confusion"]["threshold"]
    assert threshold == result["f1"]["overall"]["best"]["threshold"]
    assert confusion_of(matches, threshold).tolist() == result["confusion"]["cells"]


def test_the_threshold_of_the_confusion_may_be_chosen() -> None:
    result = result_of(evaluate(**FILES, with_details=True, threshold=0.9))
    cells = result["confusion"]["cells"]
    assert result["confusion"]["threshold"] == 0.9
    assert sum(map(sum, cells)) - sum(cells[-1]) == 95


def test_instances_of_a_project_go_by_their_ids_and_images_by_their_keys(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    split = split_of_most(tmp_path / "p")
    events = evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split, with_matches=True)
    matches = from_json(result_of(events)["matches"])
    keys = keys_of(tmp_path / "p", split)
    assert set(matches.images) == set(keys)
    (first, *_) = right(matches, 0, threshold=0.1)
    assert first.truth_name in {f"{first.image[1]}-0", f"{first.image[1]}-1"}


def test_the_table_of_splits_counts_all_done_images(tmp_path: Path) -> None:
    make_project(tmp_path / "p", images=6)
    split = split_of_most(tmp_path / "p")
    result = result_of(
        evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split, with_details=True)
    )
    rows = {row["name"]: row for row in result["splits"]["rows"]}
    assert result["splits"]["classes"] == ["red", "never"]
    assert list(rows) == ["train", "val", "test"]
    for name, row in rows.items():
        n = len(keys_of(tmp_path / "p", name))
        assert (row["images"], row["instances"], row["by_class"]) == (n, 2 * n, [2 * n, 0])


def test_a_report_of_files_has_the_plots(tmp_path: Path) -> None:
    evaluate(**FILES, report=str(tmp_path / "r.html"))
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "eval_detections.json against eval_gt.json" in text
    assert text.count("<svg") == 4


def test_a_report_may_be_json(tmp_path: Path) -> None:
    result = result_of(evaluate(**FILES, report=str(tmp_path / "r.json")))
    report = json.loads((tmp_path / "r.json").read_text())
    assert set(report) == {"title", "about", "bbox", "segm", "matches", *DETAILS}
    assert report["segm"] == result["segm"]
    assert len(from_json(report["matches"]).truths) == 95


def test_a_report_replaces_nothing_but_a_report(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text('{"shapes": []}')
    with pytest.raises(AppError, match="another kind of file"):
        evaluate(**FILES, report=str(tmp_path / "r.json"))


def test_sheets_of_a_project_are_written(tmp_path: Path) -> None:
    make_project(tmp_path / "p")
    split = split_of_most(tmp_path / "p")
    sheets = tmp_path / "sheets"
    events = evaluate(folder=str(tmp_path / "p"), engine=FAKE, split=split, sheets=str(sheets))
    assert result_of(events)["sheets"] == [str(sheets / "random-1.jpg")]  # nothing is wrong
    assert cv2.imread(str(sheets / "random-1.jpg")) is not None
    assert Progress(1, 1, "sheets") in events


def test_images_of_a_coco_file_are_found_beside_it_or_where_it_is_said(tmp_path: Path) -> None:
    detections = predicted(tmp_path)
    (tmp_path / "gt.json").write_text(json.dumps(coco_truth(file="photos/p0.png")))
    files = {"ground_truth": str(tmp_path / "gt.json"), "detections": str(detections)}
    beside = evaluate(**files, sheets=str(tmp_path / "s1"))
    assert len(result_of(beside)["sheets"]) == 1
    (tmp_path / "else").mkdir()
    nowhere = evaluate(**files, sheets=str(tmp_path / "s2"), images=str(tmp_path / "else"))
    assert "1 image could not be found" in notes_of(nowhere)
    assert result_of(nowhere)["sheets"] == []


def test_a_folder_of_photos_is_refused_for_sheets_before_anything_is_done(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", (10, 10))
    with pytest.raises(AppError, match="is not empty"):
        evaluate(ground_truth="no.json", detections="no.json", sheets=str(tmp_path))


def test_without_ground_truth_everything_is_na(tmp_path: Path) -> None:
    result = detailed(tmp_path, {**coco_truth(), "annotations": []})
    assert set(result["segm"].values()) == set(result["recall"]["bbox"].values()) == {None}
    assert result["f1"]["overall"]["best"] is None
    assert result["curves"]["classes"][0]["ap50"] is None
    assert result["confusion"]["cells"] == [[0, 0], [1, 0]]


def test_without_detections_everything_is_missed(tmp_path: Path) -> None:
    result = detailed(tmp_path, coco_truth(), found=[])
    assert result["segm"]["AP"] == 0
    assert result["f1"]["overall"]["best"] is None
    assert result["confusion"]["cells"] == [[0, 1], [0, 0]]


def test_a_class_on_one_side_only_is_na_or_nothing(tmp_path: Path) -> None:
    truth = coco_truth(names=("red", "only labelled", "only seen"))
    first = truth["annotations"][0]
    truth["annotations"].append({**first, "id": 1, "category_id": 6})
    found = [
        {"image_id": 77, "category_id": c, "bbox": [10, 10, 24, 24], "score": 0.9} for c in (5, 7)
    ]
    result = detailed(tmp_path, truth, found=found)
    assert [one["AP"] for one in result["by_class"]["bbox"]] == [pytest.approx(100), 0, None]
    assert [one["best"] is None for one in result["f1"]["classes"]] == [False, True, True]


def test_a_score_that_is_no_number_is_refused_in_a_sentence(tmp_path: Path) -> None:
    one = {"image_id": 77, "category_id": 5, "bbox": [10, 10, 24, 24], "score": float("nan")}
    with pytest.raises(AppError, match="has a score that is no number"):
        detailed(tmp_path, coco_truth(), found=[one])


def test_a_list_of_detections_of_unknown_categories_is_noted(tmp_path: Path) -> None:
    one = {"image_id": 77, "category_id": 99, "bbox": [10, 10, 24, 24], "score": 0.9}
    (tmp_path / "d.json").write_text(json.dumps([one]))
    events = compare(tmp_path, coco_truth(), tmp_path / "d.json")
    assert "Detections of 1 classes" in notes_of(events)
    assert result_of(events)["bbox"]["AP"] == 0


def detailed(tmp_path: Path, truth: Any, *, found: list[Any] | None = None) -> Any:
    detections = predicted(tmp_path)
    if found is not None:
        detections.write_text(json.dumps(found))
    (tmp_path / "gt.json").write_text(json.dumps(truth))
    settings = {"ground_truth": str(tmp_path / "gt.json"), "detections": str(detections)}
    return result_of(evaluate(**settings, with_details=True, report=str(tmp_path / "r.html")))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"threshold": 1.5}, "between 0 and 1"), ({"sheet_images": 0}, "at least one image")],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AppError, match=sentence):
        EvaluateConfig(**FILES, **settings)
