"""The report as a file that stands alone."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from core.evaluation.coco import METRICS, ap_of, counted
from core.evaluation.details import FALLBACK_THRESHOLD, details_of, splits_of_truth
from core.evaluation.report import html_report
from core.evaluation.report_sections import number
from core.evaluation.sides import sides_of
from core.matches import Matches
from core.matches.behind import behind_cell

GOLDEN = Path(__file__).parents[2] / "golden"


def result(**more: Any) -> dict[str, Any]:
    numbers = dict.fromkeys(METRICS, 41.25) | {"APl": None, "AP-<b>kiwi</b>": 12.5}
    return {"bbox": numbers, "segm": {**numbers, "AP50": 77.77}, **more}


def test_every_number_is_there_to_one_decimal() -> None:
    text = html_report(result(), title="Round 2")
    assert text.count("41.2") == 9
    assert "77.8" in text
    assert text.count("12.5") == 2


def test_what_cannot_be_said_is_na() -> None:
    assert html_report(result(), title="Round 2").count("n/a") == 2


def test_names_are_escaped() -> None:
    text = html_report(result(), title="<script>x</script>", subtitle="a & b")
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;kiwi&lt;/b&gt;" in text
    assert "a &amp; b" in text


def test_it_needs_nothing_else() -> None:
    text = html_report(result(), title="Round 2")
    assert not re.search(r"(src|href)=|url\(|@import|<script", text)


def test_it_follows_light_and_dark() -> None:
    text = html_report(result(), title="Round 2")
    assert "color-scheme: light dark" in text
    assert "prefers-color-scheme: dark" in text


def test_effort_is_shown_where_it_was_counted() -> None:
    effort = {"instances": 36, "accepted": 16, "edits_per_instance": 2.04}
    text = html_report(result(effort=effort), title="Round 2")
    assert "for a person to do" in text
    assert ">36<" in text
    assert ">2.0<" in text
    assert "for a person to do" not in html_report(result(), title="Round 2")


def test_a_model_without_masks_leaves_that_column_empty() -> None:
    text = html_report({**result(), "segm": dict.fromkeys(METRICS)}, title="Boxes")
    assert text.count("n/a") == 2 + len(METRICS)


def detailed(
    *, truth: dict[str, Any] | None = None, found: list[Any] | None = None
) -> tuple[dict[str, Any], Matches]:
    ground_truth = json.loads((GOLDEN / "eval_gt.json").read_text()) if truth is None else truth
    default = json.loads((GOLDEN / "eval_detections.json").read_text())
    sides = sides_of(ground_truth, default if found is None else found)
    numbers = counted(sides)
    details = details_of(sides, numbers)
    whole = {
        **{task: ap_of(one) for task, one in numbers.items()},
        **details.values,
        "splits": splits_of_truth("val", ground_truth),
    }
    return whole, details.matches


def test_details_are_shown_without_a_script_or_another_file() -> None:
    whole, matches = detailed()
    text = html_report(whole, title="Round 2", matches=matches)
    assert not re.search(r"(src|href)=|url\(|@import|<script", text)
    assert text.count("<svg") == 4
    for heading in ("Precision by recall", "F1 by the threshold", "What was taken for what"):
        assert heading in text


def test_cocos_recalls_stand_below_the_precisions() -> None:
    whole, _ = detailed()
    text = html_report(whole, title="Round 2")
    assert f"<td>AR100</td>{number(whole['recall']['bbox']['AR100'])}" in text


def test_the_images_behind_a_cell_are_listed_by_name() -> None:
    whole, matches = detailed()
    text = html_report(whole, title="Round 2", matches=matches)
    pairs = behind_cell(matches, 0, 3, threshold=whole["confusion"]["threshold"])
    names = ", ".join(dict.fromkeys(pair.image for pair in pairs))
    assert len(pairs) == 2
    assert f'circle taken for star: 2, in 2 images</summary><p class="names">{names}</p>' in text
    assert "<details" not in html_report(whole, title="Round 2")


def test_the_best_threshold_of_each_class_is_in_a_table() -> None:
    whole, matches = detailed()
    best = whole["f1"]["classes"][2]["best"]
    text = html_report(whole, title="Round 2", matches=matches)
    assert f"<td>triangle</td>{number(18)}{number(best['threshold'], 2)}" in text


@pytest.mark.parametrize(
    ("truth", "found"),
    [
        ({"images": [], "categories": [], "annotations": []}, []),
        ({"images": [{"id": 1}], "categories": [{"id": 1, "name": "nut"}], "annotations": []}, []),
        (None, []),
    ],
)
def test_a_report_of_nothing_is_a_report(truth: dict[str, Any] | None, found: list[Any]) -> None:
    whole, matches = detailed(truth=truth, found=found)
    text = html_report(whole, title="Round 2", matches=matches)
    assert text.endswith("</html>\n")
    assert whole["f1"]["overall"]["best"] is None
    assert whole["confusion"]["threshold"] == FALLBACK_THRESHOLD
    assert "nan" not in text
