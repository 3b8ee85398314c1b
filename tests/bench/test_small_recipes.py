"""The recipes of small_data.py, and how many iterations make a budget."""

import pytest

from core.configs import TrainConfig
from core.configs.recipe import Facts, settled
from tests.bench._small_recipes import Pace, pace_of, recipe_of

_START = TrainConfig("", seed=2, threads=1)
_FROM_WEIGHTS = TrainConfig("", weights="hats.pth")


def test_the_recipe_that_sets_itself_is_told_nothing_but_how_long() -> None:
    config = recipe_of("self-setting").config(_START, 70)
    assert config == TrainConfig("", seed=2, threads=1, iterations=70)


def test_the_copied_recipe_warms_up_for_longer_than_it_runs() -> None:
    config = recipe_of("copied").config(_START, 300)
    assert (config.optimizer, config.learning_rate, config.batch_size) == ("sgd", 0.00025, 2)
    assert (config.iterations, config.warmup_iterations, config.steps) == (300, 1000, ())
    assert config.evaluate_every == 300


def test_the_tuned_recipe_takes_what_the_start_asks_for() -> None:
    scratch = recipe_of("tuned").config(_START, 300)
    tuned = recipe_of("tuned").config(_FROM_WEIGHTS, 300)
    assert (scratch.optimizer, scratch.learning_rate, scratch.batch_size) == ("adamw", 2e-3, 4)
    assert (tuned.optimizer, tuned.learning_rate, tuned.batch_size) == ("sgd", 0.0025, 2)


@pytest.mark.parametrize("start", [_START, _FROM_WEIGHTS])
def test_a_fixed_recipe_leaves_nothing_to_be_set_that_varies_its_images(start: TrainConfig) -> None:
    config = recipe_of("tuned").config(start, 300)
    facts = Facts(n_images=40, n_fit=4, from_scratch=True, live_norm=True, is_cuda=False)
    run = settled(config, facts)
    assert (run.scale_jitter, run.colour_jitter, run.copy_paste) == ((1.0, 1.0), 0.0, 0.0)
    assert (run.ema_decay, run.patience, run.warmup_iterations) == (0.0, 0, 15)


def test_a_named_recipe_differs_from_its_base_in_what_is_said() -> None:
    recipe = recipe_of("calm=self-setting:copy_paste=0;scale_jitter=(0.8, 1.25)")
    config = recipe.config(_START, 10)
    assert (recipe.name, config.copy_paste, config.scale_jitter) == ("calm", 0.0, (0.8, 1.25))


def test_there_is_no_other_base() -> None:
    with pytest.raises(ValueError, match="self-setting, copied, tuned"):
        recipe_of("best")


def test_a_budget_pays_for_the_evaluations_too() -> None:
    pace = Pace(start=2.0, step=0.5, evaluation=3.0, evaluate_every=6)
    assert pace.iterations(105.0) == 100  # 100 steps of .5 + .5, the last look and the start


def test_there_is_at_least_one_iteration() -> None:
    assert Pace(start=9.0, step=1.0, evaluation=1.0, evaluate_every=0).iterations(5.0) == 1


def test_the_pace_of_a_probe_passes_over_its_first_step() -> None:
    pace = pace_of({"seconds": 20.0, "steps": [9.0, 1.0, 2.0, 3.0], "evaluations": [4.0]}, 2)
    assert pace == Pace(start=1.0, step=2.0, evaluation=4.0, evaluate_every=2)


def test_a_run_with_one_evaluation_at_its_end_has_none_between() -> None:
    pace = pace_of({"seconds": 20.0, "steps": [4.0, 4.0], "evaluations": [4.0]}, 2)
    assert pace.evaluate_every == 0
