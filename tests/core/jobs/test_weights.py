"""What is known of weights before they are used, engines loaded ahead, devices."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.configs import ClassNamesConfig, DescribeConfig, DevicesConfig, EngineConfig, WarmUpConfig
from core.devices import report_from_json
from core.engines import EngineShelf, without_threshold
from core.errors import AppError
from core.events import Finished
from core.jobs import all_jobs, run_job
from core.weights import WeightsDescription, description_from_json

GOLDEN = Path(__file__).parents[2] / "golden"
ZOO = "mask_rcnn_R_50_FPN_3x"


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("core.maskrcnn.zoo.user_cache_folder", lambda: tmp_path / "cache")


def result_of(name: str, config: Any, engines: EngineShelf | None = None) -> Any:
    last = list(run_job(name, config, engines or EngineShelf(), jobs=all_jobs()))[-1]
    assert isinstance(last, Finished)
    return last.result


def described(
    weights: str | Path, *, names: Sequence[str] = (), engine: str = "maskrcnn", config: str = ""
) -> WeightsDescription:
    of_engine = EngineConfig(str(weights), engine, config, tuple(names))
    return description_from_json(result_of("describe_weights", DescribeConfig(of_engine)))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Weights that no config lies beside."""
    return Path(shutil.copy(GOLDEN / "mask_rcnn_tiny.pth", tmp_path / "mine.pth"))


def test_published_weights_are_described_before_they_are_downloaded() -> None:
    found = described(ZOO)
    assert len(found.class_names) == 80
    assert found.are_named
    assert not found.is_here
    assert found.n_bytes == 178_000_000
    assert "CC BY-SA 3.0" in found.licence
    assert found.has_masks


def test_weights_with_a_config_beside_them_say_which_it_is(bare: Path) -> None:
    shutil.copy(GOLDEN / "mask_rcnn_tiny.yaml", bare.with_name("config.yaml"))
    found = described(bare)
    assert found.config_file == str(bare.with_name("config.yaml"))
    assert found.is_here
    assert found.n_bytes == bare.stat().st_size
    assert found.licence == ""


def test_classes_that_nothing_names_are_numbered_and_said_to_be(bare: Path) -> None:
    found = described(bare)
    assert not found.are_named
    assert found.class_names[0] == "class 1"
    assert any("Nothing names" in note for note in found.notes)


def test_a_guessed_profile_is_said(bare: Path) -> None:
    found = described(bare)
    assert any("No config.yaml" in note for note in found.notes)
    assert found.config_file == ""


def test_weights_that_do_not_fit_their_guess_are_told_name_by_name(bare: Path) -> None:
    import torch

    content = torch.load(bare, weights_only=True)
    del content["model"]["backbone.fpn_lateral3.bias"]
    content["model"]["roi_heads.mask_head.extra.weight"] = torch.zeros(3)
    torch.save(content, bare)
    with pytest.raises(AppError) as caught:
        described(bare)
    assert "backbone.fpn_lateral3.bias missing" in str(caught.value)
    assert "mask_head.extra.weight" in str(caught.value)


def test_names_that_were_given_are_the_names(bare: Path) -> None:
    count = len(described(bare).class_names)
    names = [f"garment {number}" for number in range(count)]
    found = described(bare, names=names)
    assert found.class_names == tuple(names)
    assert found.are_named


def test_too_few_names_are_told(bare: Path) -> None:
    with pytest.raises(AppError, match="one name for each class"):
        described(bare, names=["jeans"])


def test_a_wrong_number_of_names_for_published_weights_is_told() -> None:
    with pytest.raises(AppError, match="80 classes, but 1 names"):
        described(ZOO, names=["jeans"])


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="There are no weights"):
        described(tmp_path / "gone.pth")


def test_a_file_that_is_no_weights_is_told(tmp_path: Path) -> None:
    (tmp_path / "odd.pth").write_bytes(b"hello, I am a text")
    with pytest.raises(AppError):
        described(tmp_path / "odd.pth")


def test_every_engine_describes_its_weights() -> None:
    found = described("fake", engine="fake")
    assert found.class_names == ("red", "green", "blue")


def test_an_engine_that_is_not_there_is_told() -> None:
    with pytest.raises(AppError, match="no engine named other"):
        described("fake", engine="other")


def test_published_weights_are_described_without_torch() -> None:
    script = (
        "import sys\n"
        "from core.configs import EngineConfig\n"
        "from core.engines import spec_named\n"
        "describe = spec_named('maskrcnn').describe\n"
        f"describe(EngineConfig({ZOO!r}))\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, check=False, timeout=60)
    assert done.returncode == 0


def test_warming_up_loads_the_engine_that_a_prelabel_then_uses() -> None:
    engines = EngineShelf()
    config = EngineConfig("fake", "fake", score=0.7)
    assert result_of("warm_up", WarmUpConfig(config), engines) == {"device": "cpu"}
    loaded = engines.engine(without_threshold(config))
    with pytest.raises(StopIteration) as again:
        next(loaded)
    assert again.value.value is engines._engine


def test_warming_up_never_downloads(tmp_path: Path) -> None:
    assert result_of("warm_up", WarmUpConfig(EngineConfig(ZOO))) == {"device": ""}
    assert not (tmp_path / "cache").exists()


def test_devices_of_this_machine_are_reported() -> None:
    report = report_from_json(result_of("devices", DevicesConfig()))
    assert report.devices[-1].name == "cpu"
    assert report.finding.name == "Device"


def test_without_torch_the_devices_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    report = report_from_json(result_of("devices", DevicesConfig()))
    assert report.finding.state == "missing"
    assert "torch cannot be imported" in report.finding.sentence


def test_a_file_with_class_names_is_read(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("jeans\nskirt\n")
    found = result_of("class_names", ClassNamesConfig(str(tmp_path / "names.txt")))
    assert [one["name"] for one in found["classes"]] == ["jeans", "skirt"]
