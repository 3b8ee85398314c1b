"""Which process writes a run, told apart from a later one of the same number."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process, once and for all: numbers are given again, but not with the same start."""

    pid: int
    started: str


def this_process() -> ProcessId:
    """The process that asks."""
    return process_of(os.getpid())


def process_of(pid: int) -> ProcessId:
    """The process that has this number now."""
    return ProcessId(pid, _started(pid))


def is_running(process: ProcessId) -> bool:
    """Whether it is there, on this machine."""
    return bool(process.started) and _started(process.pid) == process.started


if sys.platform == "win32":
    import ctypes

    def _started(pid: int) -> str:
        """When a process began, in the system's own words; empty where there is none."""
        query_limited_information, still_active = 0x1000, 259
        kernel = ctypes.windll.kernel32
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(query_limited_information, False, pid)
        if not handle:
            return ""
        times = [ctypes.c_ulonglong() for _ in range(4)]
        code = ctypes.c_ulong()
        try:
            kernel.GetProcessTimes(ctypes.c_void_p(handle), *map(ctypes.byref, times))
            kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
        finally:
            kernel.CloseHandle(ctypes.c_void_p(handle))
        # A handle that somebody holds keeps a process that has ended in the system's books.
        return str(times[0].value) if code.value == still_active else ""

elif sys.platform == "linux":

    def _started(pid: int) -> str:
        """When a process began, in ticks since the boot; empty where there is none."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        # The name, in brackets, may hold spaces and brackets: proc(5) counts fields after it.
        state, *fields = stat.rpartition(")")[2].split()
        return "" if state == "Z" else fields[18]

else:

    def _started(pid: int) -> str:
        """When a process began, to the second; empty where there is none."""
        command = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
