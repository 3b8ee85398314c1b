"""How long a fine-tune takes, from what a probe measured."""

from dataclasses import replace

import pytest

from core.configs import TrainConfig
from core.configs.recipe import Facts
from gui.session.probing import Estimate

FACTS = Facts(n_images=10, n_fit=2, from_scratch=True, live_norm=True, is_cuda=False)
MEASURED = Estimate(2.0, 0.5, 4, "cpu", None, FACTS)
SAID = TrainConfig("", iterations=90, batch_size=2, evaluate_every=20, ema_decay=0.0)


def test_the_evaluations_on_the_way_count_and_one_before_and_after() -> None:
    assert MEASURED.seconds(SAID) == 90 * 2.0 + (5 + 2) * 4 * 0.5


def test_the_running_mean_is_measured_beside_the_weights() -> None:
    with_mean = replace(SAID, ema_decay=0.9)
    assert MEASURED.seconds(with_mean) == 90 * 2.0 + (2 * 5 + 2) * 4 * 0.5


def test_what_is_left_open_is_chosen_from_what_was_measured() -> None:
    chosen = MEASURED.settled(TrainConfig(""))
    assert (chosen.batch_size, chosen.iterations, chosen.evaluate_every) == (2, 800, 10)
    assert MEASURED.seconds(TrainConfig("")) == MEASURED.seconds(chosen)


@pytest.mark.parametrize(
    ("n_val", "patience", "can"), [(4, -1, True), (0, -1, False), (4, 0, False)]
)
def test_it_can_end_early_where_it_is_measured_and_has_no_endless_patience(
    n_val: int, patience: int, can: bool
) -> None:
    measured = replace(MEASURED, n_val=n_val)
    assert measured.can_end_early(replace(SAID, patience=patience)) is can
