"""Matches as columns, and what is no matches."""

import json
from typing import Any

import numpy as np
import pytest

from core.errors import AppError
from core.matches import Found, Matches, Truths, from_json, to_json


def matches() -> Matches:
    return Matches(
        "segm", ("a.png", "b.png"), ("nut", "fruit"),
        Truths(
            np.array([0, 1]), np.array([1, 0]), ("f3", 7), np.array([400.0, 12.5]),
            np.array([[0, 0, 20, 20], [1.25, 2, 5, 2.5]]),
        ),
        Found(
            np.array([1]), np.array([0]), np.array([3]), np.array([1 / 3]), np.array([12.0]),
            np.array([[1, 2, 5, 2.5]]), np.array([1]), np.array([1]), np.array([0.96]),
        ),
    )  # fmt: skip


def test_matches_survive_json() -> None:
    value = to_json(matches())
    again = from_json(json.loads(json.dumps(value)))
    assert to_json(again) == value
    assert again.truths.name == ("f3", 7)
    assert again.found.score[0] == 1 / 3
    assert again.found.of_class.dtype == np.int64


def test_matches_of_nothing_survive_json() -> None:
    none, boxes = np.zeros(0), np.zeros((0, 4))
    index = none.astype(np.int64)
    nothing = Matches(
        "bbox", (), (), Truths(index, index, (), none, boxes),
        Found(index, index, index, none, none, boxes, index, index, none),
    )  # fmt: skip
    again = from_json(json.loads(json.dumps(to_json(nothing))))
    assert again.found.box_xywh.shape == (0, 4)
    assert len(again.truths) == 0


@pytest.mark.parametrize("value", [{}, {"task": "segm"}, {**to_json(matches()), "truths": {}}])
def test_what_is_no_matches_is_refused_in_a_sentence(value: Any) -> None:
    with pytest.raises(AppError, match="no matches of an evaluation"):
        from_json(value)


def test_columns_of_different_length_are_refused() -> None:
    value = to_json(matches())
    value["found"]["score"] = []
    with pytest.raises(AppError, match="differ in length"):
        from_json(value)
