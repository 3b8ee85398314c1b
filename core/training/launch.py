"""torchrun on this machine: it starts a command once for each GPU, and is this process itself.

So a Ctrl-C or a polite kill reaches what hands it on and waits for the others' end, whoever sends
it: a torchrun between the two would be ended before them.
"""

import os
from collections.abc import Sequence

from torch.distributed import run as torchrun
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

_MOST_S_TO_END = 120
"""Seconds for the iteration at hand and its checkpoint; torchrun's own 30 are few on a CPU."""


def exit_code_of(command: Sequence[str], *, n_processes: int) -> int:
    """Runs a command of this Python so often at the same time, and waits for all.

    Args:
        command: a script and its arguments.
        n_processes: each is told its place by its environment.
    """
    os.environ.setdefault("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", str(_MOST_S_TO_END))
    arguments = ["--standalone", f"--nproc-per-node={n_processes}", *command]
    try:  # torch leaves both without types
        torchrun.run(torchrun.parse_args(arguments))  # type: ignore[no-untyped-call]
    except (ChildFailedError, SignalException):
        return 1  # whoever failed has said why
    return 0
