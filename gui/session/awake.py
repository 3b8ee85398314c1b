"""The machine does not go to sleep by itself while a run goes on."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject

from gui.runs import Run
from gui.texts import tr


class Hold(Protocol):
    """What keeps the machine awake until it is released."""

    def release(self) -> None: ...


class CommandHold:
    """A child that keeps the machine awake as long as it lives."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # its end ends the child, also where this process is killed
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def is_held(self) -> bool:
        """Whether the child is there."""
        return self._process.poll() is None

    def release(self) -> None:
        """Ends the child."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait()


def command_for(platform: str, which: Callable[[str], str | None] = shutil.which) -> list[str]:
    """What keeps this kind of machine awake while it runs; empty where nothing is known to."""
    if platform == "darwin" and (caffeinate := which("caffeinate")):
        return [caffeinate, "-i", "-w", str(os.getpid())]
    inhibit, cat = which("systemd-inhibit"), which("cat")
    if platform == "linux" and inhibit and cat:
        why = "--why=" + tr("A run is going on")
        # cat reads this process's end of a pipe, and so ends with it
        return [inhibit, "--what=sleep:idle", "--who=Maskloop", why, "--mode=block", cat]
    return []


def hold() -> Hold | None:
    """Keeps the machine awake; None where that is not possible here."""
    if sys.platform == "win32":
        return _WindowsHold()
    command = command_for(sys.platform)
    with contextlib.suppress(OSError):
        return CommandHold(command) if command else None
    return None


if sys.platform == "win32":
    import ctypes

    class _WindowsHold:
        """Tells Windows that this thread works."""

        _CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001

        def __init__(self) -> None:
            ctypes.windll.kernel32.SetThreadExecutionState(self._CONTINUOUS | self._SYSTEM_REQUIRED)

        def release(self) -> None:
            """Lets it sleep again."""
            ctypes.windll.kernel32.SetThreadExecutionState(self._CONTINUOUS)


class StaysAwake(QObject):
    """Holds the machine awake from the first run that goes on to the end of the last."""

    def __init__(
        self, parent: QObject | None = None, *, hold: Callable[[], Hold | None] = hold
    ) -> None:
        super().__init__(parent)
        self._take_hold = hold
        self._hold: Hold | None = None
        self._going: set[Run] = set()

    @property
    def is_awake(self) -> bool:
        """Whether the machine is held awake."""
        return self._hold is not None

    def follow(self, run: Run) -> None:
        """Stays awake until this run has ended."""
        if not run.is_going:
            return
        self._going.add(run)
        run.ended.connect(lambda _: self._on_ended(run))
        if self._hold is None:
            self._hold = self._take_hold()

    def release(self) -> None:
        """Lets the machine sleep, whatever goes on: a fine-tune goes on without the window."""
        self._going.clear()
        if self._hold is not None:
            self._hold.release()
            self._hold = None

    def _on_ended(self, run: Run) -> None:
        self._going.discard(run)
        if not self._going:
            self.release()
