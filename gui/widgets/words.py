"""Numbers as people say them."""

from core.devices import Device
from core.events import Progress
from gui.texts import QT_TR_NOOP, tr

_GIB = 1 << 30
_COUNTED = frozenset(
    {
        QT_TR_NOOP("images"),
        QT_TR_NOOP("val images"),
        QT_TR_NOOP("images looked at"),
        QT_TR_NOOP("files compared"),
        QT_TR_NOOP("files that begin alike compared"),
        QT_TR_NOOP("pictures compared"),
        QT_TR_NOOP("iterations"),
        QT_TR_NOOP("iterations measured"),
        QT_TR_NOOP("outlined"),
        QT_TR_NOOP("packed"),
        QT_TR_NOOP("images to time"),
        QT_TR_NOOP("images to calibrate on"),
    }
)
"""What jobs say that they count; what is not among them stays as they say it."""


def duration_text(seconds: float) -> str:
    """About how long it takes: "12 s", "3 min", "2 h 10 min"."""
    whole = round(seconds)
    if whole < 100:
        return tr("{seconds} s").format(seconds=max(whole, 0))
    minutes = round(whole / 60)
    if minutes < 60:
        return tr("{minutes} min").format(minutes=minutes)
    return tr("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)


def spoken_duration(seconds: float) -> str:
    """About how long it takes, in a sentence: "40 seconds", "12 minutes", "2 hours 10 minutes"."""
    if seconds < 100:
        n = max(1, round(seconds))
        return tr("1 second") if n == 1 else tr("%n seconds", "", n)
    minutes = round(seconds / 60)
    if minutes < 100:
        return _minutes_text(minutes)
    n, left = divmod(minutes, 60)
    hours = tr("1 hour") if n == 1 else tr("%n hours", "", n)
    return f"{hours} {_minutes_text(left)}" if left else hours


def _minutes_text(n: int) -> str:
    return tr("1 minute") if n == 1 else tr("%n minutes", "", n)


def ap_text(value: object) -> str:
    """An AP in percent, or n/a where there is nothing to measure on."""
    return f"{value:.1f}" if isinstance(value, int | float) and value >= 0 else tr("n/a")


def whole_percents(score: float) -> float:
    """A score as people set thresholds. Rounded down: what lies on the threshold is to show."""
    # a hair more, so that 29 % does not turn into 28 by the way numbers are stored
    return min(max(int(score * 100 + 1e-6), 0), 100) / 100


def percent_text(score: float) -> str:
    """A threshold as people say it: "50 %"."""
    return f"{round(whole_percents(score) * 100)} %"


def size_text(n_bytes: float) -> str:
    """How large a file is: "850 KB", "2.5 MB", "178 MB", "1.2 GB"."""
    if n_bytes < 1e6:
        return tr("{size} KB").format(size=max(round(n_bytes / 1e3), 1))
    if n_bytes < 1e9:
        rough, fine = f"{n_bytes / 1e6:.0f}", f"{n_bytes / 1e6:.1f}".removesuffix(".0")
        return tr("{size} MB").format(size=fine if n_bytes < 9.95e6 else rough)
    return tr("{size} GB").format(size=f"{n_bytes / 1e9:.1f}")


def progress_text(progress: Progress) -> str:
    """How far it is: "3 of 4 images, 30 s left"; a download with its speed."""
    pieces = [_amount_text(progress)]
    if progress.unit == "bytes" and progress.eta_s:
        speed = (progress.total - progress.done) / 1e6 / progress.eta_s
        pieces.append(tr("{speed} MB/s").format(speed=f"{speed:.1f}"))
    if progress.eta_s is not None:
        pieces.append(tr("{duration} left").format(duration=duration_text(progress.eta_s)))
    return ", ".join(pieces)


def _amount_text(progress: Progress) -> str:
    done, total = f"{progress.done}", f"{progress.total}"
    if progress.unit == "bytes":
        done, total = f"{progress.done / 1e6:.0f}", f"{progress.total / 1e6:.0f}"
        text = tr("{what}: {done} of {total} MB") if progress.total else tr("{what}: {done} MB")
    else:
        text = tr("{done} of {total} {what}") if progress.total else tr("{done} {what}")
    what = tr(progress.what) if progress.what in _COUNTED else progress.what
    return text.format(done=done, total=total, what=what)


def progress_steps(progress: Progress) -> tuple[int, int]:
    """Done and total as a progress bar can count them, which has 31 bits."""
    step = 1024 if progress.unit == "bytes" else 1
    return progress.done // step, progress.total // step


def device_text(device: Device) -> str:
    """What computes and its memory: "NVIDIA H200 · 12 of 141 GB", "CPU · 2 cores · 5.1 GB free"."""
    used, total = device.n_bytes_used, device.n_bytes_total
    pieces = [device.title]
    if device.n_cores:
        n = device.n_cores
        pieces.append(tr("1 core") if n == 1 else tr("%n cores", "", n))
        if used is not None and total is not None:
            pieces.append(tr("{size} GB free").format(size=f"{(total - used) / _GIB:.1f}"))
    elif used is not None and total is not None:
        text = tr("{used} of {total} GB")
        pieces.append(text.format(used=f"{used / _GIB:.0f}", total=f"{total / _GIB:.0f}"))
    elif total is not None:
        pieces.append(tr("{size} GB").format(size=f"{total / _GIB:.0f}"))
    return " · ".join(pieces)
