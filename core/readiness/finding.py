"""What is said before a fine-tune: a sentence, what to do, and what one click would mend."""

from dataclasses import dataclass
from enum import StrEnum

from core.readiness.fixes import Fix


class Severity(StrEnum):
    """What a finding means for the fine-tune."""

    STOP = "stop"
    """It cannot begin."""
    WARN = "warn"
    """It can, and gives less than it could."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know before a fine-tune."""

    severity: Severity
    sentence: str
    help: str
    """What to do about it, in a sentence."""
    keys: tuple[str, ...] = ()
    """The images that it is about, where it is about some."""
    fix: Fix | None = None
    """What mends it by one click; None: a person has to look."""


def warning(
    sentence: str, help_: str, *, keys: tuple[str, ...] = (), fix: Fix | None = None
) -> Finding:
    """A finding that does not stop."""
    return Finding(Severity.WARN, sentence, help_, keys, fix)
