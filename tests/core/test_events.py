"""Events as lines of JSON, which is how they leave a child."""

import pytest

from core.events import Assisted, from_line, to_line
from core.types import Part

RING = [[1.25, 2.0], [30.5, 2.5], [20.0, 40.125]]
HOLE = [[10.0, 5.0], [12.0, 5.0], [11.0, 9.0]]


def test_what_an_assistant_saw_comes_back_with_its_parts_and_holes() -> None:
    event = Assisted("/a/b.jpg", ((Part(RING, (HOLE,)), Part(HOLE)), (Part(RING),)), (0.9, 0.25))
    assert from_line(to_line(event)) == event


def test_an_assistant_that_saw_nothing_comes_back_as_such() -> None:
    event = Assisted("/a/b.jpg", (), ())
    assert from_line(to_line(event)) == event


def test_parts_that_are_no_rings_are_no_event() -> None:
    with pytest.raises(ValueError, match="ring"):
        from_line('{"event": "Assisted", "image": "a", "parts": [[[[[1, 2]]]]], "scores": [1]}')
