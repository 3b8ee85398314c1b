"""Configs: checked when they are built, and the same after a way through JSON."""

import json
import math

import pytest

from core.configs import AssistConfig, from_json, to_json
from core.errors import AppError


@pytest.mark.parametrize(
    "config",
    [
        AssistConfig("a.jpg"),
        AssistConfig("a.jpg", points=((1.5, 2.0, True), (3.0, 4.0, False))),
        AssistConfig("a.jpg", "sam2:tiny", box=(1.0, 2.0, 3.5, 4.0), points=((2.0, 3.0, False),)),
        AssistConfig("a.jpg", "sam3:latest", text="jeans", score=0.3),
    ],
)
def test_a_prompt_comes_back_from_json(config: AssistConfig) -> None:
    assert from_json(AssistConfig, json.loads(json.dumps(to_json(config)))) == config


def test_a_prompt_that_asks_nothing_is_ahead() -> None:
    assert AssistConfig("a.jpg").is_ahead
    assert not AssistConfig("a.jpg", text="jeans").is_ahead


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"image": ""}, "No image"),
        ({"points": [[1.0, math.nan, True]]}, "no finite place"),
        ({"box": [1.0, 2.0, 3.0]}, "box is 4 numbers with commas between them, or left out, not"),
        ({"points": [[1.0, 2.0]]}, "points is a list of lists"),
        ({"points": [[1.0, 2.0, False]]}, "Click on the instance first"),
        ({"text": "jeans", "box": [1.0, 2.0, 3.0, 4.0]}, "either by a text"),
        ({"score": 2.0}, "between 0 and 1"),
    ],
)
def test_a_prompt_that_cannot_be_meant_is_refused(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(AppError, match=sentence):
        from_json(AssistConfig, {"image": "a.jpg", **values})
