"""Thresholds of confidence in maskloop.json."""

import json

import pytest

from core.project import Project
from core.thresholds import Thresholds


def test_the_thresholds_of_a_project_are_kept(project: Project) -> None:
    assert project.thresholds(0.5) == Thresholds(0.5)
    project.keep_thresholds(Thresholds(0.4, {3: 0.7, 1: 0.6}))
    again = Project.open(project.folder, wants_to_write=False)
    assert again.thresholds(0.5) == Thresholds(0.4, {1: 0.6, 3: 0.7})
    again.close()
    project.keep_confidence(0.3)
    assert project.thresholds(0.5) == Thresholds(0.3, {1: 0.6, 3: 0.7})


@pytest.mark.parametrize(
    "value", [7, [], {"x": 0.5}, {"1": "a"}, {"1": 7}, {"-1": 0.5}, {"9" * 5000: 0.5}]
)
def test_class_thresholds_that_are_none_are_passed_over(project: Project, value: object) -> None:
    project.keep_confidence(0.5)
    file = project.folder / "maskloop.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "class_confidence": value}))
    again = Project.open(project.folder, wants_to_write=False)
    assert again.thresholds(0.5) == Thresholds(0.5)
    again.close()
