"""What the instances of each class were taken for."""

import numpy as np

from core.matches import IGNORED, NONE, Indices, Matches

BACKGROUND = "background"


def confusion_of(matches: Matches, threshold: float) -> Indices:
    """(K + 1, K + 1) counts: a row a class of the ground truth, a column a predicted class.

    The last row holds detections on no instance, the last column instances that nothing found;
    their common cell is 0. A row adds up to the class's instances, a column to its detections that
    score at least the threshold and do not lie in a crowd. What lies in a crowd of any class
    counts nowhere.
    """
    found, truths, k = matches.found, matches.truths, len(matches.classes)
    counts = (found.score >= threshold) & (found.of_any > IGNORED)
    partner, predicted = found.of_any[counts], found.class_index[counts]
    missed = is_missed(matches, threshold)
    matrix = np.zeros((k + 1, k + 1), np.int64)
    is_pair = partner > NONE
    np.add.at(matrix, (truths.class_index[partner[is_pair]], predicted[is_pair]), 1)
    np.add.at(matrix, (np.full(int((~is_pair).sum()), k), predicted[~is_pair]), 1)
    np.add.at(matrix, (truths.class_index[missed], np.full(int(missed.sum()), k)), 1)
    return matrix


def is_missed(matches: Matches, threshold: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(G,) whether no detection of any class with at least this score found the instance."""
    partner = matches.found.of_any[matches.found.score >= threshold]
    missed = np.ones(len(matches.truths), np.bool_)
    missed[partner[partner > NONE]] = False
    return missed
