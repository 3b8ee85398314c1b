"""What is said where upstream's package cannot be used. Where it can, test_golden.py runs it."""

import sys
import types

import pytest

from core.configs import EngineConfig
from core.engines import EngineShelf, all_engines, detectron2
from core.engines.detectron2 import help_for, why_not
from core.errors import AppError


def test_a_missing_detectron2_is_told_with_how_to_build_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    sentence = why_not()
    assert "not on the package index" in sentence
    assert '"setuptools<81" "iopath<0.1.10"' in sentence


def test_a_detectron2_that_does_not_import_is_told_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    broken = types.ModuleType("detectron2")
    broken.__path__ = []
    monkeypatch.setitem(sys.modules, "detectron2", broken)
    monkeypatch.setitem(sys.modules, "detectron2.config", None)
    assert "installed but cannot be imported" in why_not()


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("No module named 'pkg_resources'", "setuptools<81"),
        ("cannot import name 'g_pathmgr' from 'iopath'", "iopath<0.1.10"),
        ("_C.so: undefined symbol: _ZN3c10", "another torch"),
        ("No module named 'yacs'", "Build it from its source"),
    ],
)
def test_a_known_reason_gets_its_own_advice(reason: str, advice: str) -> None:
    assert advice in help_for(reason)


def test_choosing_it_where_it_is_not_is_an_error_with_that_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(AppError, match="not on the package index"):
        next(EngineShelf().engine(EngineConfig("w.pth", engine="detectron2")))


def test_it_is_offered_under_its_name() -> None:
    assert all_engines()["detectron2"] is detectron2.SPEC
