"""What a fine-tune is told, in the words of detectron2's config."""

from dataclasses import replace

from core.configs import TrainConfig
from core.maskrcnn.settings import ModelSettings
from core.types import Json

_SCHEDULES = {"cosine": "WarmupCosineLR", "step": "WarmupMultiStepLR"}
_WARMUP_FROM = 0.001  # detectron2's own default, and this program's


def as_detectron2_can(config: TrainConfig, device: str) -> TrainConfig:
    """The config without what detectron2's loop does not do.

    It knows SGD alone, no running mean of the weights, no pasting, no other colours, and half
    precision on CUDA only.
    """
    is_cuda = device.startswith("cuda")
    return replace(
        config,
        optimizer="sgd",
        ema_decay=0.0,
        copy_paste=0.0,
        colour_jitter=0.0,
        precision=config.precision if is_cuda else "float32",
    )


def solver_options(
    config: TrainConfig, model: ModelSettings, *, device: str, has_run_lengths: bool, n_workers: int
) -> list[Json]:
    """Names and values in turn, as CfgNode.merge_from_list takes them, on top of the config.yaml.

    Gradients are clipped as detectron2 does: each parameter's by itself.

    Args:
        config: with every choice made.
        model: what the config.yaml says.
        device: cpu or cuda.
        has_run_lengths: whether some masks are no polygons.
        n_workers: processes that load images.
    """
    low, high = config.scale_jitter
    options = {
        "SOLVER.MAX_ITER": config.iterations,
        "SOLVER.IMS_PER_BATCH": config.batch_size,
        "SOLVER.BASE_LR": config.learning_rate,
        "SOLVER.MOMENTUM": config.momentum,
        "SOLVER.WEIGHT_DECAY": config.weight_decay,
        "SOLVER.LR_SCHEDULER_NAME": _SCHEDULES[config.schedule],
        "SOLVER.STEPS": tuple(step for step in config.steps if step < config.iterations),
        "SOLVER.GAMMA": config.gamma,
        "SOLVER.WARMUP_ITERS": config.warmup_iterations,
        "SOLVER.WARMUP_FACTOR": _WARMUP_FROM,
        "SOLVER.AMP.ENABLED": config.precision != "float32",
        "SOLVER.CLIP_GRADIENTS.ENABLED": config.clip_norm > 0,
        "SOLVER.CLIP_GRADIENTS.CLIP_TYPE": "norm",
        "SOLVER.CLIP_GRADIENTS.CLIP_VALUE": config.clip_norm or 1.0,
        "INPUT.MIN_SIZE_TRAIN": (
            max(1, round(low * model.min_size_test)),
            max(1, round(high * model.min_size_test)),
        ),
        "INPUT.MIN_SIZE_TRAIN_SAMPLING": "range",
        "INPUT.MAX_SIZE_TRAIN": max(1, round(high * model.max_size_test)),
        "INPUT.RANDOM_FLIP": "horizontal" if config.flip else "none",
        "INPUT.MASK_FORMAT": "bitmask" if has_run_lengths else "polygon",
        "DATALOADER.NUM_WORKERS": n_workers,
        "DATALOADER.REPEAT_THRESHOLD": config.repeat_threshold,
        "MODEL.WEIGHTS": "",
        "MODEL.DEVICE": device,
        "SEED": config.seed,
    }
    return [one for pair in options.items() for one in pair]
