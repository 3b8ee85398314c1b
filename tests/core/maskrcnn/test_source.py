"""Which config and which class names go with weights."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from core.configs import EngineConfig
from core.errors import AppError
from core.maskrcnn.config import settings_to_yaml, standard_settings
from core.maskrcnn.source import fetched, guessed_settings, source_of
from core.maskrcnn.zoo import COCO_CLASSES, ZOO, zoo_path

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "mine.pth"
    file.write_bytes(b"weights")
    return file


def config_of(names: tuple[str, ...], *, depth: int = 50) -> str:
    return settings_to_yaml(standard_settings(depth, num_classes=len(names)), class_names=names)


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("core.maskrcnn.zoo.user_cache_folder", lambda: tmp_path)
    return tmp_path


def test_the_given_config_goes_before_the_one_beside(weights: Path, tmp_path: Path) -> None:
    weights.with_suffix(".yaml").write_text(config_of(("beside",)))
    given = tmp_path / "given.yml"
    given.write_text(config_of(("given", "two")))
    source = source_of(EngineConfig(str(weights), model_config=str(given)))
    assert source.class_names == ("given", "two")


def test_the_config_of_the_same_name_goes_before_config_yaml(weights: Path) -> None:
    weights.with_name("config.yaml").write_text(config_of(("general",)))
    weights.with_suffix(".yaml").write_text(config_of(("own",)))
    assert source_of(EngineConfig(str(weights))).class_names == ("own",)


def test_config_yaml_beside_the_weights_is_used(weights: Path) -> None:
    weights.with_name("config.yaml").write_text(config_of(("general",), depth=101))
    source = source_of(EngineConfig(str(weights)))
    settings = source.settings()
    assert settings is not None
    assert settings.depth == 101


def test_a_config_with_a_byte_order_mark_is_read(weights: Path) -> None:
    text = config_of(("olive",))
    weights.with_suffix(".yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert source_of(EngineConfig(str(weights))).class_names == ("olive",)


def test_given_names_go_before_those_of_the_config(weights: Path) -> None:
    weights.with_suffix(".yaml").write_text(config_of(("pear",)))
    source = source_of(EngineConfig(str(weights), class_names=("Birne",)))
    assert source.class_names == ("Birne",)
    assert source.are_names_given


def test_weights_alone_have_neither_settings_nor_names(weights: Path) -> None:
    source = source_of(EngineConfig(str(weights)))
    assert (source.settings(), source.config_text, source.class_names) == (None, "", ())


@pytest.mark.parametrize("name", ZOO)
def test_zoo_weights_bring_their_profile_and_cocos_names(name: str, cache: Path) -> None:
    (cache / "weights").mkdir()
    zoo_path(name).write_bytes(b"weights")
    source = source_of(EngineConfig(name))
    assert source.settings() == ZOO[name].settings
    assert source.class_names == COCO_CLASSES


def test_a_file_under_its_published_name_is_known_wherever_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "model_final_a3ec72.pkl"
    file.write_bytes(b"weights")
    source = source_of(EngineConfig(str(file)))
    assert source.settings() == standard_settings(101)
    assert source.class_names == COCO_CLASSES


def test_zoo_weights_that_are_not_there_are_told(cache: Path) -> None:
    with pytest.raises(AppError, match="have not been downloaded"):
        source_of(EngineConfig("mask_rcnn_R_50_FPN_3x"))


def test_nothing_is_fetched_for_a_file(weights: Path) -> None:
    assert list(fetched(EngineConfig(str(weights)))) == []


def test_weights_that_are_not_there_are_told_with_the_zoos_names(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="There are no weights at") as caught:
        source_of(EngineConfig(str(tmp_path / "none.pth")))
    assert "none.pth" in str(caught.value)
    assert "mask_rcnn_R_50_FPN_3x" in str(caught.value)


def test_a_folder_that_names_no_checkpoint_is_no_weights(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="last_checkpoint"):
        source_of(EngineConfig(str(tmp_path)))


def test_a_folder_of_detectron2s_is_its_newest_checkpoint_with_its_config(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "faster_rcnn_tiny.pth", tmp_path / "model_0001999.pth")
    shutil.copy(GOLDEN / "faster_rcnn_tiny.yaml", tmp_path / "config.yaml")
    (tmp_path / "last_checkpoint").write_text("/home/other/output/model_0001999.pth")
    source = source_of(EngineConfig(str(tmp_path)))
    assert source.path == tmp_path / "model_0001999.pth"
    assert source.config_file == tmp_path / "config.yaml"


def test_a_config_that_cannot_be_read_is_told(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be read"):
        source_of(EngineConfig(str(weights), model_config=str(tmp_path / "none.yaml")))


@pytest.mark.parametrize("name", ["mask_rcnn_tiny", "faster_rcnn_tiny"])
def test_sizes_that_weights_show_are_guessed_as_the_config_says(name: str, tmp_path: Path) -> None:
    shutil.copy(GOLDEN / f"{name}.yaml", tmp_path / "w.yaml")
    (tmp_path / "w.pth").write_bytes(b"")
    said = source_of(EngineConfig(str(tmp_path / "w.pth"))).settings()
    assert said is not None
    state = torch.load(GOLDEN / f"{name}.pth", weights_only=True)["model"]
    guessed = guessed_settings(state)
    shown = (
        "depth", "stem_channels", "res2_channels", "groups", "width_per_group", "fpn_channels",
        "num_classes", "box_num_fc", "box_fc_dim", "mask_on",
    )  # fmt: skip
    assert {key: getattr(guessed, key) for key in shown} == {
        key: getattr(said, key) for key in shown
    }
    if said.mask_on:
        assert guessed.mask_conv_dim == said.mask_conv_dim
        assert guessed.mask_num_conv == said.mask_num_conv


def test_weights_with_groups_are_taken_for_a_resnext() -> None:
    state = torch.load(GOLDEN / "faster_rcnn_tiny.pth", weights_only=True)["model"]
    state["backbone.bottom_up.res2.0.conv2.weight"] = SimpleNamespace(shape=(256, 8, 3, 3))
    guessed = guessed_settings(state)
    assert (guessed.groups, guessed.width_per_group, guessed.stride_in_1x1) == (32, 8, False)
    assert guessed.pixel_std == (57.375, 57.12, 58.395)


def test_weights_of_something_else_are_refused() -> None:
    with pytest.raises(AppError, match="not of a Mask R-CNN or Faster R-CNN") as caught:
        guessed_settings({"encoder.weight": torch.zeros(1)})
    assert "a ResNet (backbone.bottom_up.res2 to res5) is missing" in str(caught.value)
    assert "They have encoder.weight." in str(caught.value)
