"""The panel below the overlay: what was measured, what each colour means, and who says so."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from service.domain.measurement import Measurement

_BACKGROUND = (16, 16, 18)
_TEXT = (235, 235, 235)
_QUIET = (170, 170, 170)
_MOST_COLUMNS = 5
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of text with the colour it explains; None when nothing is drawn for it."""

    colour: Colour | None
    text: str


@cache
def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def font(size: float) -> Font:
    """Return Pillow's own scalable font; nothing is asked of the system."""
    return _font(max(8, round(size)))


def measurement_value(measurement: Measurement) -> str:
    """Return one line for people: name and value, or that and why it was not measured."""
    if measurement.value is None:
        return f"{measurement.name}: not measured ({measurement.reason})"
    unit = measurement.unit.value
    if unit.startswith("{"):
        return f"{measurement.name}: {measurement.value:.2f}"
    return f"{measurement.name}: {measurement.value:.0f} {unit}"


def draw_panel(
    width: int, unit: float, values: list[Entry], legend: list[Entry], footer: str
) -> NDArray[np.uint8]:
    """Return the panel, uint8 (rows, width, 3); `unit` is the film's line and letter unit."""
    line = 2.6 * unit
    columns = _columns(legend, width, unit)
    legend_lines = max(1, -(-len(legend) // columns))
    height = round((len(values) + legend_lines + 1.8) * line + 2 * unit)
    panel = Image.new("RGB", (width, height), _BACKGROUND)
    draw = ImageDraw.Draw(panel)
    for index, entry in enumerate(values):
        _draw_entry(draw, (unit, unit + index * line), entry, unit)
    top = unit + (len(values) + 0.4) * line
    for index, entry in enumerate(legend):
        down, across = index % legend_lines, index // legend_lines
        corner = (unit + across * (width - unit) / columns, top + down * line)
        _draw_entry(draw, corner, entry, unit)
    bottom = (unit, top + (legend_lines + 0.2) * line)
    draw.text(bottom, footer, _QUIET, font(1.5 * unit))
    return np.asarray(panel)


def _columns(legend: list[Entry], width: int, unit: float) -> int:
    """Return into how many columns the legend goes without cutting its longest label."""
    letters = font(1.8 * unit)
    widest = max((letters.getlength(entry.text) for entry in legend), default=0.0)
    return max(1, min(_MOST_COLUMNS, int((width - unit) // (widest + 4 * unit))))


def _draw_entry(
    draw: ImageDraw.ImageDraw, corner: tuple[float, float], entry: Entry, unit: float
) -> None:
    left, top = corner
    if entry.colour is not None:
        swatch = (left, top + 0.5 * unit, left + 1.6 * unit, top + 1.5 * unit)
        draw.rectangle(swatch, fill=entry.colour)
    colour = _TEXT if entry.colour is not None else _QUIET
    draw.text((left + 2.4 * unit, top), entry.text, colour, font(1.8 * unit))
