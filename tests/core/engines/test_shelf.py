"""The shelf keeps the engine that was used last, and notices when its weights are others."""

from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest

from core.configs import EngineConfig
from core.engines import Engine, EngineShelf, all_engines, engine_for
from core.errors import AppError

_T = TypeVar("_T")


def _result(events: Generator[object, None, _T]) -> _T:
    while True:
        try:
            next(events)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


def _engine(shelf: EngineShelf, config: EngineConfig) -> Engine:
    return _result(shelf.engine(config))


def test_the_same_config_is_not_loaded_twice() -> None:
    shelf, config = EngineShelf(), EngineConfig("fake", engine="fake")
    assert _engine(shelf, config) is _engine(shelf, config)


def test_another_config_loads_another_engine() -> None:
    shelf = EngineShelf()
    first = _engine(shelf, EngineConfig("fake", engine="fake"))
    second = _engine(shelf, EngineConfig("fake", engine="fake", class_names=("a", "b")))
    assert list(second.class_names) != list(first.class_names)


def test_weights_that_were_replaced_are_loaded_anew(tmp_path: Path) -> None:
    golden = Path(__file__).resolve().parents[2] / "golden"
    weights = tmp_path / "best.pth"
    config = EngineConfig(str(weights), model_config=str(golden / "mask_rcnn_tiny.yaml"))
    weights.write_bytes((golden / "mask_rcnn_tiny.pth").read_bytes())
    shelf = EngineShelf()
    first = _engine(shelf, config)
    weights.write_bytes((golden / "mask_rcnn_tiny.pth").read_bytes())
    assert _engine(shelf, config) is not first


def test_a_folder_that_names_a_newer_checkpoint_is_loaded_anew(tmp_path: Path) -> None:
    golden = Path(__file__).resolve().parents[2] / "golden"
    config = EngineConfig(str(tmp_path), model_config=str(golden / "mask_rcnn_tiny.yaml"))
    shelf, engines = EngineShelf(), []
    for name in ("model_0000009.pth", "model_0000019.pth"):
        (tmp_path / name).write_bytes((golden / "mask_rcnn_tiny.pth").read_bytes())
        (tmp_path / "last_checkpoint").write_text(name)
        engines.append(_engine(shelf, config))
    assert engines[0] is not engines[1]


def test_an_unknown_engine_is_a_sentence_that_names_the_others() -> None:
    with pytest.raises(AppError, match="maskrcnn"):
        _engine(EngineShelf(), EngineConfig("w.pth", engine="no-such-engine"))


def test_a_zoo_name_tells_its_engine_and_a_file_goes_to_the_usual_one() -> None:
    assert engine_for("mask_rcnn_R_50_FPN_3x") == "maskrcnn"
    assert engine_for("maskrcnn_resnet50_fpn_v2") == "torchvision"
    assert engine_for("best.pth") == "maskrcnn"


def test_no_name_is_published_by_engines_that_take_it_for_different_weights() -> None:
    titles: dict[str, set[str]] = {}
    for spec in all_engines().values():
        for one in spec.published():
            titles.setdefault(one.name, set()).add(one.title)
    assert titles
    assert all(len(of_name) == 1 for of_name in titles.values())
