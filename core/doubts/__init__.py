"""What looks wrong in the labels of an image, and what a person said is right all the same."""

from core.doubts.dismissed import Dismissals
from core.doubts.finding import Doubt, DoubtKind, doubts_of
from core.doubts.mending import WAYS_OUT, mended

__all__ = ["WAYS_OUT", "Dismissals", "Doubt", "DoubtKind", "doubts_of", "mended"]
