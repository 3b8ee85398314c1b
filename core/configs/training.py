"""What a fine-tune is told."""

import math
from dataclasses import dataclass

from core.configs.checks import (
    require,
    require_from,
    require_number,
    require_one_of,
    require_share,
)


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
    engine: str = "maskrcnn"
    """Whose loop learns: maskrcnn, which is this program's, or detectron2 where it is installed."""

    def __post_init__(self) -> None:
        require_one_of("engine", self.engine, ("maskrcnn", "detectron2"))
        self._check_counts()
        self._check_rates()
        self._check_shown()

    def _check_counts(self) -> None:
        automatic, usual = "0: automatic", "-1: automatic"
        require_from(1, "number of iterations", self.iterations, otherwise=automatic)
        require_from(1, "number of images in a batch", self.batch_size, otherwise=automatic)
        require_from(1, "number of regions of an image", self.roi_batch_size, otherwise=automatic)
        between = "number of iterations between"
        require_from(1, f"{between} evaluations", self.evaluate_every, otherwise=automatic)
        require_from(1, f"{between} checkpoints", self.checkpoint_every)
        require_from(0, "number of warm-up iterations", self.warmup_iterations, otherwise=usual)
        require_from(0, "patience, in evaluations,", self.patience, otherwise=usual)
        require_from(1, "number of threads", self.threads, otherwise="0: all cores but one")
        require(
            -1 <= self.freeze_at <= 5,
            f"The number of frozen stages is 0 to 5 (or -1: automatic), not {self.freeze_at}.",
        )
        require(
            0 <= self.seed < 1 << 63,
            f"The seed is a whole number from 0 on, of 18 digits at most, not {self.seed}.",
        )
        require(
            all(step > 0 for step in self.steps),
            "Steps are iterations at which the rate falls, each from 1 on: 600, 800.",
        )

    def _check_rates(self) -> None:
        require_one_of("optimizer", self.optimizer, ("adamw", "sgd"))
        require_one_of("schedule", self.schedule, ("cosine", "step"))
        require_one_of("precision", self.precision, ("auto", "float32", "float16", "bfloat16"))
        require_number("learning rate", self.learning_rate, otherwise="0: automatic")
        require_number("weight decay", self.weight_decay, otherwise="0: none")
        require_number("largest norm of gradients", self.clip_norm, otherwise="0: no limit")
        require(
            0 <= self.momentum < 1,
            f"The momentum is a number from 0 to below 1, not {self.momentum:g}.",
        )
        require(
            0 < self.gamma <= 1,
            f"Gamma is a number above 0 and up to 1, which the rate is multiplied by; not"
            f" {self.gamma:g}.",
        )
        require_share("decay of the running mean", self.ema_decay)
        require(
            self.ema_decay < 1,
            "The decay of the running mean is below 1: at 1 the mean would stay where it began.",
        )

    def _check_shown(self) -> None:
        require_share("repeat threshold", self.repeat_threshold)
        require_share("colour jitter", self.colour_jitter)
        require_share("share of images for copy and paste", self.copy_paste)
        factors = "Scale jitter is two factors above 0, the smaller one first: 0.8, 1.25; not"
        shown = ", ".join(f"{one:g}" for one in self.scale_jitter)
        require(len(self.scale_jitter) == 2, f"{factors} {shown or 'empty'}.")
        low, high = self.scale_jitter
        require(
            0 < low <= high < math.inf or (low, high) == (0, 0),
            f"{factors} {shown}.",
        )


@dataclass(frozen=True, slots=True)
class ResumeConfig:
    """Going on with a fine-tune that was cancelled, stopped or killed."""

    run: str
    """Its run folder, which holds all that is needed."""
    device: str = ""
    """Another one than it began with; empty: the same."""

    def __post_init__(self) -> None:
        require(bool(self.run), "No run is named: give the folder of the run to go on with.")


@dataclass(frozen=True, slots=True)
class ProbeConfig:
    """A few steps of a fine-tune, to say how long it would take."""

    train: TrainConfig
    iterations: int = 3
    """Steps that are measured, after one that is not."""

    def __post_init__(self) -> None:
        require(self.iterations > 0, "A probe measures at least one iteration.")
