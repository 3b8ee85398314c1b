"""A fine-tune in the words of detectron2's config."""

from dataclasses import replace

from core.configs import TrainConfig
from core.configs.recipe import Facts, settled
from core.detectron2_training.settings import as_detectron2_can, solver_options
from core.maskrcnn.config import standard_settings
from core.types import Json

MODEL = standard_settings(50, mask_on=True, num_classes=4)
FACTS = Facts(n_images=80, n_fit=4, from_scratch=False, live_norm=False, is_cuda=False)


def options_of(config: TrainConfig, *, device: str = "cpu", rle: bool = False) -> dict[str, Json]:
    told = settled(as_detectron2_can(config, device), FACTS)
    options = solver_options(told, MODEL, device=device, has_run_lengths=rle, n_workers=3)
    return dict(zip(options[::2], options[1::2], strict=True))


def test_what_it_cannot_do_is_left_out() -> None:
    able = as_detectron2_can(TrainConfig("f", precision="float16"), "cpu")
    assert (able.optimizer, able.precision) == ("sgd", "float32")
    assert (able.ema_decay, able.copy_paste, able.colour_jitter) == (0, 0, 0)
    assert as_detectron2_can(TrainConfig("f", precision="float16"), "cuda:0").precision == "float16"


def test_the_rate_left_open_is_detectron2s_for_the_batch() -> None:
    options = options_of(TrainConfig("f", batch_size=8))
    assert (options["SOLVER.IMS_PER_BATCH"], options["SOLVER.BASE_LR"]) == (8, 0.01)


def test_what_is_said_is_passed_on() -> None:
    config = TrainConfig(
        "f", iterations=90, batch_size=2, learning_rate=0.003, schedule="step", steps=(60, 80, 120),
        gamma=0.2, warmup_iterations=7, momentum=0.8, weight_decay=0.002, clip_norm=1.5, seed=5,
        flip=False, repeat_threshold=0.4,
    )  # fmt: skip
    options = options_of(config)
    assert options["SOLVER.MAX_ITER"] == 90
    assert options["SOLVER.BASE_LR"] == 0.003
    assert options["SOLVER.LR_SCHEDULER_NAME"] == "WarmupMultiStepLR"
    assert options["SOLVER.STEPS"] == (60, 80)  # detectron2 wants none beyond the end
    assert (options["SOLVER.GAMMA"], options["SOLVER.WARMUP_ITERS"]) == (0.2, 7)
    assert (options["SOLVER.MOMENTUM"], options["SOLVER.WEIGHT_DECAY"]) == (0.8, 0.002)
    assert options["SOLVER.CLIP_GRADIENTS.ENABLED"]
    assert options["SOLVER.CLIP_GRADIENTS.CLIP_VALUE"] == 1.5
    assert (options["INPUT.RANDOM_FLIP"], options["SEED"]) == ("none", 5)
    assert (options["DATALOADER.REPEAT_THRESHOLD"], options["DATALOADER.NUM_WORKERS"]) == (0.4, 3)


def test_no_clipping_is_said_as_such() -> None:
    assert not options_of(TrainConfig("f", clip_norm=0))["SOLVER.CLIP_GRADIENTS.ENABLED"]


def test_sizes_vary_around_those_that_the_model_is_tested_at() -> None:
    options = options_of(TrainConfig("f", scale_jitter=(0.5, 1.5)))
    assert options["INPUT.MIN_SIZE_TRAIN"] == (400, 1200)
    assert options["INPUT.MIN_SIZE_TRAIN_SAMPLING"] == "range"
    assert options["INPUT.MAX_SIZE_TRAIN"] == 2000


def test_masks_are_polygons_as_long_as_all_are() -> None:
    assert options_of(TrainConfig("f"))["INPUT.MASK_FORMAT"] == "polygon"
    assert options_of(TrainConfig("f"), rle=True)["INPUT.MASK_FORMAT"] == "bitmask"


def test_half_precision_is_for_cuda() -> None:
    half = replace(TrainConfig("f"), precision="float16")
    assert not options_of(half)["SOLVER.AMP.ENABLED"]
    assert options_of(half, device="cuda")["SOLVER.AMP.ENABLED"]


def test_no_weights_are_downloaded_by_detectron2() -> None:
    assert options_of(TrainConfig("f", weights="mask_rcnn_R_50_FPN_3x"))["MODEL.WEIGHTS"] == ""
