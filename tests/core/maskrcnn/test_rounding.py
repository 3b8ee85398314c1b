"""Rounding whose errors cancel out."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from core.maskrcnn.rounding import rounded


def numbers(outputs: int, inputs: int, *, seed: int = 0, largest: float = 60.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(outputs, inputs, generator=generator) * 2 - 1) * largest


@given(st.integers(0, 1000), st.sampled_from([1, 4, 9]), st.integers(1, 8))
def test_each_is_less_than_one_away_and_the_errors_of_a_row_sum_up_to_half(
    seed: int, kernel: int, channels: int
) -> None:
    values = numbers(5, kernel * channels, seed=seed)
    whole = rounded(values, most=127, kernel=kernel)
    assert torch.equal(whole, whole.round())
    assert (whole - values).abs().max() < 1
    assert (whole - values).sum(dim=1).abs().max() < 0.501


def test_those_are_moved_that_are_nearest_to_the_other_neighbour() -> None:
    # Rounded to the nearest they would be 1.3 too low together: one goes up, that of .45.
    values = torch.tensor([[1.45, 2.4, 3.42, 4.03]])
    assert rounded(values, most=127, kernel=1).tolist() == [[2.0, 2.0, 3.0, 4.0]]


def test_the_errors_of_a_kernel_cancel_out_before_those_of_the_row() -> None:
    # As a row they cancel out already; as kernels they are .9 too low, and .9 too high.
    values = torch.tensor([[1.3, 2.3, 3.3, 4.7, 5.7, 6.7]])
    assert rounded(values, most=127, kernel=6).tolist() == [[1.0, 2.0, 3.0, 5.0, 6.0, 7.0]]
    by_kernel = rounded(values, most=127, kernel=3) - values
    assert by_kernel.view(2, 3).sum(dim=1).abs().max() < 0.5


def test_no_number_is_larger_than_the_largest() -> None:
    values = numbers(20, 9, largest=63.0)
    values[:, 0] = 63.0
    assert rounded(values, most=63, kernel=9).abs().max() == 63


def test_what_never_is_negative_is_weighed_better_than_by_rounding_to_the_nearest() -> None:
    values = numbers(64, 9 * 32)
    seen = torch.rand(9 * 32, 200, generator=torch.Generator().manual_seed(1))
    whole = rounded(values, most=127, kernel=9)

    def error_of(found: torch.Tensor) -> float:
        return float(((found - values) @ seen).square().mean().sqrt())

    assert error_of(whole) < 0.7 * error_of(values.round())
