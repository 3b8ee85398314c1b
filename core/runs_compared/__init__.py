"""Several runs held against each other: what they were told, what they learnt from, what they are
worth, and whether their numbers can be compared at all.

Pure functions on what `read_record` reads from a run folder; a list has an entry a run, in the
order in which the runs are given.
"""

from core.runs_compared.comparison import RunComparison, runs_compared
from core.runs_compared.measures import ApRow, ValCompared, ap_rows, val_compared
from core.runs_compared.records import (
    Curve,
    RunImage,
    RunRecord,
    images_of,
    read_record,
    smoothed,
)
from core.runs_compared.settings import SettingRow, differing_settings
from core.runs_compared.training_data import (
    CountRow,
    ImagesCompared,
    differing_counts,
    images_compared,
)

__all__ = [
    "ApRow",
    "CountRow",
    "Curve",
    "ImagesCompared",
    "RunComparison",
    "RunImage",
    "RunRecord",
    "SettingRow",
    "ValCompared",
    "ap_rows",
    "differing_counts",
    "differing_settings",
    "images_compared",
    "images_of",
    "read_record",
    "runs_compared",
    "smoothed",
    "val_compared",
]
