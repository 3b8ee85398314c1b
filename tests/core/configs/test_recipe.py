from dataclasses import replace

import pytest

from core.configs import TrainConfig
from core.configs.recipe import Facts, settled

_FACTS = Facts(n_images=100, n_fit=2, from_scratch=False, live_norm=False, is_cuda=False)
_OPEN = TrainConfig("photos")
_SCRATCH = replace(_FACTS, from_scratch=True, live_norm=True, n_fit=4)


def test_nothing_is_left_open() -> None:
    config = settled(_OPEN, _FACTS)
    assert config.iterations > 0 < config.batch_size
    assert config.learning_rate > 0 < config.evaluate_every
    assert config.scale_jitter[0] > 0
    assert config.precision != "auto"
    shares = (config.ema_decay, config.repeat_threshold, config.colour_jitter, config.copy_paste)
    assert min(config.warmup_iterations, config.freeze_at, config.patience, *shares) >= 0
    assert settled(config, _FACTS) == config


def test_what_is_said_stays() -> None:
    said = TrainConfig(
        "photos", iterations=7, batch_size=3, learning_rate=0.5, evaluate_every=2, freeze_at=0,
        warmup_iterations=0, patience=0, ema_decay=0.0, repeat_threshold=0.0, colour_jitter=0.0,
        copy_paste=0.0, scale_jitter=(1.0, 1.0), precision="bfloat16",
    )  # fmt: skip
    assert settled(said, _FACTS) == said


@pytest.mark.parametrize(
    ("n_images", "n_shown"), [(5, 1_600), (100, 4_000), (500, 12_000), (10_000, 40_000)]
)
def test_iterations_show_each_image_forty_times_within_limits(n_images: int, n_shown: int) -> None:
    facts = replace(_FACTS, n_images=n_images)
    assert settled(replace(_OPEN, batch_size=2), facts).iterations * 2 == n_shown


def test_a_batch_is_what_fits_and_never_more_than_the_images() -> None:
    assert settled(_OPEN, replace(_FACTS, n_fit=8)).batch_size == 8
    assert settled(_OPEN, replace(_FACTS, n_fit=64)).batch_size == 16
    assert settled(_OPEN, replace(_FACTS, n_fit=8, n_images=3)).batch_size == 3


def test_sgds_rate_grows_with_the_batch_and_adamws_with_its_root() -> None:
    sgd = replace(_OPEN, optimizer="sgd")
    assert settled(replace(sgd, batch_size=2), _FACTS).learning_rate == pytest.approx(0.0025)
    assert settled(replace(sgd, batch_size=16), _FACTS).learning_rate == pytest.approx(0.02)
    rates = [settled(replace(_OPEN, batch_size=n), _FACTS).learning_rate for n in (4, 16)]
    assert rates == pytest.approx([1e-4, 2e-4])
    assert settled(replace(_OPEN, batch_size=4), _SCRATCH).learning_rate == pytest.approx(2e-3)


def test_the_fewer_images_the_more_stages_stay() -> None:
    frozen = [settled(_OPEN, replace(_FACTS, n_images=n)).freeze_at for n in (20, 200, 5000)]
    assert frozen == [3, 2, 1]
    assert settled(_OPEN, _SCRATCH).freeze_at == 0


def test_it_is_measured_every_two_passes() -> None:
    assert settled(replace(_OPEN, batch_size=4), _FACTS).evaluate_every == 50
    few = replace(_FACTS, n_images=1)
    assert settled(replace(_OPEN, batch_size=4), few).evaluate_every == 1


def test_half_precision_is_for_cuda() -> None:
    assert settled(_OPEN, _FACTS).precision == "float32"
    assert settled(_OPEN, replace(_FACTS, is_cuda=True)).precision == "float16"


def test_the_running_mean_reaches_back_over_a_twentieth_of_the_run() -> None:
    config = settled(replace(_OPEN, iterations=2000), _FACTS)
    assert 1 / (1 - config.ema_decay) == pytest.approx(100)
    assert settled(replace(_OPEN, iterations=4), _FACTS).ema_decay == 0
