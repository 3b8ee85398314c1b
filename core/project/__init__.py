"""A folder of images as a project: the only code that writes into it."""

from core.project.grouping import nearly_same
from core.project.labels import stamp_of
from core.project.project import Project
from core.project.values import ChangedOnDisk, ClassUsage, LabelSummary, LoadedLabels, Recovered

__all__ = [
    "ChangedOnDisk",
    "ClassUsage",
    "LabelSummary",
    "LoadedLabels",
    "Project",
    "Recovered",
    "nearly_same",
    "stamp_of",
]
