"""Numbers as people say them."""


def duration_text(seconds: float) -> str:
    """About how long it takes: "12 s", "3 min", "2 h 10 min"."""
    whole = round(seconds)
    if whole < 100:
        return f"{max(whole, 0)} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def ap_text(value: object) -> str:
    """An AP in percent, or n/a where there is nothing to measure on."""
    return f"{value:.1f}" if isinstance(value, int | float) and value >= 0 else "n/a"
