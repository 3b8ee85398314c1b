"""What labelling costs a person: recorded as it happens, and compared from round to round."""

from core.effort.log import EffortLog
from core.effort.rounds import Round, conclusion, rounds_of
from core.effort.visits import IDLE_S, Visit, VisitTracker, is_of_person

__all__ = [
    "IDLE_S",
    "EffortLog",
    "Round",
    "Visit",
    "VisitTracker",
    "conclusion",
    "is_of_person",
    "rounds_of",
]
