"""What a fine-tune is told."""

import math
from dataclasses import dataclass

from core.configs.checks import require, require_one_of, require_share


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """A fine-tune on the done images of a project.

    What is 0, -1 or empty is set from the data and the device (core/configs/recipe.py).
    """

    folder: str
    labels_folder: str = ""
    weights: str = "none"
    """A zoo name, a file, or none for a start from scratch."""
    model_config: str = ""
    out: str = ""
    """The run folder; empty: a new one under .maskloop/runs."""
    iterations: int = 0
    """0: by the number of images to learn from."""
    batch_size: int = 0
    """Images an iteration; 0: what fits the device's memory, 16 at most."""
    optimizer: str = "adamw"
    learning_rate: float = 0.0
    """0: what fits the optimizer, the batch and the start."""
    weight_decay: float = 1e-4
    momentum: float = 0.9
    """For SGD."""
    schedule: str = "cosine"
    """cosine or step."""
    steps: tuple[int, ...] = ()
    """For the step schedule: where the rate is multiplied by gamma."""
    gamma: float = 0.1
    warmup_iterations: int = -1
    """-1: 5 % of the iterations."""
    clip_norm: float = 5.0
    """Gradients are scaled down to this norm; 0: never."""
    freeze_at: int = -1
    """Stages of the backbone that stay as they are (detectron2's FREEZE_AT); -1: by the number of
    images with start weights whose batch norm is frozen, 0 from scratch or where it is live."""
    roi_batch_size: int = 0
    """Regions of an image that the box head learns from (detectron2's BATCH_SIZE_PER_IMAGE); 0: as
    the model's config says."""
    precision: str = "auto"
    """auto: float16 on CUDA; float32, float16 or bfloat16."""
    ema_decay: float = -1.0
    """Of the running mean of the weights, an iteration; 0: none is kept; -1: by the iterations."""
    repeat_threshold: float = -1.0
    """Images of classes in a smaller share of the images than this come more often (Gupta et al.
    2019, LVIS); 0: all come equally often; -1: the usual."""
    flip: bool = True
    scale_jitter: tuple[float, float] = (0.0, 0.0)
    """The image's size is multiplied by a factor drawn from this range; (0, 0): the usual."""
    colour_jitter: float = -1.0
    """Brightness, contrast and saturation change by this share at most; -1: the usual."""
    copy_paste: float = -1.0
    """Share of images that get instances of other images pasted in; -1: the usual."""
    checkpoint_every: int = 200
    evaluate_every: int = 0
    """Iterations between evaluations on the val images; 0: two passes over the train images."""
    patience: int = -1
    """Evaluations without a better AP after which it stops; 0: never; -1: the usual."""
    seed: int = 0
    device: str = "auto"
    threads: int = 0
    """0: all cores but one."""

    def __post_init__(self) -> None:
        require(self.iterations >= 0, "A fine-tune needs at least one iteration.")
        require(self.batch_size >= 0, "A batch has at least one image.")
        require(self.checkpoint_every > 0, "--checkpoint-every is at least 1.")
        require(self.threads >= 0, "--threads is at least 1, or 0 for all cores but one.")
        require(0 <= self.seed < 1 << 63, f"A seed lies between 0 and 2^63, not at {self.seed}.")
        require_one_of("optimizer", self.optimizer, ("adamw", "sgd"))
        require_one_of("schedule", self.schedule, ("cosine", "step"))
        require_one_of("precision", self.precision, ("auto", "float32", "float16", "bfloat16"))
        require(
            math.isfinite(self.learning_rate) and self.learning_rate >= 0,
            f"A learning rate is a positive number, or 0 for the usual, not {self.learning_rate}.",
        )
        require(0 < self.gamma <= 1, f"Gamma lies between 0 and 1, not at {self.gamma}.")
        require(-1 <= self.freeze_at <= 5, f"Stages to freeze: 0 to 5, not {self.freeze_at}.")
        require(self.roi_batch_size >= 0, "The box head learns from at least one region.")
        require_share("ema_decay", self.ema_decay)
        require(self.ema_decay < 1, "A decay of 1 would keep the mean where it began.")
        require_share("repeat_threshold", self.repeat_threshold)
        require_share("colour_jitter", self.colour_jitter)
        require_share("copy_paste", self.copy_paste)
        require(len(self.scale_jitter) == 2, "Scale jitter is two numbers: from and to.")
        low, high = self.scale_jitter
        require(
            0 < low <= high or (low, high) == (0, 0),
            f"Scale jitter goes from small to large, not {low} to {high}.",
        )


@dataclass(frozen=True, slots=True)
class ResumeConfig:
    """Going on with a fine-tune that was cancelled, stopped or killed."""

    run: str
    """Its run folder, which holds all that is needed."""

    def __post_init__(self) -> None:
        require(bool(self.run), "No run is named: give the folder of the run to go on with.")


@dataclass(frozen=True, slots=True)
class ProbeConfig:
    """A few steps of a fine-tune, to say how long it would take."""

    train: TrainConfig
    iterations: int = 3
    """Steps that are measured, after one that is not."""

    def __post_init__(self) -> None:
        require(self.iterations > 0, "A probe needs at least one iteration.")
