"""The panel below the overlay: what was measured, what each colour means, and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from service.encoders.drawn import Colour
from service.encoders.letters import font, wrapped

BACKGROUND: Colour = (16, 16, 18)
TEXT: Colour = (235, 235, 235)
QUIET: Colour = (170, 170, 170)
_LETTERS, _LINE, _SWATCH, _INDENT, _GAP = 1.5, 2.1, 1.3, 1.9, 1.0
"""In units, a hundredth of the film's longer side."""
_MOST_BROKEN_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A text with the colour that it explains; None when nothing is drawn for it."""

    colour: Colour | None
    text: str
    text_colour: Colour = TEXT


@dataclass(frozen=True, slots=True)
class Section:
    """Entries that stand together, in as many columns as their texts allow, at most so many."""

    entries: Sequence[Entry]
    most_columns: int = 1


@dataclass(frozen=True, slots=True)
class _PlacedLine:
    x: float
    y: float
    text: str
    text_colour: Colour
    swatch: Colour | None


def draw_panel(width: int, unit: float, sections: Sequence[Section]) -> NDArray[np.uint8]:
    """Return the panel, uint8 (rows, width, 3); `unit` is the film's line and letter unit."""
    top = unit
    placed: list[_PlacedLine] = []
    for section in (each for each in sections if each.entries):
        lines, top = _laid_out(section, width, unit, top)
        placed += lines
        top += _GAP * unit
    panel = Image.new("RGB", (width, round(top)), BACKGROUND)
    draw = ImageDraw.Draw(panel)
    for line in placed:
        _draw(draw, line, unit)
    return np.asarray(panel)


def _laid_out(
    section: Section, width: int, unit: float, top: float
) -> tuple[list[_PlacedLine], float]:
    """Return the section's lines and where the next one begins."""
    columns = _columns(section, width, unit)
    step = (width - unit) / columns
    blocks = _blocks(section, step, unit)
    in_a_column = _height(blocks, columns)
    placed: list[_PlacedLine] = []
    down = across = 0
    for entry, lines in zip(section.entries, blocks, strict=True):
        if down and down + len(lines) > in_a_column:
            down, across = 0, across + 1
        for number, text in enumerate(lines):
            x, y = unit + across * step, top + (down + number) * _LINE * unit
            swatch = entry.colour if number == 0 else None
            placed.append(_PlacedLine(x, y, text, entry.text_colour, swatch))
        down += len(lines)
    return placed, top + in_a_column * _LINE * unit


def _blocks(section: Section, step: float, unit: float) -> list[list[str]]:
    """Return each entry's text in lines that fit into a column of width `step`."""
    room = step - (_INDENT + 1) * unit
    return [wrapped(entry.text, room, _LETTERS * unit) for entry in section.entries]


def _columns(section: Section, width: int, unit: float) -> int:
    """Return with how many columns the section is lowest; in more than two no text is broken."""
    heights = {}
    for columns in range(1, min(section.most_columns, len(section.entries)) + 1):
        blocks = _blocks(section, (width - unit) / columns, unit)
        if columns <= _MOST_BROKEN_COLUMNS or all(len(block) == 1 for block in blocks):
            heights[columns] = _height(blocks, columns)
    return min(heights, key=lambda columns: (heights[columns], columns))


def _height(blocks: Sequence[Sequence[str]], columns: int) -> int:
    """Return the least number of lines in a column with which all blocks find a place."""
    height = max(len(block) for block in blocks)
    while _needed(blocks, height) > columns:
        height += 1
    return height


def _needed(blocks: Sequence[Sequence[str]], height: int) -> int:
    columns, down = 1, 0
    for block in blocks:
        if down and down + len(block) > height:
            columns, down = columns + 1, 0
        down += len(block)
    return columns


def _draw(draw: ImageDraw.ImageDraw, line: _PlacedLine, unit: float) -> None:
    if line.swatch is not None:
        top = line.y + 0.3 * unit
        swatch = (line.x, top, line.x + _SWATCH * unit, top + 1.0 * unit)
        draw.rectangle(swatch, fill=line.swatch)
    corner = (line.x + _INDENT * unit, line.y)
    draw.text(corner, line.text, line.text_colour, font(_LETTERS * unit))
