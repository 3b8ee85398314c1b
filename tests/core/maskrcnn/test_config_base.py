"""A config.yaml that builds on others."""

import os
from pathlib import Path

import pytest
import yaml

from core.errors import AppError
from core.maskrcnn.config import (
    class_names_from_yaml,
    settings_from_yaml,
    settings_to_yaml,
    standard_settings,
)
from core.maskrcnn.config_base import config_text_of

FPN = settings_to_yaml(standard_settings(num_classes=4), ("a", "b", "c", "d"))


def _written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        file = folder / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "config.yaml"


def _base(name: str, **model: object) -> str:
    return yaml.safe_dump({"_BASE_": name, "MODEL": model})


def test_a_config_without_a_base_is_its_own_text(tmp_path: Path) -> None:
    assert config_text_of(_written(tmp_path, config=FPN)) == FPN


def test_a_relative_base_is_found_beside_the_config_that_names_it(tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        **{"sub__config": _base("../whole.yaml", MASK_ON=False), "whole": FPN},
    )
    settings = settings_from_yaml(config_text_of(file.parent / "sub" / "config.yaml"))
    assert (settings.mask_on, settings.num_classes) == (False, 4)


def test_an_absolute_base_is_found(tmp_path: Path) -> None:
    whole = _written(tmp_path, config=FPN)
    other = _written(tmp_path / "other", config=_base(str(whole), RESNETS={"DEPTH": 101}))
    assert settings_from_yaml(config_text_of(other)) == standard_settings(101, num_classes=4)


def test_bases_in_a_chain_each_change_what_lies_below(tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        config=_base("middle.yaml", ROI_HEADS={"NUM_CLASSES": 7}),
        middle=_base("whole.yaml", RESNETS={"DEPTH": 101}, ROI_HEADS={"NUM_CLASSES": 6}),
        whole=FPN,
    )
    assert settings_from_yaml(config_text_of(file)) == standard_settings(101, num_classes=7)


def test_of_several_bases_the_later_one_counts(tmp_path: Path) -> None:
    text = yaml.safe_dump({"_BASE_": ["whole.yaml", "less.yaml"]})
    less = yaml.safe_dump({"MODEL": {"MASK_ON": False}})
    settings = settings_from_yaml(
        config_text_of(_written(tmp_path, config=text, whole=FPN, less=less))
    )
    assert (settings.mask_on, settings.depth) == (False, 50)


def test_class_names_are_the_configs_own_and_not_its_bases(tmp_path: Path) -> None:
    base = _base("whole.yaml", MASK_ON=False)
    own = '# maskloop: {"class_names": ["w", "x", "y", "z"]}\n'
    assert class_names_from_yaml(config_text_of(_written(tmp_path, config=base, whole=FPN))) == ()
    text = config_text_of(_written(tmp_path, config=own + base, whole=FPN))
    assert class_names_from_yaml(text) == ("w", "x", "y", "z")


@pytest.mark.parametrize(
    ("base", "depth", "norm"),
    [
        ("../Base-RCNN-FPN.yaml", 50, "FrozenBN"),
        ("COCO-InstanceSegmentation/mask_rcnn_R_101_FPN_3x.yaml", 101, "FrozenBN"),
        ("/elsewhere/mask_rcnn_R_50_FPN_3x_gn.yaml", 50, "GN"),
        ("C:\\configs\\mask_rcnn_R_50_FPN_3x_syncbn.yaml", 50, "SyncBN"),
    ],
)
def test_a_base_that_is_not_there_is_known_where_detectron2_publishes_it(
    base: str, depth: int, norm: str, tmp_path: Path
) -> None:
    text = config_text_of(_written(tmp_path, config=_base(base, ROI_HEADS={"NUM_CLASSES": 2})))
    settings = settings_from_yaml(text)
    assert (settings.depth, settings.backbone_norm, settings.num_classes) == (depth, norm, 2)
    assert settings.box_num_conv == (0 if norm == "FrozenBN" else 4)


def test_the_published_x101_has_its_groups_and_its_colours(tmp_path: Path) -> None:
    text = config_text_of(_written(tmp_path, config=_base("mask_rcnn_X_101_32x8d_FPN_3x.yaml")))
    settings = settings_from_yaml(text)
    assert (settings.groups, settings.width_per_group, settings.stride_in_1x1) == (32, 8, False)
    assert settings.pixel_std == (57.375, 57.12, 58.395)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        (_base("config.yaml"), "in a circle"),
        (_base("back.yaml"), "in a circle"),
        (_base("none.yaml"), "which is not there"),
        (_base("."), "which is not there"),
        (_base("~nobody/none.yaml"), "which is not there"),
        (_base("a\0b"), "which is not there"),
        (_base("x" * 5000), "which is not there"),
        (_base("detectron2://configs/Base-RCNN-FPN.yaml"), "nothing is fetched"),
        (_base("https://example.org/config.yaml"), "nothing is fetched"),
        (_base("//server/share/config.yaml"), "nothing is fetched"),
        (_base(r"\\server\share\config.yaml"), "nothing is fetched"),
        (_base("../Base-RCNN-C4.yaml"), "which is not there"),
        ("_BASE_: 3", "which is no file"),
        ("_BASE_: [whole.yaml, 3]", "which is no file"),
        ("_BASE_: {a: b}", "which is no file"),
        ("_BASE_: picture.yaml", "it is no text"),
        ("_BASE_: whole.yaml\nMODEL: {MASK_ON: {A: 1}}", "sections under MASK_ON"),
        ("_BASE_: list.yaml", "not a list of keys"),
        ("_BASE_: huge.yaml", "longer than"),
    ],
)
def test_a_base_that_cannot_be_used_ends_in_a_sentence(
    config: str, why: str, tmp_path: Path
) -> None:
    file = _written(
        tmp_path,
        config=config,
        back=_base("config.yaml"),
        whole=FPN,
        list="- a",
        huge="#" * 1_100_000,
    )
    (tmp_path / "picture.yaml").write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(AppError, match=why):
        config_text_of(file)


def test_a_long_chain_of_bases_ends_in_a_sentence(tmp_path: Path) -> None:
    for n in range(30):
        (tmp_path / f"{n}.yaml").write_text(_base(f"{n + 1}.yaml"))
    with pytest.raises(AppError, match="more than 20"):
        config_text_of(tmp_path / "0.yaml")


def test_bases_that_all_build_on_two_others_end_in_a_sentence(tmp_path: Path) -> None:
    """Two to the power of nineteen files would be read."""
    for n in range(19):
        (tmp_path / f"{n}.yaml").write_text(f"_BASE_: [{n + 1}.yaml, {n + 1}.yaml]")
    (tmp_path / "19.yaml").write_text("MODEL: {}")
    with pytest.raises(AppError, match="more than 20"):
        config_text_of(tmp_path / "0.yaml")


def test_a_pipe_is_no_config(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.yaml")
    with pytest.raises(AppError, match="there can be no such file"):
        config_text_of(tmp_path / "config.yaml")


def test_a_config_that_is_not_there_ends_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be read: No such file"):
        config_text_of(tmp_path / "none.yaml")
