"""Rounds in the report and the JSON of an evaluation, which are known better later."""

import json
import re

import pytest

from core.plots.rounds_report import (
    Round,
    json_with,
    report_with,
    round_of,
    rounds_from_json,
    rounds_section,
    rounds_to_json,
)

FIRST = Round("first", mask_ap=20.0, box_ap=22.5, edits=6.25, untouched=10.0, mask_ap_then=33.3)
SECOND = Round("<b>second</b>", mask_ap=40.0, box_ap=41.0, edits=3.0, untouched=50.0)
UNMEASURED = Round("third")


def test_a_round_is_what_was_measured_of_it_now_and_then() -> None:
    effort = {"instances": 8, "accepted": 2, "edits_per_instance": 6.25}
    now = {"segm": {"AP": 20}, "bbox": {"AP": None}, "effort": effort}
    found = round_of("a", now, {"segm": {"AP": 33.3}})
    assert found == Round("a", 20.0, None, 6.25, 25.0, 33.3, None)
    assert round_of("b", {}, {}) == Round("b")


def test_the_report_has_a_curve_over_the_rounds_and_a_table() -> None:
    html = rounds_section((FIRST, SECOND, UNMEASURED))
    (ap, effort) = re.findall(r'<polyline points="([^"]+)"', html)
    assert len(ap.split()) == len(effort.split()) == 2  # the third was not measured
    ys = [float(point.split(",")[1]) for point in ap.split()]
    assert ys[0] > ys[1]  # up is better
    rows = re.findall("<tr><td>.*?</tr>", html)
    assert [row.count("n/a") for row in rows] == [1, 2, 6]
    assert all(text in rows[0] for text in (">20.0<", ">22.5<", ">6.2<", ">10.0<", ">33.3<"))
    assert "<b>" not in html
    assert not re.search(r"(src|href)=|url\(|<script", html)


def test_a_model_without_masks_has_its_curve_of_boxes() -> None:
    html = rounds_section((Round("a", box_ap=11.0),))
    assert "Box AP, percent" in html
    assert "Mask AP, percent" not in html


@pytest.mark.parametrize("before", [(), (FIRST,), (FIRST, SECOND)])
def test_a_report_gets_the_rounds_in_the_place_of_those_that_it_had(
    before: tuple[Round, ...],
) -> None:
    report = f"<body><p>ä</p>{rounds_section(before)}<p>end</p></body>\n".encode()
    assert report_with(report, (FIRST, UNMEASURED)).decode() == (
        f"<body><p>ä</p>{rounds_section((FIRST, UNMEASURED))}<p>end</p></body>\n"
    )


def test_a_report_of_before_there_were_rounds_gets_them_at_its_end() -> None:
    found = report_with(b"<body><p>x</p></body></html>\n", (FIRST,)).decode()
    assert found == f"<body><p>x</p>{rounds_section((FIRST,))}</body></html>\n"


@pytest.mark.parametrize("more", [{}, {"rounds": []}, {"rounds": rounds_to_json([SECOND, FIRST])}])
def test_json_gets_the_rounds_at_its_end(more: dict[str, object]) -> None:
    value = {"a": [1, {"b": 'a text, "rounds": [] in it'}], **more}
    content = (json.dumps(value) + "\n").encode("ascii")
    found = json.loads(json_with(content, (FIRST, SECOND)))
    assert found == {"a": value["a"], "rounds": rounds_to_json((FIRST, SECOND))}
    assert rounds_from_json(found["rounds"]) == (FIRST, SECOND)


def test_a_name_cannot_break_the_json() -> None:
    odd = Round('x", "rounds": [')
    twice = json_with(json_with(b'{"a": 1}', (odd,)), (odd, FIRST))
    assert json.loads(twice)["rounds"] == rounds_to_json((odd, FIRST))
