"""Moments and what changed at them, as people say it."""

from datetime import date, datetime

from core.edits import Difference
from core.types import ImageState
from core.wording import counted

_STATE_WORDS = {
    ImageState.UNTOUCHED: "not started",
    ImageState.STARTED: "started",
    ImageState.DONE: "done",
}


def moment_text(at: datetime, *, today: date | None = None) -> str:
    """When something was, in the time of this machine: "14:05:30", "Tue 3 Nov, 14:05"."""
    local = at.astimezone()
    today = today or datetime.now().astimezone().date()
    if local.date() == today:
        return f"{local:%H:%M:%S}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"


def difference_text(change: Difference) -> str:
    """What changed, short: "+2 instances, 1 edited, done"."""
    pieces = []
    if change.n_added or change.n_gone:
        signs = [f"+{change.n_added}"] * bool(change.n_added)
        signs += [f"-{change.n_gone}"] * bool(change.n_gone)
        is_one = change.n_added + change.n_gone == 1
        pieces.append(f"{' '.join(signs)} instance{'' if is_one else 's'}")
    if change.n_changed:
        pieces.append(f"{change.n_changed} edited")
    if change.n_rejected > 0:
        pieces.append(f"{change.n_rejected} rejected")
    if change.n_rejected < 0:
        pieces.append(f"{counted(-change.n_rejected, 'rejection')} fewer")
    if change.state is not None:
        pieces.append(_STATE_WORDS[change.state])
    return ", ".join(pieces) or "the same instances"
