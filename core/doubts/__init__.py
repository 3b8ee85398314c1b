"""What looks wrong in the labels of an image, and what a person said is right all the same."""

from core.doubts.dismissed import Dismissals
from core.doubts.finding import Doubt, DoubtKind, doubts_of

__all__ = ["Dismissals", "Doubt", "DoubtKind", "doubts_of"]
