"""Runs: work that goes on while the window stays free, in threads and in child processes.

Whatever a run says arrives in the window's thread: `reported` for each value, `ended` for the last.
"""

from gui.runs.processes import EngineProcess, EngineRequest, ProcessRun, worker_command
from gui.runs.run import Run
from gui.runs.threads import ThreadRun

__all__ = [
    "EngineProcess",
    "EngineRequest",
    "ProcessRun",
    "Run",
    "ThreadRun",
    "worker_command",
]
