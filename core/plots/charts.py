"""Charts of any numbers from 0 to 1: panels with curves, bars, a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.plots.svg import Drawing, Palette, shortened

_ACROSS = 3
_PANEL_WH = (250, 220)
_LEFT, _TOP, _RIGHT, _BOTTOM = 40, 44, 14, 40  # of a panel, around its curve
_TICKS = (0.0, 0.5, 1.0)
_NAME_PX, _ROW_PX, _BAR_PX, _SCALE_PX = 150, 34, 12, 420
_CELL_PX = 46


@dataclass(frozen=True, slots=True)
class Panel:
    """A curve with its name; without points the note stands in its place."""

    name: str
    about: str
    """A second line, smaller."""
    points: Sequence[tuple[float, float]]
    """x and y, 0 to 1."""
    mark: tuple[float, float] | None = None
    """A point that is marked."""
    mark_text: str = ""
    note: str = "n/a"


def panels_svg(
    panels: Sequence[Panel], *, axes: tuple[str, str], title: str, palette: Palette
) -> str:
    """A panel a curve, three in a row, each from 0 to 1 both ways; `axes` names x and y."""
    width, height = _PANEL_WH
    columns = min(_ACROSS, max(1, len(panels)))
    rows = max(1, -(-len(panels) // _ACROSS))
    drawing = Drawing(columns * width, rows * height, palette)
    for index, panel in enumerate(panels):
        at = (index % _ACROSS * width, index // _ACROSS * height)
        _draw_panel(drawing, at, panel, axes)
    return drawing.svg(title=title)


def _draw_panel(
    drawing: Drawing, at: tuple[float, float], panel: Panel, axes: tuple[str, str]
) -> None:
    palette = drawing.palette
    left, top = at[0] + _LEFT, at[1] + _TOP
    w, h = _PANEL_WH[0] - _LEFT - _RIGHT, _PANEL_WH[1] - _TOP - _BOTTOM

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return left + point[0] * w, top + (1 - point[1]) * h

    drawing.text(left, at[1] + 18, shortened(panel.name, 17), weight="bold", size=13)
    drawing.text(left, at[1] + 34, panel.about, colour=palette.quiet, size=11)
    for tick in _TICKS:
        (x, _), (_, y) = place((tick, 0)), place((0, tick))
        drawing.line((left, y), (left + w, y), colour=palette.line)
        drawing.text(left - 6, y + 4, f"{tick:g}", colour=palette.quiet, size=11, anchor="end")
        drawing.line((x, top), (x, top + h), colour=palette.line)
        drawing.text(x, top + h + 14, f"{tick:g}", colour=palette.quiet, size=11, anchor="middle")
    middle = left + w / 2
    drawing.text(middle, top + h + 30, axes[0], colour=palette.quiet, size=11, anchor="middle")
    drawing.text(left + w, at[1] + 18, f"↑ {axes[1]}", colour=palette.quiet, size=11, anchor="end")
    if not panel.points:
        drawing.text(middle, top + h / 2, panel.note, colour=palette.quiet, anchor="middle")
    drawing.polyline([place(point) for point in panel.points], colour=palette.first)
    if panel.mark is not None:
        _draw_mark(drawing, place(panel.mark), panel.mark_text)


def _draw_mark(drawing: Drawing, at: tuple[float, float], words: str) -> None:
    x, y = at
    drawing.dot(x, y, colour=drawing.palette.second)
    drawing.text(x, y - 10, words, size=11, anchor="middle", weight="bold")


def bars_svg(
    rows: Sequence[tuple[str, tuple[float | None, float | None]]],
    *,
    series: tuple[str, str],
    title: str,
    palette: Palette,
) -> str:
    """Two bars a row, of values from 0 to 100, each with its number; None is n/a."""
    head = 30
    drawing = Drawing(_NAME_PX + _SCALE_PX + 60, head + _ROW_PX * max(1, len(rows)), palette)
    colours = (palette.first, palette.second)
    for index, (name, colour) in enumerate(zip(series, colours, strict=True)):
        x = _NAME_PX + index * 90
        drawing.box(x, 8, (_BAR_PX, _BAR_PX), colour=colour)
        drawing.text(x + _BAR_PX + 6, 18, name)
    for row, (name, values) in enumerate(rows):
        y = head + row * _ROW_PX
        middle = y + _ROW_PX / 2 + 4
        drawing.text(_NAME_PX - 8, middle, shortened(name, 20), anchor="end")
        for index, (value, colour) in enumerate(zip(values, colours, strict=True)):
            top = y + 4 + index * (_BAR_PX + 1)
            length = (value or 0) / 100 * _SCALE_PX
            drawing.box(_NAME_PX, top, (length, _BAR_PX), colour=colour)
            words = "n/a" if value is None else f"{value:.1f}"
            tone = palette.quiet if value is None else palette.ink
            drawing.text(_NAME_PX + length + 5, top + 10, words, size=11, colour=tone)
    drawing.line((_NAME_PX, head), (_NAME_PX, drawing.height), colour=palette.quiet)
    return drawing.svg(title=title)


def matrix_svg(
    names: Sequence[str], cells: Sequence[Sequence[int]], *, axes: tuple[str, str], title: str,
    palette: Palette,
) -> str:  # fmt: skip
    """Counts in cells that are shaded by their share of the row; `axes` names rows and columns."""
    top = 64
    side = _CELL_PX * len(names)
    drawing = Drawing(_NAME_PX + side + 30, top + side + 10, palette)
    drawing.text(_NAME_PX, 16, axes[1], colour=palette.quiet, size=11)
    drawing.text(8, 16, axes[0], colour=palette.quiet, size=11)
    for index, name in enumerate(names):
        along = index * _CELL_PX
        middle = _NAME_PX + along + _CELL_PX / 2
        low = top - 8 - (index % 2) * 18  # names in two lines, so that they do not touch
        drawing.text(middle, low, shortened(name, 13), size=11, anchor="middle")
        drawing.text(
            _NAME_PX - 8, top + along + _CELL_PX / 2 + 4, shortened(name, 20), size=12, anchor="end"
        )
    for row, counts in enumerate(cells):
        for column, count in enumerate(counts):
            x, y = _NAME_PX + column * _CELL_PX, top + row * _CELL_PX
            colour = palette.first if row == column else palette.second
            drawing.box(
                x + 1, y + 1, (_CELL_PX - 2, _CELL_PX - 2), colour=colour,
                opacity=shade(count, counts),
            )  # fmt: skip
            tone = palette.ink if count else palette.quiet
            drawing.text(
                x + _CELL_PX / 2, y + _CELL_PX / 2 + 4, str(count), colour=tone, anchor="middle"
            )
    return drawing.svg(title=title)


def shade(count: int, row: Sequence[int]) -> float:
    """The opacity of a cell: its share of the row, so light that its number can be read on it."""
    share = count / max(sum(row), 1)
    return 0.08 + 0.47 * share if count else 0.03
