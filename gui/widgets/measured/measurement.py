"""An evaluation with everything that is painted of it. For threads."""

from dataclasses import dataclass

from core.kept_evaluations import KeptEvaluation
from core.matches import Matches
from gui.widgets.measured.class_curves import ClassCurve, class_curves


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """What is kept, its matches, and the curves that come of them."""

    kept: KeptEvaluation
    matches: Matches
    curves: tuple[ClassCurve, ...]

    @property
    def best_threshold(self) -> float | None:
        """Of the best F1 of all classes together; None where no detection is right."""
        best = self.curves[0].best
        return best.threshold if best else None

    @property
    def first_threshold(self) -> float:
        """That the confusion matrix begins at."""
        return float(self.kept.numbers["confusion"]["threshold"])


def measurement_of(kept: KeptEvaluation) -> Measurement:
    """Reads the matches, and works out what is painted.

    Raises:
        AppError: the matches cannot be read.
    """
    matches = kept.read_matches()
    return Measurement(kept, matches, class_curves(matches))
