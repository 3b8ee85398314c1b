"""A file of settings is Maskloop's, or the config.yaml of a run that detectron2 made."""

from pathlib import Path

import pytest
import yaml

from core.cli.settings import settings_in
from core.configs import TrainConfig
from core.configs.overriding import overridden
from core.errors import AppError

ADDRESS = "https://dl.fbaipublicfiles.com/detectron2/"
R50 = "COCO-InstanceSegmentation/mask_rcnn_R_50_FPN_3x/137849600/model_final_f10217.pkl"
WRITTEN = {
    "VERSION": 2, "OUTPUT_DIR": "./output", "SEED": -1, "CUDNN_BENCHMARK": False,
    "DATASETS": {"TRAIN": ["fruit_train"], "TEST": ["fruit_val"]},
    "DATALOADER": {"NUM_WORKERS": 4, "SAMPLER_TRAIN": "TrainingSampler", "REPEAT_THRESHOLD": 0.5},
    "INPUT": {"FORMAT": "BGR", "RANDOM_FLIP": "none", "MIN_SIZE_TRAIN": [640, 800]},
    "MODEL": {
        "DEVICE": "cuda", "WEIGHTS": ADDRESS + R50, "MASK_ON": True,
        "BACKBONE": {"FREEZE_AT": 2, "NAME": "build_resnet_fpn_backbone"},
        "ROI_HEADS": {"NUM_CLASSES": 4, "BATCH_SIZE_PER_IMAGE": 128},
    },
    "SOLVER": {
        "IMS_PER_BATCH": 2, "BASE_LR": 0.00025, "BASE_LR_END": 0.0, "MAX_ITER": 300, "STEPS": [],
        "LR_SCHEDULER_NAME": "WarmupMultiStepLR", "AMP": {"ENABLED": False},
        "CLIP_GRADIENTS": {"ENABLED": False, "CLIP_TYPE": "value", "CLIP_VALUE": 1.0},
    },
}  # fmt: skip


def written(folder: Path, **sections: dict[str, object]) -> Path:
    """A config.yaml as detectron2 writes it, with these sections otherwise."""
    file = folder / "config.yaml"
    value = {name: {**WRITTEN[name], **more} for name, more in sections.items()}  # type: ignore[dict-item]
    file.write_text(yaml.safe_dump({**WRITTEN, **value}))
    return file


def test_of_a_config_that_detectron2_wrote_the_settings_are_taken(tmp_path: Path) -> None:
    settings, _ = settings_in(written(tmp_path))
    config = overridden(TrainConfig("photos"), settings)
    assert (config.learning_rate, config.iterations, config.batch_size) == (0.00025, 300, 2)
    assert (config.optimizer, config.steps, config.clip_norm) == ("sgd", (), 0)
    assert (config.freeze_at, config.roi_batch_size, config.flip) == (2, 128, False)
    assert config.weights == "mask_rcnn_R_50_FPN_3x"
    assert config.device == "auto"
    assert config.repeat_threshold == 0  # its sampler does not read it


def test_what_is_left_out_of_it_is_one_sentence(tmp_path: Path) -> None:
    _, sentences = settings_in(written(tmp_path))
    assert sentences == (
        "Of config.yaml, 12 settings were left out that a fine-tune here does not have:"
        " 1 of CUDNN_BENCHMARK, 1 of DATALOADER, 2 of DATASETS, 2 of INPUT, 3 of MODEL,"
        " 1 of OUTPUT_DIR, 1 of SOLVER, 1 of VERSION.",
    )


def test_a_schedule_that_is_not_known_here_is_left_out(tmp_path: Path) -> None:
    settings, _ = settings_in(written(tmp_path, SOLVER={"LR_SCHEDULER_NAME": "LRMultiplier"}))
    assert overridden(TrainConfig("photos"), settings).schedule == "step"
    assert "SOLVER.LR_SCHEDULER_NAME" not in settings


def test_clipping_by_value_is_not_taken_for_clipping_by_norm(tmp_path: Path) -> None:
    by_value = {"ENABLED": True, "CLIP_TYPE": "value", "CLIP_VALUE": 1.0}
    settings, _ = settings_in(written(tmp_path, SOLVER={"CLIP_GRADIENTS": by_value}))
    assert overridden(TrainConfig("photos"), settings).clip_norm == 0
    by_norm = {**by_value, "CLIP_TYPE": "norm"}
    settings, _ = settings_in(written(tmp_path, SOLVER={"CLIP_GRADIENTS": by_norm}))
    assert overridden(TrainConfig("photos"), settings).clip_norm == 1


def test_its_weights_are_found_beside_it_or_told_to_be_missing(tmp_path: Path) -> None:
    file = written(tmp_path, MODEL={"WEIGHTS": "start.pth"})
    settings, sentences = settings_in(file)
    assert "MODEL.WEIGHTS" not in settings
    assert "start.pth, are not here" in sentences[-1]
    (tmp_path / "start.pth").touch()
    settings, sentences = settings_in(file)
    assert settings["MODEL.WEIGHTS"] == str(tmp_path / "start.pth")
    assert len(sentences) == 1


def test_a_few_names_of_its_recipe_are_taken_with_what_is_beside_them(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text("{SOLVER: {BASE_LR: 0.1}, INPUT: {FORMAT: BGR}, MODEL: {DEVICE: cpu}}")
    settings, sentences = settings_in(file)
    assert settings == {"SOLVER.BASE_LR": 0.1, "MODEL.DEVICE": "cpu"}
    assert sentences == (
        "Of recipe.yaml, INPUT.FORMAT was left out: a fine-tune here has no such setting.",
    )


@pytest.mark.parametrize("text", ["SOLVER: {BASE_LRR: 0.1}", "batchsize: 3", "folder: elsewhere"])
def test_a_slip_is_refused_and_not_left_out(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    with pytest.raises(AppError, match="There is no setting named"):
        settings_in(file)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be read"):
        settings_in(tmp_path / "none.yaml")
