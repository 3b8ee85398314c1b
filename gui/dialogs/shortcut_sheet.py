"""The shortcuts on one sheet of paper: a PDF."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter

from core.atomic import write_atomically
from gui.texts import tr

_COLUMNS = 3
_MARGIN_MM = 10
_LARGEST_PT, _SMALLEST_PT = 11.0, 4.0
_BLANK = ("", "")
_GAP_PART = 0.04
"""Between the columns, of the sheet's width."""

Sections = Mapping[str, Sequence[tuple[str, str]]]
"""What is done and its keys, by the title of the section."""


def write_sheet(path: Path, sections: Sections) -> None:
    """Writes one page A4, landscape, with letters as large as fit.

    Raises:
        AppError: the file cannot be written.
    """
    page = QBuffer()
    page.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(page)
    writer.setTitle(tr("Maskloop: keyboard shortcuts"))
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Landscape, margins,
            QPageLayout.Unit.Millimeter,
        )
    )  # fmt: skip
    painter = QPainter(writer)
    height, gap = float(writer.height()), writer.width() * _GAP_PART
    across = (writer.width() - (_COLUMNS - 1) * gap) / _COLUMNS
    columns = _columns(sections)
    size = _LARGEST_PT
    while size > _SMALLEST_PT and not all(
        _fits(painter, column, width=across, height=height, size=size) for column in columns
    ):
        size -= 0.25
    for place, column in enumerate(columns):
        _draw(painter, column, x=place * (across + gap), width=across, size=size)
    painter.end()
    write_atomically(path, bytes(page.data().data()))


def _rows(sections: Sections) -> Iterator[tuple[str, str]]:
    """All rows; a title has no keys and a line before it."""
    for title, rows in sections.items():
        yield _BLANK
        yield title, ""
        yield from rows


def _columns(sections: Sections) -> list[list[tuple[str, str]]]:
    rows = list(_rows(sections))
    length = -(-len(rows) // _COLUMNS)
    columns: list[list[tuple[str, str]]] = [[] for _ in range(_COLUMNS)]
    place = 0
    for row in rows:
        is_title_alone = row[0] in sections and len(columns[place]) == length - 1
        if place < _COLUMNS - 1 and (len(columns[place]) >= length or is_title_alone):
            place += 1
        if columns[place] or row != _BLANK:
            columns[place].append(row)
    return columns


def _font(size: float, *, is_bold: bool = False) -> QFont:
    font = QFont()
    font.setPointSizeF(size)
    font.setBold(is_bold)
    return font


def _fits(
    painter: QPainter, rows: Sequence[tuple[str, str]], *, width: float, height: float, size: float
) -> bool:
    metrics = QFontMetricsF(_font(size), painter.device())
    widths = (metrics.horizontalAdvance(f"{text}  {keys}") for text, keys in rows)
    return max(widths, default=0.0) <= width and len(rows) * metrics.height() <= height


def _draw(
    painter: QPainter, rows: Sequence[tuple[str, str]], *, x: float, width: float, size: float
) -> None:
    line = QFontMetricsF(_font(size), painter.device()).height()
    for place, (text, keys) in enumerate(rows):
        painter.setFont(_font(size, is_bold=not keys))
        box = QRectF(x, place * line, width, line)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, keys)
