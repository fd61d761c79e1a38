"""How scores spread: a dot for each film, a row for each class, a stroke at the median."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

WIDTH, ROW, LEFT, RIGHT, TOP = 860, 46, 150, 20, 10
TICKS = 5


def distribution(values: Mapping[str, Sequence[float]]) -> str:
    """A self-contained SVG element; the axis runs from the lowest score, in tenths, to 1."""
    every = [value for row in values.values() for value in row]
    low = min(np.floor(min(every) * 10) / 10, 0.9) if every else 0.0
    height = TOP + ROW * len(values) + 30
    rows = [_row(name, row, place, low) for place, (name, row) in enumerate(values.items())]
    axis = [_tick(low + (1 - low) * step / TICKS, low, height) for step in range(TICKS + 1)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12" '
        f'aria-label="IoU of each film">{"".join([*axis, *rows])}</svg>'
    )


def _x(value: float, low: float) -> float:
    return float(LEFT + (value - low) / (1 - low) * (WIDTH - LEFT - RIGHT))


def _row(name: str, values: Sequence[float], place: int, low: float) -> str:
    middle = TOP + ROW * place + ROW / 2
    # Dots are set apart across the row in a fixed pattern: equal scores stay visible.
    dots = [
        f'<circle cx="{_x(value, low):.1f}" cy="{middle + (n * 7 % 25) - 12:.1f}" r="2.5" '
        'fill="#0072b2" opacity="0.45"/>'
        for n, value in enumerate(values)
    ]
    median = _x(float(np.median(values)), low)
    return (
        f'<text x="{LEFT - 10}" y="{middle + 4}" text-anchor="end">'
        f"{escape(name.replace('_', ' '))}</text>{''.join(dots)}"
        f'<path d="M{median:.1f} {middle - 17}v34" stroke="#d55e00" stroke-width="2.5"/>'
    )


def _tick(value: float, low: float, height: float) -> str:
    x = _x(value, low)
    return (
        f'<path d="M{x:.1f} {TOP}V{height - 24}" stroke="#ddd"/>'
        f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle">{value:.2f}</text>'
    )
