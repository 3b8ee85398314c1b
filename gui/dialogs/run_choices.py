"""Runs of the project among the weights that a dialog offers."""

from collections.abc import Iterable

from PySide6.QtWidgets import QComboBox

from gui.session.run_list import RunInfo


def offer_runs(choices: QComboBox, runs: Iterable[RunInfo]) -> int:
    """Puts the runs that have weights first; how many are new."""
    place = 0
    for run in runs:
        weights = str(run.folder.best_weights)
        if run.has_weights and choices.findData(weights) < 0:
            choices.insertItem(place, run.title, weights)
            place += 1
    return place
