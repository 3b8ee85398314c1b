"""A run that comes back from another machine, into the runs of the project that it is of.

It is a run folder of Maskloop, detectron2's output folder, or a zip of either, and nobody has
looked at it: names that lead elsewhere, links and what is too large are refused, weights are read
as data, and what is written in JSON is checked before it is drawn. It comes whole or not at all.
"""

from core.unpacking.arrival import Arrived, arrived, free_name, remove_leftovers
from core.unpacking.entries import entries_of
from core.unpacking.finding import Found, Kind, found_run, run_folder_of
from core.unpacking.records import Home

__all__ = [
    "Arrived",
    "Found",
    "Home",
    "Kind",
    "arrived",
    "entries_of",
    "found_run",
    "free_name",
    "remove_leftovers",
    "run_folder_of",
]
