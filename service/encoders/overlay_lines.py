"""Measured lines on the film: the main ones firmly with their values, the others thin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot

from PIL import ImageDraw

from service.domain.measurement import Line
from service.encoders.drawn import Colour, DrawnLine, drawn_aids
from service.encoders.letters import font
from service.encoders.picture import PictureScale
from service.encoders.value_text import value_text

Placed = list[tuple[float, float]]
Rectangle = tuple[float, float, float, float]
_BLACK: Colour = (0, 0, 0)
_MAIN_LETTERS, _OTHER_LETTERS = 1.9, 1.3
_DASH, _GAP = 0.9, 0.7


@dataclass(slots=True)
class FilmDrawing:
    """The film being drawn on. `taken` are the rectangles in which something is written."""

    draw: ImageDraw.ImageDraw
    scale: PictureScale
    taken: list[Rectangle] = field(default_factory=list)

    def write(self, middle: tuple[float, float], text: str, colour: Colour, size: float) -> None:
        """Write `text` around `middle`, with a dark border, and remember its place."""
        letters = font(size)
        self.draw.text(middle, text, colour, letters, "mm", stroke_width=2, stroke_fill=_BLACK)
        self.taken.append(self.draw.textbbox(middle, text, letters, "mm", stroke_width=2))

    def write_beside(self, line: Placed, text: str, colour: Colour, size: float) -> None:
        """Write `text` near an end of `line`, where nothing is written yet if there is room."""
        places = [self._inside(middle, text, size) for middle in _beside(line, size)]
        middle = next((p for p in places if self._is_free(p, text, size)), places[0])
        self.write(middle, text, colour, size)

    def _inside(self, middle: tuple[float, float], text: str, size: float) -> tuple[float, float]:
        half_width, half_height = font(size).getlength(text) / 2 + 3, 0.7 * size
        x = min(max(middle[0], half_width), max(half_width, self.scale.columns - half_width))
        y = min(max(middle[1], half_height), max(half_height, self.scale.rows - half_height))
        return x, y

    def _is_free(self, middle: tuple[float, float], text: str, size: float) -> bool:
        mine = self.draw.textbbox(middle, text, font(size), "mm", stroke_width=2)
        return not any(_overlap(mine, other) for other in self.taken)


def draw_lines(drawing: FilmDrawing, lines: Sequence[DrawnLine]) -> None:
    """Draw all lines but outlines, the main ones on top, then what stands beside or inside them."""
    for aid, colour in drawn_aids(tuple(lines)):
        _draw_dashed(drawing, aid, colour)
    for line in reversed([each for each in lines if not each.is_outline]):
        _draw_line(drawing, line)
    for line in lines:
        size = (_MAIN_LETTERS if line.is_main else _OTHER_LETTERS) * drawing.scale.unit
        placed = _placed(drawing, line.measurement.points)
        if line.is_outline:
            placed = [_middle(placed)] * 2
        drawing.write_beside(placed, label(line), line.colour, size)


def label(line: DrawnLine) -> str:
    """Return what stands beside a line: its number, and the values of a main one."""
    if not line.is_main:
        return str(line.number)
    values = [value_text(m.value, m.unit.value) for m in line.shown if m.value is not None]
    return f"{line.number}: {', '.join(values)}"


def _draw_line(drawing: FilmDrawing, line: DrawnLine) -> None:
    unit, placed = drawing.scale.unit, _placed(drawing, line.measurement.points)
    width = max(2, round(0.25 * unit)) if line.is_main else max(1, round(0.12 * unit))
    border = max(1, round((0.12 if line.is_main else 0.06) * unit))
    drawing.draw.line(placed, fill=_BLACK, width=width + 2 * border, joint="curve")
    drawing.draw.line(placed, fill=line.colour, width=width, joint="curve")
    if placed[0] != placed[-1]:
        for end, inner in ((placed[0], placed[1]), (placed[-1], placed[-2])):
            cap = _across(end, inner, unit * (1.0 if line.is_main else 0.5))
            drawing.draw.line(cap, fill=line.colour, width=width)


def _across(end: tuple[float, float], inner: tuple[float, float], half: float) -> Placed:
    """Return a short line through `end`, at right angles to the one that ends there."""
    (x, y), (inner_x, inner_y) = end, inner
    length = hypot(x - inner_x, y - inner_y) or 1.0
    away_x, away_y = -(y - inner_y) / length * half, (x - inner_x) / length * half
    return [(x - away_x, y - away_y), (x + away_x, y + away_y)]


def _draw_dashed(drawing: FilmDrawing, line: Line, colour: Colour) -> None:
    unit = drawing.scale.unit
    width = max(1, round(0.12 * unit))
    placed = _placed(drawing, line)
    for begin, end in pairwise(placed):
        for dash in _dashes(begin, end, _DASH * unit, _GAP * unit):
            drawing.draw.line(dash, fill=colour, width=width)


def _dashes(
    begin: tuple[float, float], end: tuple[float, float], dash: float, gap: float
) -> Iterator[Placed]:
    """Yield the dashes of the way from `begin` to `end`."""
    length = hypot(end[0] - begin[0], end[1] - begin[1])
    done = 0.0
    while done < length:
        ends = (done / length, min(done + dash, length) / length)
        yield [
            (begin[0] + (end[0] - begin[0]) * at, begin[1] + (end[1] - begin[1]) * at)
            for at in ends
        ]
        done += dash + gap


def _placed(drawing: FilmDrawing, line: Line) -> Placed:
    placed = [drawing.scale.at(point) for point in line]
    return placed if len(placed) > 1 else placed * 2


def _middle(line: Placed) -> tuple[float, float]:
    return sum(x for x, _ in line) / len(line), sum(y for _, y in line) / len(line)


def _beside(line: Placed, size: float) -> Iterator[tuple[float, float]]:
    """Yield places near the line's right end, its left end and its middle, the best first."""
    right, left = max(line), min(line)
    middle = line[len(line) // 2]
    for x, y in (right, left, middle):
        for away in (-1.3, 1.3, -2.8, 2.8):
            yield x, y + away * size
    for x, y in (right, left):
        for away in (4.0, -4.0):
            yield x + away * size, y


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    return not apart
