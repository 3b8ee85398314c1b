import os
import subprocess
import sys

import pytest

from core.before_torch import say_to_torch

_FAULTS = """
import resource, torch
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
torch.zeros(20_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_what_the_user_chose_stays():
    environment = {"OMP_WAIT_POLICY": "ACTIVE"}
    say_to_torch(environment)
    assert environment == {"OMP_WAIT_POLICY": "ACTIVE", "THP_MEM_ALLOC_ENABLE": "1"}


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux has large pages that are asked for"
)
def test_large_tensors_take_fewer_pages():
    with open("/sys/kernel/mm/transparent_hugepage/enabled", encoding="ascii") as file:
        if "[never]" in file.read():
            pytest.skip("this machine has large pages switched off")
    said: dict[str, str] = {}
    say_to_torch(said)
    plain, large = (_page_faults({}), _page_faults(said))
    assert large < plain


def _page_faults(said: dict[str, str]) -> int:
    environment = {name: value for name, value in os.environ.items() if "THP" not in name}
    done = subprocess.run(
        [sys.executable, "-c", _FAULTS], env={**environment, **said}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return int(done.stdout)
