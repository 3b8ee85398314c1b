"""What of a fine-tune takes long, what would take less time, and the sentences about it."""

from dataclasses import replace

from core.configs import TrainConfig
from gui.session.probing import Estimate, Probing
from gui.texts import QT_TR_NOOP, n_images, tr
from gui.widgets.setting_words import SCRATCH, SCRATCH_TITLE
from gui.widgets.words import size_text, spoken_duration

HEADS_ONLY = 5
"""freeze_at: no stage of the backbone learns."""
_LAYERS = {
    0: QT_TR_NOOP("All layers"),
    HEADS_ONLY: QT_TR_NOOP("Heads and neck only (frozen backbone, faster)"),
}
"""TrainConfig.freeze_at in words."""
_LONG_S = 30 * 60
_WORTH_IT = 0.7
"""Of the time that it takes now; what saves less is not worth an offer."""


def is_long(estimate: Estimate, config: TrainConfig) -> bool:
    """Whether a fine-tune takes so long that a person should know of other ways."""
    return estimate.device == "cpu" and estimate.seconds(config) > _LONG_S


def lighter(config: TrainConfig) -> tuple[TrainConfig, ...]:
    """What takes less time, the best of it first."""
    if config.weights == SCRATCH:
        return ()
    frozen = replace(config, freeze_at=HEADS_ONLY)
    small = _small(config)
    return (small,) if config.freeze_at == HEADS_ONLY else (frozen, small)


def small_instead(config: TrainConfig) -> TrainConfig | None:
    """What needs no weights and no config of a model; None where it is chosen already."""
    small = _small(config)
    return small if small != config else None


def small_text() -> str:
    """What `small_instead` offers."""
    return tr("{choice}: it needs no start weights.").format(choice=tr(SCRATCH_TITLE))


def _small(config: TrainConfig) -> TrainConfig:
    return replace(config, weights=SCRATCH, model_config="", freeze_at=-1)


def best_of(
    choices: tuple[TrainConfig, ...], probing: Probing, *, now_s: float
) -> TrainConfig | None:
    """The first that is quick enough, else the quickest, of those that save enough time.

    Args:
        choices: the best of them first.
        probing: that knows how long each takes.
        now_s: how long it takes as it is.
    """
    worth = []
    for one in choices:
        seconds = probing.seconds_of(one)
        if seconds is None and not probing.why_not(one):
            return None  # it may be the better offer
        if seconds is not None and seconds < _WORTH_IT * now_s:
            worth.append((seconds, one))
            if seconds <= _LONG_S:
                return one
    return min(worth, key=lambda pair: pair[0])[1] if worth else None


def offer_text(config: TrainConfig, seconds: float) -> str:
    """What is offered, and how long it takes."""
    choice = tr(SCRATCH_TITLE) if config.weights == SCRATCH else layers_text(config.freeze_at)
    return tr("{choice}: about {duration}, measured just now. It learns less well.").format(
        choice=choice, duration=spoken_duration(seconds)
    )


def layers_text(freeze_at: int) -> str:
    """Which layers learn."""
    if freeze_at in _LAYERS:
        return tr(_LAYERS[freeze_at])
    if freeze_at == 1:
        return tr("All but the first stage of the backbone")
    return tr("All but the first %n stages of the backbone", "", freeze_at)


def automatic_layers_text(freeze_at: int | None) -> str:
    """That it is automatic which layers learn, and which; None: that is not known."""
    if freeze_at is None:
        return tr("Automatic: the fewer images, the fewer layers")
    return tr("{layers} (automatic)").format(layers=layers_text(freeze_at))


def time_text(estimate: Estimate, config: TrainConfig) -> str:
    """How long it takes, and what memory."""
    pace = estimate.seconds_per_iteration
    sentence = _duration_sentence(estimate, config).format(
        duration=spoken_duration(estimate.seconds(config)),
        pace=f"{pace:.{1 if pace >= 1 else 2}f}",
    )
    if not estimate.peak_memory_bytes:
        return sentence
    needs = tr("It needs {size} of memory.").format(size=size_text(estimate.peak_memory_bytes))
    return f"{sentence} {needs}"


def passes_text(config: TrainConfig, n_of_images: int) -> str:
    """How often each image is shown, as far as that is known."""
    images = n_images(n_of_images)
    if not (config.iterations and config.batch_size):
        return tr("over {images}").format(images=images)
    n = round(config.iterations * config.batch_size / n_of_images)
    passes = tr("1 pass") if n == 1 else tr("%n passes", "", n)
    return tr("about {passes} over {images}, {batch} at a time").format(
        passes=passes, images=images, batch=config.batch_size
    )


def _duration_sentence(estimate: Estimate, config: TrainConfig) -> str:
    is_cpu = estimate.device == "cpu"
    if not estimate.can_end_early(config):
        cpu = tr("About {duration} on this CPU ({pace} s an iteration, measured just now).")
        gpu = tr("About {duration} on this GPU ({pace} s an iteration, measured just now).")
        return cpu if is_cpu else gpu
    cpu = tr(
        "At most about {duration} on this CPU ({pace} s an iteration, measured just now); it stops"
        " early where AP rises no more."
    )
    gpu = tr(
        "At most about {duration} on this GPU ({pace} s an iteration, measured just now); it stops"
        " early where AP rises no more."
    )
    return cpu if is_cpu else gpu
