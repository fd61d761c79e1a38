"""Three charts as inline SVG, drawn by hand: they need no library, no script and no network."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float64]
ROW, LABEL, BAR, CELL, SIDE = 14, 190, 260, 12, 150
BLUE, RED, GREY = np.array([33, 102, 172]), np.array([178, 24, 43]), (221, 221, 221)


def bars(labels: Sequence[str], shares: Sequence[float | None]) -> str:
    """Horizontal bars of shares from 0 to 1; None is drawn as 'unknown'."""
    rows = [
        _bar(number * ROW, label, share)
        for number, (label, share) in enumerate(zip(labels, shares, strict=True))
    ]
    return _svg(LABEL + BAR + 60, max(ROW, len(rows) * ROW), "".join(rows))


def _bar(top: int, label: str, share: float | None) -> str:
    said = "unknown" if share is None else f"{100 * share:.1f} %"
    width = BAR * (share or 0)
    return (
        _text(LABEL - 6, top + ROW - 4, label, "end")
        + f'<rect x="{LABEL}" y="{top + 2}" width="{width:.1f}" height="{ROW - 4}"/>'
        + _text(LABEL + width + 4, top + ROW - 4, said)
    )


def heatmap(rows: Sequence[str], columns: Sequence[str], values: Floats) -> str:
    """Correlations from -1 (blue) over 0 (white) to 1 (red); unknown ones grey."""
    buffer = io.BytesIO()
    Image.fromarray(_colours(values)).save(buffer, "PNG")
    picture = base64.b64encode(buffer.getvalue()).decode()
    width, height = len(columns) * CELL, len(rows) * CELL
    where = f'x="{LABEL}" y="{LABEL}" width="{width}" height="{height}"'
    how = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
    parts = [f'<image {where} {how} href="data:image/png;base64,{picture}"/>']
    parts += [
        _text(LABEL - 4, LABEL + n * CELL + CELL - 3, name, "end") for n, name in enumerate(rows)
    ]
    parts += [
        f'<g transform="translate({LABEL + n * CELL + CELL - 3} {LABEL - 4}) rotate(-90)">'
        f"{_text(0, 0, name)}</g>"
        for n, name in enumerate(columns)
    ]
    return _svg(LABEL + width + 10, LABEL + height + 10, "".join(parts))


def _colours(values: Floats) -> npt.NDArray[np.uint8]:
    share = np.abs(np.nan_to_num(values))[..., None]
    full = np.where((np.nan_to_num(values) > 0)[..., None], RED, BLUE)
    mixed = 255 + (full - 255) * share
    mixed[np.isnan(values)] = GREY
    return mixed.round().astype(np.uint8)


def scatter(x_label: str, y_label: str, points: Floats) -> str:
    """Points (n, 2) on axes that begin at zero."""
    largest = np.maximum(points.max(axis=0, initial=0), 1e-9)
    places = points / largest * (SIDE - 20)
    dots = "".join(
        f'<circle cx="{20 + x:.1f}" cy="{SIDE - 20 - y:.1f}" r="1.6"/>' for x, y in places
    )
    frame = f'<path d="M20 5V{SIDE - 20}H{SIDE}" fill="none" stroke="currentColor"/>'
    names = _text(SIDE / 2, SIDE - 6, x_label, "middle")
    names += f'<g transform="translate(12 {SIDE / 2}) rotate(-90)">'
    names += f"{_text(0, 0, y_label, 'middle')}</g>"
    return _svg(SIDE + 5, SIDE, frame + dots + names)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(width: float, height: float, content: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>{content}</svg>'
