"""The canvas on a screen of two pixels a point, measured in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def measured() -> dict[str, object]:
    environment = {**os.environ, "QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.gui.hidpi_child"]
    child = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(child.stdout)


def test_a_hundred_percent_is_a_pixel_of_the_screen(measured: dict[str, object]) -> None:
    assert measured["zoom"] == 1.0


def test_the_picture_is_sharp_to_the_pixel(measured: dict[str, object]) -> None:
    assert measured["sharp"]


def test_handles_are_as_large_as_on_any_screen(measured: dict[str, object]) -> None:
    assert measured["handle_px"] == 2 * 7


def test_a_vertex_is_taken_from_as_far_as_on_any_screen(measured: dict[str, object]) -> None:
    # 0, 7 and 10 points beside it, of which 8 are in reach
    assert measured["taken"] == [True, True, False]
