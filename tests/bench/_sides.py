"""Programs that take turns, so that what else the machine does slows all of them alike."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from core.before_torch import say_to_torch

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
_PROGRAM = "import detectron2, torch"


def detectron2_python() -> str | None:
    """A Python that has detectron2: this one, or the one that DETECTRON2_PYTHON names."""
    python = os.environ.get("DETECTRON2_PYTHON", sys.executable)
    command = [python, "-W", "ignore", "-c", _PROGRAM]
    try:
        done = subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    return python if done.returncode == 0 else None


def ours() -> dict[str, str]:
    """What Maskloop says to torch when it starts."""
    environment: dict[str, str] = {}
    say_to_torch(environment)
    return environment


def has_gpu() -> bool:
    """Whether torch finds an NVIDIA GPU."""
    program = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class Side:
    """One of those that take turns: a child, halted while it is not its turn."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment

    def __enter__(self) -> "Side":
        python, script, file = self._command
        log = Path(file).with_suffix(".log")
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE",
            **self._environment,
        }  # fmt: skip
        self._process = subprocess.Popen(
            [python, "-W", "ignore", str(HERE / script), file], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log.open("w"),
            start_new_session=True,
        )  # fmt: skip
        if self._said() != "ready":
            self.__exit__(None, None, None)
            raise RuntimeError(f"{script} did not begin: {log.read_text()[-2000:]}")
        self._halt()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def turn(self, line: str) -> Mapping[str, float]:
        """What the child measured of what the line asks for."""
        os.killpg(self._process.pid, signal.SIGCONT)
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        said: Mapping[str, float] = json.loads(self._said())
        self._halt()
        return said

    def _halt(self) -> None:
        os.killpg(self._process.pid, signal.SIGSTOP)

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
