"""Every action of the table is triggered by key or mouse, and has its effect.

The way: an action named `fit` needs a function `fit(user)` in a file of tests/gui/scenarios (one
file a menu; `quit_` is for `quit`, a word of Python). It gets a `User` (tests/gui/user.py) in front
of a window with a folder open, brings about what it needs, triggers the action with
`user.press("fit")` (by the shortcut of its QAction) or `user.click("fit")` (by its button on the
toolbar), and asserts the effect: on labels, session, canvas, dialog or disk. Private functions
(`_like_this`) are no scenarios. An action that is new in gui/actions/rows fails here until it
has one.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS
from gui.main_window import MainWindow
from tests.gui.user import User

Scenario = Callable[[User], None]


def _scenarios() -> dict[str, Scenario]:
    found: dict[str, Scenario] = {}
    for file in pkgutil.iter_modules([str(Path(__file__).parent / "scenarios")]):
        module = importlib.import_module(f"tests.gui.scenarios.{file.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                action = name.removesuffix("_")
                assert action not in found, f"{action} has two scenarios"
                found[action] = function
    return found


SCENARIOS = _scenarios()


@pytest.fixture
def user(qtbot: QtBot, opened: MainWindow, folder: Path, tmp_path: Path) -> User:
    return User(qtbot, opened, tmp_path, folder)


def test_no_action_is_without_a_scenario() -> None:
    assert [spec.name for spec in ACTIONS if spec.name not in SCENARIOS] == []


def test_no_scenario_is_without_an_action() -> None:
    assert sorted(SCENARIOS.keys() - {spec.name for spec in ACTIONS}) == []


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_an_action_does_what_it_says(user: User, name: str) -> None:
    triggered: list[bool] = []
    user.action(name).triggered.connect(lambda: triggered.append(True))

    SCENARIOS[name](user)

    assert triggered, f"the scenario of {name} did not trigger it"
