"""torch's threads, as tests of core need them."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def kept_threads() -> Iterator[None]:
    """As many threads after a test as before."""
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def one_thread(kept_threads: None) -> None:
    """A test in which torch computes on one thread."""
    import torch

    torch.set_num_threads(1)
