"""Plots as SVG: well-formed, complete, and in the right place."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest

from core.plots.evaluation import ap_svg, confusion_svg, f1_svg, precision_svg, sizes_svg
from core.plots.svg import DARK, LIGHT, shortened, xml_text

NAME = "<b>\x00\ud800 & nut"
POINTS = {"score": [0.9, 0.5], "tp": [1, 1], "fp": [0, 1]}
BEST = {"threshold": 0.9, "f1": 0.5, "precision": 1.0, "recall": 0.25}
NUMBERS = {"AP": 30.0, "APs": None, "APm": 20.0, "APl": 10.0}
CURVES = {
    "task": "segm", "iou": 0.5,
    "classes": [
        {"name": NAME, "instances": 4, "ap50": 25.0, "points": POINTS},
        {"name": "fruit", "instances": 0, "ap50": None, "points": {k: [] for k in POINTS}},
        {"name": "leaf", "instances": 1, "ap50": 0.0, "points": {k: [] for k in POINTS}},
    ],
}  # fmt: skip
F1 = {
    "overall": {"name": "all", "instances": 4, "best": BEST, "score": [0.9, 0.5], "f1": [0.5, 0.4]},
    "classes": [{"name": NAME, "instances": 4, "best": None, "score": [], "f1": []}],
}
CONFUSION = {"threshold": 0.37, "names": [NAME, "background"], "cells": [[3, 1], [2, 0]]}
BY_CLASS = {
    "bbox": [{"name": NAME, "AP": 50.0}, {"name": "fruit", "AP": None}],
    "segm": [{"name": NAME, "AP": 25.0}, {"name": "fruit", "AP": None}],
}
PLOTS: dict[str, Callable[..., str]] = {
    "precision": lambda **more: precision_svg(CURVES, **more),
    "f1": lambda **more: f1_svg(F1, **more),
    "ap": lambda **more: ap_svg(BY_CLASS, **more),
    "sizes": lambda **more: sizes_svg({"bbox": NUMBERS, "segm": NUMBERS}, **more),
    "confusion": lambda **more: confusion_svg(CONFUSION, **more),
}


def words(svg: str) -> list[str]:
    return [one.text or "" for one in parsed(svg).iter() if one.tag.endswith("}text")]


def parsed(svg: str) -> Any:
    return ElementTree.fromstring(svg.encode("utf-8"))


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_a_file_of_its_own_that_needs_nothing_else(name: str) -> None:
    svg = PLOTS[name]()
    root = parsed(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(root.get("width")) > 0
    assert not re.search(r"href|url\(|@import|<script|nan|inf\b", svg)


@pytest.mark.parametrize("name", PLOTS)
def test_light_and_dark_differ_in_colours_only(name: str) -> None:
    light, dark = PLOTS[name](palette=LIGHT), PLOTS[name](palette=DARK)
    assert LIGHT.paper in light
    assert DARK.paper in dark
    assert re.sub("#[0-9a-f]{6}", "", light) == re.sub("#[0-9a-f]{6}", "", dark)


def test_every_class_has_a_panel_and_none_is_empty_without_a_word() -> None:
    shown = words(precision_svg(CURVES))
    assert "AP50 25.0, 4 instances" in shown
    assert "n/a: no ground truth" in shown
    assert "no detections" in shown
    assert "AP50 0.0, 1 instance" in shown


def test_a_curve_goes_through_its_points() -> None:
    # a panel is 250 x 220, its curve from (40, 44) to (236, 180); (1/4, 1) then (1/4, 1/2)
    assert 'points="89.0,44.0 89.0,112.0"' in precision_svg(CURVES)


def test_f1_falls_in_stairs_and_its_best_is_marked() -> None:
    svg = f1_svg(F1)
    # (0, .4) (.5, .4) (.5, .5) (.9, .5)
    assert 'points="40.0,125.6 138.0,125.6 138.0,112.0 216.4,112.0"' in svg
    assert 'cx="216.4" cy="112.0"' in svg
    assert "F1 0.50" in words(svg)
    assert "no detection is right" in words(svg)


def test_scores_that_are_no_shares_stay_on_the_plot() -> None:
    best = {**BEST, "threshold": 97.0}
    svg = f1_svg({"overall": {**F1["overall"], "best": best, "score": [97.0, -1.0]}, "classes": []})
    assert 'points="40.0,125.6 40.0,125.6 40.0,112.0 236.0,112.0"' in svg


def test_bars_are_as_long_as_their_numbers() -> None:
    svg = ap_svg(BY_CLASS)
    assert 'width="210.0"' in svg  # 50 of 100 on 420 pixels
    assert 'width="105.0"' in svg
    assert words(svg).count("n/a") == 2


def test_the_matrix_shows_every_count() -> None:
    shown = words(confusion_svg(CONFUSION))
    assert {"3", "1", "2", "0"} <= set(shown)
    assert shown.count("background") == 2


def test_names_are_escaped_and_what_xml_cannot_hold_is_replaced() -> None:
    assert xml_text(NAME) == "&lt;b&gt;\ufffd\ufffd &amp; nut"


def test_long_names_are_shortened() -> None:
    assert shortened("hazelnut", 5) == "haze…"
    assert shortened("nut", 5) == "nut"
