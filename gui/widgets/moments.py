"""Moments and what changed at them, as people say it."""

from datetime import date, datetime

from core.edits import Difference
from gui.texts import QT_TR_NOOP, tr
from gui.widgets.states import image_state_text

_WEEKDAYS = (
    QT_TR_NOOP("Mon"),
    QT_TR_NOOP("Tue"),
    QT_TR_NOOP("Wed"),
    QT_TR_NOOP("Thu"),
    QT_TR_NOOP("Fri"),
    QT_TR_NOOP("Sat"),
    QT_TR_NOOP("Sun"),
)
_MONTHS = (
    QT_TR_NOOP("Jan"),
    QT_TR_NOOP("Feb"),
    QT_TR_NOOP("Mar"),
    QT_TR_NOOP("Apr"),
    QT_TR_NOOP("May"),
    QT_TR_NOOP("Jun"),
    QT_TR_NOOP("Jul"),
    QT_TR_NOOP("Aug"),
    QT_TR_NOOP("Sep"),
    QT_TR_NOOP("Oct"),
    QT_TR_NOOP("Nov"),
    QT_TR_NOOP("Dec"),
)


def minute_text(at: datetime) -> str:
    """When something was, to the minute: "3 Nov 2026, 14:05"."""
    return tr("{day} {month} {year}, {time}").format(
        day=at.day, month=tr(_MONTHS[at.month - 1]), year=at.year, time=f"{at:%H:%M}"
    )


def moment_text(at: datetime, *, today: date | None = None) -> str:
    """When something was, in the time of this machine: "14:05:30", "Tue 3 Nov, 14:05"."""
    local = at.astimezone()
    today = today or datetime.now().astimezone().date()
    if local.date() == today:
        return f"{local:%H:%M:%S}"
    if local.year == today.year:
        text = tr("{weekday} {day} {month}, {time}")
    else:
        text = tr("{weekday} {day} {month} {year}, {time}")
    return text.format(
        weekday=tr(_WEEKDAYS[local.weekday()]),
        day=local.day,
        month=tr(_MONTHS[local.month - 1]),
        year=local.year,
        time=f"{local:%H:%M}",
    )


def difference_text(change: Difference) -> str:
    """What changed, short: "+2 instances, 1 edited, done"."""
    pieces = []
    if change.n_added or change.n_gone:
        pieces.append(_count_text(change))
    if change.n_changed:
        pieces.append(tr("%n edited", "", change.n_changed))
    if (n := change.n_rejected) > 0:
        pieces.append(tr("%n rejected", "", n))
    if n < 0:
        pieces.append(tr("1 rejection fewer") if n == -1 else tr("%n rejections fewer", "", -n))
    if change.state is not None:
        pieces.append(image_state_text(change.state))
    return ", ".join(pieces) or tr("the same instances")


def _count_text(change: Difference) -> str:
    signs = [f"+{change.n_added}"] * bool(change.n_added)
    signs += [f"-{change.n_gone}"] * bool(change.n_gone)
    is_one = change.n_added + change.n_gone == 1
    text = tr("{signs} instance") if is_one else tr("{signs} instances")
    return text.format(signs=" ".join(signs))
