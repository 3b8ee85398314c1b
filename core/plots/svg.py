"""A drawing of lines, boxes and words that becomes SVG text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """What a drawing is coloured with: CSS colours, or names of variables of the page it is in."""

    paper: str
    """Behind everything; empty: nothing is painted there."""
    ink: str
    quiet: str
    line: str
    first: str
    """Of the first series: blue, which the colour-blind tell from orange."""
    second: str


LIGHT = Palette("#ffffff", "#1b1f24", "#5f6873", "#d5d8dc", "#0072b2", "#d55e00")
DARK = Palette("#1c1f24", "#e8eaed", "#9aa4b2", "#3c424b", "#56b4e9", "#e69f00")
"""Blue, orange and vermilion are Okabe and Ito's (Color Universal Design, 2008)."""


@dataclass(slots=True)
class Drawing:
    """What is drawn, in the order of drawing; lengths are pixels, y grows downwards."""

    width: float
    height: float
    palette: Palette
    _elements: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, words: str, *, colour: str = "", size: float = 12,
        anchor: str = "start", weight: str = "normal",
    ) -> None:  # fmt: skip
        """Words on the base line y; `anchor` (start, middle, end) says what of them is at x."""
        self._elements.append(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour or self.palette.ink}"'
            f' font-size="{size:g}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{xml_text(words)}</text>"
        )

    def line(self, start: tuple[float, float], end: tuple[float, float], *, colour: str) -> None:
        """A thin straight line."""
        self._elements.append(
            f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
            f' stroke="{colour}" stroke-width="1"/>'
        )

    def polyline(self, points: Sequence[tuple[float, float]], *, colour: str) -> None:
        """A line through the points; nothing where there are none."""
        if points:
            place = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            self._elements.append(
                f'<polyline points="{place}" fill="none" stroke="{colour}" stroke-width="2"'
                ' stroke-linejoin="round" stroke-linecap="round"/>'
            )

    def box(
        self, x: float, y: float, size_wh: tuple[float, float], *, colour: str, opacity: float = 1
    ) -> None:
        """A filled box, its upper left corner at x, y."""
        self._elements.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{size_wh[0]:.1f}" height="{size_wh[1]:.1f}"'
            f' fill="{colour}" fill-opacity="{opacity:.3g}"/>'
        )

    def dot(self, x: float, y: float, *, colour: str) -> None:
        """A small disc with a rim, to be seen on a line of its own colour."""
        self._elements.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"'
            f' stroke="{self.palette.ink}" stroke-width="1.5"/>'
        )

    def svg(self, *, title: str) -> str:
        """The whole as one SVG element, which is a file of its own too."""
        paper, size = self.palette.paper, f'width="{self.width:g}" height="{self.height:g}"'
        background = f'<rect {size} fill="{paper}"/>' if paper else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}'
            f' viewBox="0 0 {self.width:g} {self.height:g}" role="img"'
            f' font-family="{_FONT}"><title>{xml_text(title)}</title>'
            f"{background}{''.join(self._elements)}</svg>"
        )


def xml_text(words: str) -> str:
    """Escaped, and without what XML has no place for."""
    return escape(_NO_XML.sub("\ufffd", words))


def shortened(words: str, most: int) -> str:
    """At most so many characters, with an ellipsis for the rest."""
    return words if len(words) <= most else words[: most - 1] + "…"
