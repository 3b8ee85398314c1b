"""The figures of the live view."""

import pytest

from gui.widgets.live_figures import LiveFigures


def test_frames_a_second_are_those_of_the_last_moments() -> None:
    figures = LiveFigures()
    assert figures.frames_per_s(0.0) is None
    for number in range(100):
        figures.count(number, captured_at_s=0.0, painted_at_s=number / 50)
    assert figures.frames_per_s(2.0) == pytest.approx(50, rel=0.01)
    assert figures.frames_per_s(10.0) == 0


def test_latency_is_the_median_from_capture_to_paint() -> None:
    figures = LiveFigures()
    assert figures.latency_s is None
    for number, late in enumerate((0.01, 0.02, 5.0)):
        figures.count(number, captured_at_s=number, painted_at_s=number + late)
    assert figures.latency_s == pytest.approx(0.02)


def test_frames_whose_number_nobody_saw_were_left_out() -> None:
    figures = LiveFigures()
    for number in (2, 3, 7):
        figures.count(number, captured_at_s=0.0, painted_at_s=0.1)
    assert figures.n_left_out == 3
