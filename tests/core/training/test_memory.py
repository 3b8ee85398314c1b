import pytest
import torch

from core.training.memory import is_out_of_memory, n_on_cpu, n_that_fit

_MIB = 1 << 20


@pytest.mark.parametrize(
    ("free_mib", "n"),
    [(100, 1), (1200, 1), (1900, 2), (2500, 2), (5000, 4), (9_000, 8), (1_000_000, 16)],
)
def test_what_fits_follows_from_one_image_and_two(free_mib: int, n: int) -> None:
    # 500 MiB for the model, 500 for each image; 85 % of what is free is used
    assert n_that_fit(lambda count: (500 + 500 * count) * _MIB, free_mib * _MIB) == n


def test_where_two_images_do_not_fit_it_is_one() -> None:
    def peak_bytes(count: int) -> int:
        if count > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return 500 * _MIB

    assert n_that_fit(peak_bytes, 600 * _MIB) == 1


def test_other_errors_are_not_taken_for_a_lack_of_memory() -> None:
    def broken(_count: int) -> int:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        n_that_fit(broken, _MIB)


@pytest.mark.parametrize(
    ("error", "is_it"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (MemoryError(), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("not enough memory"), False),
    ],
)
def test_a_lack_of_memory_has_many_names(error: Exception, *, is_it: bool) -> None:
    assert is_out_of_memory(error) is is_it


def test_a_small_model_takes_more_at_a_time_on_a_cpu() -> None:
    assert n_on_cpu(is_small=True) > n_on_cpu(is_small=False) > 0
