"""Whether the done images can teach something, and what to do where they cannot.

What is found here is said before a fine-tune: by the dialog, and by the job itself. `readiness_of`
is quick: it asks what is remembered of label files. `look` opens each file.
"""

from core.readiness.class_list import twin_ids
from core.readiness.closer import closer_findings, look
from core.readiness.done import (
    DoneImage,
    Stock,
    done_image_of,
    done_images,
    missing_images,
    stock_of,
)
from core.readiness.finding import Finding, Severity
from core.readiness.fixes import Fix, LabelFix, SplitFix
from core.readiness.flaws import Flaw, flaws_in
from core.readiness.looked import Looked, looked_of
from core.readiness.ready import Readiness, findings, readiness_of
from core.readiness.sizes import SMALL_LIMITS, ModelLimits

__all__ = [
    "SMALL_LIMITS",
    "DoneImage",
    "Finding",
    "Fix",
    "Flaw",
    "LabelFix",
    "Looked",
    "ModelLimits",
    "Readiness",
    "Severity",
    "SplitFix",
    "Stock",
    "closer_findings",
    "done_image_of",
    "done_images",
    "findings",
    "flaws_in",
    "look",
    "looked_of",
    "missing_images",
    "readiness_of",
    "stock_of",
    "twin_ids",
]
