"""What a fine-tune does where its config leaves the choice: set from the data and the device.

Sources: AdamW learns best from scratch at 2e-3 (measured on the small model: 6e-3, or SGD at 0.02,
reach a third of the AP in the same iterations). Weights that begin well are moved more carefully:
a big pre-trained backbone with frozen batch norm at a twentieth of it, a small one with live batch
norm at half of it. SGD's rate for 16 images is detectron2's 0.02 and grows with the batch (Goyal
et al. 2017, linear scaling); AdamW's with its square root (Malladi et al. 2022). Sizes vary by the
standard jitter of Ghiasi et al. 2021, 0.8 to 1.25; the large one is for longer runs (0.5 to 1.5
gave 28 mask AP for 38 on 50 drawn images in 900 iterations, one seed). Copy-paste of the same
source needs time too: not from scratch. On 50 harder drawn images (tests/bench/small_data.py, one
seed, 150 s of a core each) this gave 12.3 mask AP (95 % interval 10.4 to 15.3), with pasting 11.1,
without colours 11.5; 0.5 to 1.5 with pasting 9.8; flips alone 6.6 (5.2 to 8.9). On 200, of which
the same time makes 20 passes, it gave 15.0 (13.5 to 17.5), flips alone 14.1 (12.5 to 16.6), three
seeds each.
"""

import math
from dataclasses import dataclass, replace

from core.configs.training import TrainConfig

_PASSES = 40
_FEWEST_SHOWN, _MOST_SHOWN = 1_600, 12_000
"""Images shown in a run, whatever the passes: fewer teach too little, and more take hours."""
_PASSES_OF_MANY = 4
_FEW_IMAGES, _MANY_IMAGES = 50, 2_000
_PASSES_BETWEEN_EVALUATIONS = 2
_PATIENCE, _PATIENT_FOR = 10, 0.25
"""Evaluations, and the share of a run, without a better AP: a few val images make lucky numbers."""
_MEAN_OVER = 0.05  # of the iterations: how far back the running mean of the weights reaches
_LARGEST_BATCH = 16
_ADAMW_BATCH, _SGD_BATCH = 4, 16


@dataclass(frozen=True, slots=True)
class Facts:
    """What the choices follow from."""

    n_images: int
    """To learn from."""
    n_fit: int
    """Images that fit the device's memory at a time."""
    from_scratch: bool
    live_norm: bool
    """Whether the batch norm of the model learns."""
    is_cuda: bool
    n_devices: int = 1
    """That learn together, each from its share of a batch."""

    @property
    def starts_careful(self) -> bool:
        """Whether good features are there that much learning would spoil."""
        return not self.from_scratch and not self.live_norm


def settled(config: TrainConfig, facts: Facts) -> TrainConfig:
    """The config with every choice made; what it says already stays."""
    batch_size = config.batch_size or usual_batch(facts)
    iterations = config.iterations or math.ceil(_n_shown(facts.n_images) / batch_size)
    per_pass = facts.n_images / batch_size
    two_passes = max(1, round(_PASSES_BETWEEN_EVALUATIONS * per_pass))
    evaluate_every = config.evaluate_every or two_passes
    usual = {
        "batch_size": batch_size,
        "iterations": iterations,
        "learning_rate": config.learning_rate or usual_rate(config, batch_size, facts),
        "evaluate_every": evaluate_every,
        "warmup_iterations": _given(config.warmup_iterations, round(0.05 * iterations)),
        "freeze_at": _given(config.freeze_at, usual_frozen(facts)),
        "patience": _given(config.patience, _usual_patience(iterations, evaluate_every)),
        "ema_decay": _given(config.ema_decay, max(0.0, 1 - 1 / max(1, _MEAN_OVER * iterations))),
        "repeat_threshold": _given(config.repeat_threshold, 0.3),
        "colour_jitter": _given(config.colour_jitter, 0.2),
        "copy_paste": _given(config.copy_paste, 0.0 if facts.from_scratch else 0.3),
        "scale_jitter": config.scale_jitter if config.scale_jitter[1] else (0.8, 1.25),
        "precision": config.precision
        if config.precision != "auto"
        else ("float16" if facts.is_cuda else "float32"),
    }
    return replace(config, **usual)  # type: ignore[arg-type]  # each value is of its field


def usual_batch(facts: Facts) -> int:
    """Images an iteration: as many on each device as fit, and no more than there are."""
    each = min(_LARGEST_BATCH, facts.n_fit, facts.n_images // facts.n_devices)
    return facts.n_devices * max(1, each)


def usual_rate(config: TrainConfig, batch_size: int, facts: Facts) -> float:
    """The learning rate at the top of the schedule."""
    if config.optimizer == "sgd":
        return 0.02 * batch_size / _SGD_BATCH
    for_four = 2e-3 if facts.from_scratch else 1e-3 if facts.live_norm else 1e-4
    return for_four * math.sqrt(batch_size / _ADAMW_BATCH)


def usual_frozen(facts: Facts) -> int:
    """Stages that stay as they are: the fewer images, the more."""
    if not facts.starts_careful:
        return 0
    return 3 if facts.n_images < _FEW_IMAGES else 2 if facts.n_images < _MANY_IMAGES else 1


def _usual_patience(iterations: int, evaluate_every: int) -> int:
    return max(_PATIENCE, math.ceil(_PATIENT_FOR * iterations / evaluate_every))


def _n_shown(n_images: int) -> int:
    most = max(_MOST_SHOWN, _PASSES_OF_MANY * n_images)
    return min(max(_PASSES * n_images, _FEWEST_SHOWN), most)


def _given(value: float, usual: float) -> float:
    return usual if value < 0 else value
