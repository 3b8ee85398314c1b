"""What a fine-tune does where its config leaves the choice."""

from dataclasses import dataclass

from core.configs import TrainConfig


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices that depend on where the weights come from."""

    base_rate: float
    """The learning rate at the top of the schedule."""
    freeze_at: int


def recipe_for(config: TrainConfig, *, from_scratch: bool, live_norm: bool) -> Recipe:
    """The config's own choices, or the usual ones.

    From scratch AdamW learns best at 2e-3 (measured on the small model: 6e-3, or SGD at 0.02, reach
    a third of the AP in the same iterations). Weights that begin well are moved more carefully: a
    big pre-trained backbone with frozen batch norm at a twentieth of it and with its first stages
    kept, a small one with live batch norm at half of it. SGD's rate for 16 images is detectron2's
    0.02, and grows with the batch (Goyal et al. 2017, linear scaling).
    """
    starts_careful = not from_scratch and not live_norm
    if config.optimizer == "adamw":
        usual = 2e-3 if from_scratch else 1e-3 if live_norm else 1e-4
    else:
        usual = 0.02 * config.batch_size / 16
    freeze_at = config.freeze_at if config.freeze_at >= 0 else 2 if starts_careful else 0
    return Recipe(config.learning_rate or usual, freeze_at)
