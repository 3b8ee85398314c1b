"""What starts children that do as a test tells them, in the place of the usual ones."""

import sys
from pathlib import Path


def _running(script: str) -> tuple[str, ...]:
    return (sys.executable, str(Path(__file__).with_name(script)))


SCRIPTED = _running("scripted_worker.py")
SCRIPTED_LIVE = _running("scripted_live.py")
SCRIPTED_COMPACT = _running("scripted_compact.py")
