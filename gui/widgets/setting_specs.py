"""Every setting of a fine-tune as a form shows it: its words, its kind, what leaves it open."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from core.configs import TrainConfig, to_json
from core.types import Json
from gui.texts import QT_TR_NOOP

USUAL: Mapping[str, Json] = MappingProxyType(to_json(TrainConfig("")))
"""What each setting is where nobody says anything."""


class Kind(Enum):
    """What a setting's values are."""

    COUNT = auto()
    """A whole number that a spin box can count to."""
    WHOLE = auto()
    """One of any size."""
    NUMBER = auto()
    NUMBERS = auto()
    COUNTS = auto()
    CHOICE = auto()
    SWITCH = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One setting; texts are English."""

    name: str
    """Of the field of TrainConfig."""
    title: str
    meaning: str
    """In a sentence."""
    kind: Kind
    is_automatic: bool = False
    """Whether its usual value leaves it to be chosen when the run begins."""
    least: int = 0
    """Of a count that is not left open."""
    step: int = 1
    """Of a count."""
    most: int = 2**31 - 1
    """Of a count."""
    choices: tuple[str, ...] = ()
    """Of a CHOICE: values, which are names that everybody knows them by."""


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings that belong together."""

    title: str
    specs: tuple[SettingSpec, ...]


_LENGTH = SettingGroup(
    QT_TR_NOOP("How long"),
    (
        SettingSpec(
            "iterations", QT_TR_NOOP("Iterations"),
            QT_TR_NOOP("Steps of learning; each looks at one batch of images."),
            Kind.COUNT, is_automatic=True, least=1, step=100,
        ),
        SettingSpec(
            "batch_size", QT_TR_NOOP("Images in a batch"),
            QT_TR_NOOP("How many images each step learns from. More need more memory."),
            Kind.COUNT, is_automatic=True, least=1,
        ),
        SettingSpec(
            "evaluate_every", QT_TR_NOOP("Iterations between evaluations"),
            QT_TR_NOOP("How often AP is measured on the val images, to keep the best weights."),
            Kind.COUNT, is_automatic=True, least=1, step=50,
        ),
        SettingSpec(
            "patience", QT_TR_NOOP("Patience"),
            QT_TR_NOOP("It stops after so many evaluations without a better AP; 0: never."),
            Kind.COUNT, is_automatic=True,
        ),
        SettingSpec(
            "checkpoint_every", QT_TR_NOOP("Iterations between checkpoints"),
            QT_TR_NOOP("How often all is written that is needed to go on after a break."),
            Kind.COUNT, least=1, step=50,
        ),
    ),
)  # fmt: skip
_RATE = SettingGroup(
    QT_TR_NOOP("How fast"),
    (
        SettingSpec(
            "optimizer", QT_TR_NOOP("Optimizer"),
            QT_TR_NOOP("What turns gradients into steps: AdamW, or SGD with momentum."),
            Kind.CHOICE, choices=("adamw", "sgd"),
        ),
        SettingSpec(
            "learning_rate", QT_TR_NOOP("Learning rate"),
            QT_TR_NOOP("How large the steps are at the top of the schedule."),
            Kind.NUMBER, is_automatic=True,
        ),
        SettingSpec(
            "warmup_iterations", QT_TR_NOOP("Warm-up iterations"),
            QT_TR_NOOP("Over so many iterations the rate rises from nearly nothing."),
            Kind.COUNT, is_automatic=True, step=10,
        ),
        SettingSpec(
            "schedule", QT_TR_NOOP("Schedule"),
            QT_TR_NOOP("How the rate falls: along a cosine, or in steps."),
            Kind.CHOICE, choices=("cosine", "step"),
        ),
        SettingSpec(
            "steps", QT_TR_NOOP("Steps"),
            QT_TR_NOOP("Of the step schedule: iterations at which the rate falls: 600, 800."),
            Kind.COUNTS,
        ),
        SettingSpec(
            "gamma", QT_TR_NOOP("Gamma"),
            QT_TR_NOOP("Of the step schedule: what the rate is multiplied by at each of them."),
            Kind.NUMBER,
        ),
        SettingSpec(
            "momentum", QT_TR_NOOP("Momentum"),
            QT_TR_NOOP("Of SGD: how much of the last step is in the next."),
            Kind.NUMBER,
        ),
        SettingSpec(
            "weight_decay", QT_TR_NOOP("Weight decay"),
            QT_TR_NOOP("How strongly weights are drawn to zero, which keeps a model plain."),
            Kind.NUMBER,
        ),
        SettingSpec(
            "clip_norm", QT_TR_NOOP("Largest norm of gradients"),
            QT_TR_NOOP("Gradients that are longer are scaled down to this norm; 0: never."),
            Kind.NUMBER,
        ),
    ),
)  # fmt: skip
_MODEL = SettingGroup(
    QT_TR_NOOP("The model"),
    (
        SettingSpec(
            "weights", QT_TR_NOOP("Start weights"),
            QT_TR_NOOP("A published name, a file, or none for a start from scratch."),
            Kind.TEXT,
        ),
        SettingSpec(
            "model_config", QT_TR_NOOP("Config of the model"),
            QT_TR_NOOP("A config.yaml of detectron2; empty: the one beside the weights."),
            Kind.TEXT,
        ),
        SettingSpec(
            "freeze_at", QT_TR_NOOP("Frozen stages"),
            QT_TR_NOOP("So many of the backbone's five stages stay as they are; 0: none."),
            Kind.COUNT, is_automatic=True, most=5,
        ),
        SettingSpec(
            "roi_batch_size", QT_TR_NOOP("Regions of an image"),
            QT_TR_NOOP("How many regions of an image the box head learns from."),
            Kind.COUNT, is_automatic=True, least=1, step=64,
        ),
        SettingSpec(
            "ema_decay", QT_TR_NOOP("Decay of the running mean"),
            QT_TR_NOOP(
                "A running mean of the weights is kept beside them, and the better of both is"
                " saved; 0: none is kept."
            ),
            Kind.NUMBER, is_automatic=True,
        ),
    ),
)  # fmt: skip
_IMAGES = SettingGroup(
    QT_TR_NOOP("How images are shown"),
    (
        SettingSpec(
            "flip", QT_TR_NOOP("Flip"),
            QT_TR_NOOP("Half of the images are shown mirrored, left to right."),
            Kind.SWITCH,
        ),
        SettingSpec(
            "scale_jitter", QT_TR_NOOP("Scale jitter"),
            QT_TR_NOOP("Images are shown smaller or larger, by a factor of this range: 0.5, 1.5."),
            Kind.NUMBERS, is_automatic=True,
        ),
        SettingSpec(
            "colour_jitter", QT_TR_NOOP("Colour jitter"),
            QT_TR_NOOP("Brightness, contrast and saturation change by this share at most."),
            Kind.NUMBER, is_automatic=True,
        ),
        SettingSpec(
            "copy_paste", QT_TR_NOOP("Copy and paste"),
            QT_TR_NOOP("The share of images that get instances of other images pasted in."),
            Kind.NUMBER, is_automatic=True,
        ),
        SettingSpec(
            "repeat_threshold", QT_TR_NOOP("Repeat threshold"),
            QT_TR_NOOP(
                "Images of classes that are in a smaller share of the images come more often; 0:"
                " all come equally often."
            ),
            Kind.NUMBER, is_automatic=True,
        ),
        SettingSpec(
            "seed", QT_TR_NOOP("Seed"),
            QT_TR_NOOP("Decides all that is drawn by chance; the same seed gives the same run."),
            Kind.WHOLE,
        ),
    ),
)  # fmt: skip
_MACHINE = SettingGroup(
    QT_TR_NOOP("The machine"),
    (
        SettingSpec(
            "device", QT_TR_NOOP("Device"),
            QT_TR_NOOP("What computes: auto, cpu, cuda, cuda:1, mps."),
            Kind.TEXT, is_automatic=True,
        ),
        SettingSpec(
            "precision", QT_TR_NOOP("Precision"),
            QT_TR_NOOP("Of the numbers that are computed with; 16 bits are faster on a GPU."),
            Kind.CHOICE, is_automatic=True, choices=("float32", "float16", "bfloat16"),
        ),
        SettingSpec(
            "threads", QT_TR_NOOP("Threads"),
            QT_TR_NOOP("How many cores of the CPU it takes."),
            Kind.COUNT, is_automatic=True, least=1,
        ),
        SettingSpec(
            "engine", QT_TR_NOOP("Engine"),
            QT_TR_NOOP("Whose loop learns: the built-in one, or detectron2's if it is installed."),
            Kind.CHOICE, choices=("maskrcnn", "detectron2"),
        ),
    ),
)  # fmt: skip
GROUPS = (_LENGTH, _RATE, _MODEL, _IMAGES, _MACHINE)
"""All that can be set, in the order in which it shows."""
