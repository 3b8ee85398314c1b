"""The report as a file that stands alone."""

import re
from typing import Any

from core.evaluation.coco import METRICS
from core.evaluation.report import html_report


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
