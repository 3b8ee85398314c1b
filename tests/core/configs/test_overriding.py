import re

import pytest

from core.configs import TrainConfig, from_json
from core.configs.overriding import (
    NAMES,
    detectron2_name,
    known_here,
    overridden,
    parsed,
    read_settings,
    settings_text,
)
from core.errors import AppError

_CONFIG = TrainConfig("photos", weights="mask_rcnn_R_50_FPN_3x")
_COPIED = """
SOLVER:
  IMS_PER_BATCH: 2
  BASE_LR: 0.00025
  MAX_ITER: 300
  STEPS: []
MODEL:
  ROI_HEADS: {BATCH_SIZE_PER_IMAGE: 128, NUM_CLASSES: 4}
  BACKBONE: {FREEZE_AT: 2}
"""
_WRITTEN = """
INPUT:
  MIN_SIZE_TRAIN: [800]
MODEL:
  MASK_ON: true
  ROI_HEADS: {NUM_CLASSES: 80}
OUTPUT_DIR: ./output
SEED: -1
SOLVER:
  AMP: {ENABLED: false}
  BASE_LR: 0.001
  CLIP_GRADIENTS: {CLIP_VALUE: 1.0, ENABLED: false}
  LR_SCHEDULER_NAME: WarmupMultiStepLR
  STEPS: [30000]
"""


def test_a_setting_has_the_type_of_its_field() -> None:
    pairs = ["batch_size=8", "learning_rate=1e-4", "flip=false", "precision=bfloat16"]
    config = overridden(_CONFIG, parsed(pairs))
    assert (config.batch_size, config.learning_rate) == (8, 1e-4)
    assert (config.flip, config.precision) == (False, "bfloat16")


@pytest.mark.parametrize("text", ["60,80", "(60, 80)", "[60, 80]"])
def test_steps_are_written_as_people_write_them(text: str) -> None:
    assert overridden(_CONFIG, parsed([f"SOLVER.STEPS={text}"])).steps == (60, 80)


def test_a_single_step_needs_no_brackets() -> None:
    assert overridden(_CONFIG, parsed(["steps=60"])).steps == (60,)


def test_detectron2s_names_mean_what_they_mean_there() -> None:
    config = overridden(_CONFIG, read_settings(_COPIED))
    assert (config.optimizer, config.schedule, config.momentum) == ("sgd", "step", 0.9)
    assert (config.batch_size, config.learning_rate, config.iterations) == (2, 0.00025, 300)
    assert (config.warmup_iterations, config.steps, config.clip_norm) == (1000, (), 0)
    assert (config.roi_batch_size, config.freeze_at) == (128, 2)
    assert config.ema_decay == config.copy_paste == config.repeat_threshold == 0
    assert config.weights == _CONFIG.weights


def test_a_config_that_detectron2_wrote_reads_whole() -> None:
    settings, others = known_here(read_settings(_WRITTEN))
    config = overridden(_CONFIG, settings)
    assert (config.seed, config.clip_norm, config.precision) == (0, 0, "float32")
    assert (config.learning_rate, config.steps) == (0.001, (30_000,))
    assert others == ("INPUT.MIN_SIZE_TRAIN", "MODEL.MASK_ON", "OUTPUT_DIR")


def test_of_the_model_alone_the_recipe_stays() -> None:
    config = overridden(_CONFIG, {"MODEL.BACKBONE.FREEZE_AT": 3})
    assert config.freeze_at == 3
    assert config.optimizer == "adamw"


def test_its_schedule_and_mixed_precision_are_ours_under_other_names() -> None:
    names = {"SOLVER.LR_SCHEDULER_NAME": "WarmupCosineLR", "SOLVER.AMP.ENABLED": True}
    config = overridden(_CONFIG, names)
    assert (config.schedule, config.precision) == ("cosine", "float16")


def test_the_number_of_classes_is_the_projects() -> None:
    assert overridden(_CONFIG, {"MODEL.ROI_HEADS.NUM_CLASSES": 7}) == _CONFIG


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("SOLVER.BASE_LRR=1", "SOLVER.BASE_LR meant"),
        ("batch=1", "batch_size meant"),
        ("folder=elsewhere", "no setting named folder"),
        ("batch_size=two", "batch_size is a whole number, not “two”"),
        ("batch_size=True", "batch_size is a whole number, not true"),
        ("batch_size=-1", "images in a batch is a whole number from 1 on .or 0: automatic., not"),
        ("checkpoint_every=0", "between checkpoints is a whole number from 1 on, not 0"),
        ("learning_rate=fast", "learning_rate is a number, not “fast”"),
        ("learning_rate=-1", "learning rate is a number from 0 on .0: automatic., not -1"),
        ("weight_decay=1e999", "weight decay is a number from 0 on .0: none., not inf"),
        ("momentum=1", "momentum is a number from 0 to below 1, not 1"),
        ("ema_decay=2", "running mean is a number from 0 to 1 .or -1: automatic., not 2"),
        ("flip=maybe", "flip is true or false, not “maybe”"),
        ("steps=soon", "steps is whole numbers with commas between them"),
        ("steps=0", "each from 1 on"),
        ("optimizer=5", "optimizer is adamw or sgd, not 5"),
        ("scale_jitter=1", "scale_jitter is 2 numbers with commas between them, not"),
        ("patience=-2", "patience, in evaluations, is a whole number from 0 on"),
        ("freeze_at=6", "frozen stages is 0 to 5"),
        ("seed=-1", "seed is a whole number from 0 on"),
        ("SOLVER.LR_SCHEDULER_NAME=Steps", "WarmupCosineLR"),
        ("scale_jitter=2,1", "the smaller one first: 0.8, 1.25; not 2, 1"),
        ("batch_size", "KEY=VALUE"),
    ],
)
def test_what_cannot_be_set_is_a_sentence(pair: str, says: str) -> None:
    with pytest.raises(AppError, match=says):
        overridden(_CONFIG, parsed([pair]))


@pytest.mark.parametrize("text", ["- 1", "words", "a: [", "", "[" * 5000, "a: 2026-13-45"])
def test_a_file_without_settings_is_a_sentence(text: str) -> None:
    with pytest.raises(AppError, match="settings"):
        read_settings(text)


def test_a_sentence_about_a_setting_names_no_class_and_no_type_of_a_language() -> None:
    for pair in ("batch_size=two", "learning_rate=fast", "flip=maybe", "scale_jitter=1", "gamma=x"):
        with pytest.raises(AppError) as refused:
            overridden(_CONFIG, parsed([pair]))
        words = set(re.findall("[A-Za-z]+", str(refused.value)))
        assert not words & {"int", "float", "bool", "str", "tuple", "NoneType", "TrainConfig"}


def test_weights_may_be_called_as_a_number_is() -> None:
    assert overridden(_CONFIG, parsed(["weights=007"])).weights == "007"


def test_what_has_no_usual_value_and_is_left_out_is_named() -> None:
    with pytest.raises(AppError, match="The setting folder is missing"):
        from_json(TrainConfig, {})
    with pytest.raises(AppError, match="names with values, not 5"):
        from_json(TrainConfig, 5)


def test_every_setting_can_be_set_but_where_the_project_lies() -> None:
    assert {"batch_size", "weights", "seed", "patience"} <= set(NAMES)
    assert not {"folder", "labels_folder", "out"} & set(NAMES)


@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_written_down_reads_as_it_was(as_json: bool) -> None:
    config = TrainConfig(
        "photos", weights="naïve: 1.pth", learning_rate=1e-5, steps=(60, 80), flip=False,
        scale_jitter=(0.8, 1.2),
    )  # fmt: skip
    text = settings_text(config, as_json=as_json)
    assert overridden(TrainConfig("photos"), read_settings(text)) == config


def test_what_is_left_open_is_not_written_down() -> None:
    assert settings_text(_CONFIG) == "weights: mask_rcnn_R_50_FPN_3x\n"


def test_what_is_of_the_model_or_its_data_is_told_apart() -> None:
    settings = read_settings("{SOLVER: {BASE_LR: 0.1}, INPUT: {FORMAT: BGR}, VERSION: 2, seed: 3}")
    assert known_here(settings) == (
        {"SOLVER.BASE_LR": 0.1, "seed": 3},
        ("INPUT.FORMAT", "VERSION"),
    )


def test_a_setting_has_a_name_in_detectron2_where_there_is_one_like_it() -> None:
    assert detectron2_name("learning_rate") == "SOLVER.BASE_LR"
    assert detectron2_name("schedule") == "SOLVER.LR_SCHEDULER_NAME"
    assert detectron2_name("copy_paste") == ""
