"""One page for people: the film with its lines, a table of values, doubts, and their origin.

Letters are embedded (`letters.py`); the same analysis gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from service import __version__
from service.domain.analysis import Analysis
from service.encoders.drawn import Colour
from service.encoders.letters import BOLD, REGULAR
from service.encoders.overlay import BANNER, render_film
from service.encoders.report_text import (
    HEADINGS,
    Row,
    doubts,
    identification,
    provenance,
    table_rows,
)

_FONT, _BOLD_FONT = "ThoraxVera", "ThoraxVeraBold"
_WIDTH, _HEIGHT = A4
_MARGIN = 36.0
_INNER = _WIDTH - 2 * _MARGIN
_SHORTEST_FILM, _TALLEST_FILM = 180.0, 400.0
_ROW, _SMALLEST_ROW = 11.0, 6.0
_COLUMNS = (0.0, 0.05, 0.43, 0.54, 0.67, 0.79)
"""Where the table's columns begin, in parts of the inner width."""
_ROOMS = tuple(
    (end - begin) * _INNER - 2 for begin, end in pairwise((*_COLUMNS, 1 + _MARGIN / _INNER))
)
_JPEG_QUALITY = 88
_BLACK, _GREY, _AMBER = (0.0, 0.0, 0.0), (0.38, 0.38, 0.38), (0.72, 0.35, 0.0)
Ink = tuple[float, float, float]


@dataclass(slots=True)
class _Page:
    """The page being filled from the top; `y` is where the next thing goes, in points."""

    canvas: Canvas
    y: float

    def text(self, x: float, text: str, size: float, ink: Ink = _BLACK, font: str = _FONT) -> None:
        self.canvas.setFont(font, size)
        self.canvas.setFillColorRGB(*ink)
        self.canvas.drawString(_MARGIN + x, self.y, text)

    def paragraph(self, text: str, size: float, ink: Ink = _BLACK) -> None:
        for line in simpleSplit(text, _FONT, size, _INNER):
            self.y -= 1.25 * size
            self.text(0, line, size, ink)


def render_page(analysis: Analysis, source: Dataset) -> bytes:
    """Return a PDF of one A4 page; `source` is the header that names the patient and the study."""
    _register_letters()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle("Chest radiograph: automatic measurements")
    canvas.setAuthor(f"Thorax {__version__}")
    canvas.setSubject(BANNER)
    page = _Page(canvas, _HEIGHT - _MARGIN)
    _head(page, identification(analysis, source))
    rows, foot = table_rows(analysis), _foot(analysis)
    room = page.y - _MARGIN - _foot_height(foot)
    row_height = _row_height(len(rows), room)
    film_height = min(_TALLEST_FILM, max(_SHORTEST_FILM, room - (len(rows) + 2) * row_height))
    _film(page, analysis, film_height)
    _table(page, rows, row_height, room - film_height)
    for text, size, ink in foot:
        page.paragraph(text, size, ink)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _register_letters() -> None:
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(_BOLD_FONT, str(BOLD)))
        pdfmetrics.registerFont(TTFont(_FONT, str(REGULAR)))


def _head(page: _Page, lines: Sequence[str]) -> None:
    page.y -= 14
    page.text(0, "Chest radiograph: automatic measurements", 14, font=_BOLD_FONT)
    page.y -= 14
    page.text(0, BANNER, 9, _AMBER, _BOLD_FONT)
    page.y -= 3
    for line in lines:
        page.paragraph(line, 8)
    page.y -= 6


def _film(page: _Page, analysis: Analysis, height: float) -> None:
    """Draw the film as large as it fits, in the middle."""
    film = render_film(analysis)
    rows, columns, _ = film.shape
    scale = min(height / rows, _INNER / columns)
    drawn_width, drawn_height = columns * scale, rows * scale
    page.y -= drawn_height
    left = _MARGIN + (_INNER - drawn_width) / 2
    page.canvas.drawImage(_jpeg(film), left, page.y, drawn_width, drawn_height)


def _jpeg(film: np.ndarray) -> ImageReader:
    buffer = BytesIO()
    Image.fromarray(film).save(buffer, "JPEG", quality=_JPEG_QUALITY)
    buffer.seek(0)
    return ImageReader(buffer)


def _row_height(count: int, room: float) -> float:
    """Return how high a row may be with `count` of them below the smallest film."""
    return max(_SMALLEST_ROW, min(_ROW, (room - _SHORTEST_FILM) / (count + 2)))


def _table(page: _Page, rows: Sequence[Row], height: float, room: float) -> None:
    size = 0.72 * height
    page.y -= 1.2 * height
    for column, heading in zip(_COLUMNS, HEADINGS, strict=True):
        page.text(column * _INNER, heading, size, _GREY)
    fitting = int(room / height) - 2
    for row in rows[:fitting]:
        page.y -= height
        if row.colour is not None:
            _swatch(page, row.colour, size)
        ink = _AMBER if row.is_remarkable else _BLACK
        for column, cell, room_for_it in zip(_COLUMNS, row.cells, _ROOMS, strict=True):
            page.text(column * _INNER, _cut(cell, room_for_it, size), size, ink)
    if len(rows) > fitting:
        page.y -= height
        page.text(0, f"{len(rows) - fitting} more stand in the structured report.", size, _GREY)
    page.y -= 0.5 * height


def _cut(text: str, room: float, size: float) -> str:
    """Return as much of `text` as fits, with an ellipsis where something was left out."""
    if pdfmetrics.stringWidth(text, _FONT, size) <= room:
        return text
    while text and pdfmetrics.stringWidth(f"{text}...", _FONT, size) > room:
        text = text[:-1]
    return f"{text}..."


def _swatch(page: _Page, colour: Colour, size: float) -> None:
    """Draw the line's colour with a border: some are white."""
    page.canvas.setFillColorRGB(*(part / 255 for part in colour))
    page.canvas.setStrokeColorRGB(*_GREY)
    page.canvas.setLineWidth(0.4)
    page.canvas.rect(_MARGIN + 0.028 * _INNER, page.y, 0.9 * size, 0.7 * size, fill=1)


def _foot(analysis: Analysis) -> list[tuple[str, float, Ink]]:
    warnings, refusals = doubts(analysis)
    return [
        *((text, 7.5, _AMBER) for text in warnings),
        *((text, 7.0, _GREY) for text in refusals),
        *((text, 6.5, _GREY) for text in provenance(analysis)),
    ]


def _foot_height(foot: Sequence[tuple[str, float, Ink]]) -> float:
    lines = ((simpleSplit(text, _FONT, size, _INNER), size) for text, size, _ in foot)
    return sum(1.25 * size * len(split) for split, size in lines)
