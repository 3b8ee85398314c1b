"""Numbers as people say them."""

from core.devices import Device
from core.events import Progress
from core.wording import counted

_GIB = 1 << 30


def duration_text(seconds: float) -> str:
    """About how long it takes: "12 s", "3 min", "2 h 10 min"."""
    whole = round(seconds)
    if whole < 100:
        return f"{max(whole, 0)} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def spoken_duration(seconds: float) -> str:
    """About how long it takes, in a sentence: "40 seconds", "12 minutes", "2 hours 10 minutes"."""
    if seconds < 100:
        return counted(max(1, round(seconds)), "second")
    minutes = round(seconds / 60)
    if minutes < 100:
        return counted(minutes, "minute")
    hours, left = divmod(minutes, 60)
    return counted(hours, "hour") + (f" {counted(left, 'minute')}" if left else "")


def ap_text(value: object) -> str:
    """An AP in percent, or n/a where there is nothing to measure on."""
    return f"{value:.1f}" if isinstance(value, int | float) and value >= 0 else "n/a"


def size_text(n_bytes: float) -> str:
    """How large a file is: "850 KB", "178 MB", "1.2 GB"."""
    if n_bytes < 1e6:
        return f"{max(round(n_bytes / 1e3), 1)} KB"
    if n_bytes < 1e9:
        return f"{n_bytes / 1e6:.0f} MB"
    return f"{n_bytes / 1e9:.1f} GB"


def progress_text(progress: Progress) -> str:
    """How far it is: "3 of 4 images, 30 s left"; a download with its speed."""
    left = "" if progress.eta_s is None else f", {duration_text(progress.eta_s)} left"
    if progress.unit != "bytes":
        of = f" of {progress.total}" if progress.total else ""
        return f"{progress.done}{of} {progress.what}{left}"
    done_mb, total_mb = progress.done / 1e6, progress.total / 1e6
    of = f"{done_mb:.0f} of {total_mb:.0f} MB" if progress.total else f"{done_mb:.0f} MB"
    speed = ""
    if progress.eta_s:
        speed = f", {(total_mb - done_mb) / progress.eta_s:.1f} MB/s"
    return f"{progress.what}: {of}{speed}{left}"


def progress_steps(progress: Progress) -> tuple[int, int]:
    """Done and total as a progress bar can count them, which has 31 bits."""
    step = 1024 if progress.unit == "bytes" else 1
    return progress.done // step, progress.total // step


def device_text(device: Device) -> str:
    """What computes and its memory: "NVIDIA H200 · 12 of 141 GB", "CPU · 2 cores · 5.1 GB free"."""
    used, total = device.n_bytes_used, device.n_bytes_total
    pieces = [device.title]
    if device.n_cores:
        pieces.append("1 core" if device.n_cores == 1 else f"{device.n_cores} cores")
        if used is not None and total is not None:
            pieces.append(f"{(total - used) / _GIB:.1f} GB free")
    elif used is not None and total is not None:
        pieces.append(f"{used / _GIB:.0f} of {total / _GIB:.0f} GB")
    elif total is not None:
        pieces.append(f"{total / _GIB:.0f} GB")
    return " · ".join(pieces)
