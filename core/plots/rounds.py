"""Numbers from round to round as lines, as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.plots.svg import LIGHT, Drawing, Palette, shortened

_PANEL_WH = (420, 260)
_AROUND = (30, 54, 30, 44)  # left, top, right, bottom of a panel, around its line
_LONGEST_NAME = 18


@dataclass(frozen=True, slots=True)
class RoundsPanel:
    """One number over the rounds."""

    title: str
    names: Sequence[str]
    """Of the rounds, the oldest first."""
    values: Sequence[float | None]
    """One a round; None is n/a."""


def rounds_svg(panels: Sequence[RoundsPanel], *, title: str, palette: Palette = LIGHT) -> str:
    """A panel a number beside each other, each from 0 to its highest value."""
    width, height = _PANEL_WH
    drawing = Drawing(width * max(1, len(panels)), height, palette)
    for place, panel in enumerate(panels):
        _draw(drawing, place * width, panel)
    return drawing.svg(title=title)


def _draw(drawing: Drawing, at: float, panel: RoundsPanel) -> None:
    palette, (left, top, right, bottom) = drawing.palette, _AROUND
    w, h = _PANEL_WH[0] - left - right, _PANEL_WH[1] - top - bottom
    ground = float(top + h)
    drawing.text(at + left, 20, panel.title, weight="bold", size=13)
    drawing.line((at + left, ground), (at + left + w, ground), colour=palette.quiet)
    most = max((value for value in panel.values if value is not None), default=0) or 1
    across = w / max(1, len(panel.names))
    points = []
    for place, (name, value) in enumerate(zip(panel.names, panel.values, strict=True)):
        x = at + left + (place + 0.5) * across
        low = ground + 16 + (place % 2) * 14  # in two lines, so that they do not touch
        drawing.text(
            x, low, shortened(name, _LONGEST_NAME), size=11, anchor="middle", colour=palette.quiet
        )
        if value is None:
            drawing.text(x, ground - 6, "n/a", size=11, anchor="middle", colour=palette.quiet)
        else:
            points.append((x, ground - h * value / most, value))
    drawing.polyline([(x, y) for x, y, _ in points], colour=palette.first)
    for x, y, value in points:
        drawing.dot(x, y, colour=palette.first)
        drawing.text(x, y - 10, f"{value:.1f}", size=11, anchor="middle")
