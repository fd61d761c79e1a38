"""The overlay picture: outlines, measured lines and values over the radiograph, marked as such.

Used by the secondary capture and by overlay.png. The radiograph lies at the top left without any
border, so a picture pixel is a source pixel times one scale; below it is a panel with the legend.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from service.domain.analysis import Analysis
from service.domain.measurement import Measurement, Point
from service.domain.segmentation import Laterality, Segment
from service.encoders.drawn import measured_segments, shown_segments
from service.encoders.files import write_bytes
from service.encoders.overlay_panel import Colour, Entry, draw_panel, font, measurement_value
from service.encoders.picture import PictureScale, grey_picture, picture_scale, shown_mask

BANNER = "AUTOMATIC, UNVERIFIED - not for diagnosis"
_BANNER_COLOUR = (255, 196, 0)
_SIDE_COLOUR = (235, 235, 235)
_LINE_COLOURS = ((255, 255, 255), (255, 90, 220), (255, 225, 60), (120, 220, 255))
_FAINT, _FILL, _SOFTNESS = 0.4, 0.08, 0.08
_PNG_LEVEL = 3
Box = tuple[slice, slice]
Line = tuple[Measurement, Colour]


def render_overlay(analysis: Analysis) -> NDArray[np.uint8]:
    """Return the picture, uint8 (rows, columns, 3); the film's longer side has 900 to 1600 pixels.

    Structures that something was measured on are drawn firmly, the others faintly. R and L are the
    patient's; they are left out where the header and the masks contradict each other.
    """
    scale = picture_scale(analysis)
    film = grey_picture(analysis.image.pixels, scale)
    shown = shown_segments(analysis)
    firm = measured_segments(analysis)
    for segment in reversed(shown):
        cover = shown_mask(analysis.segmentation.mask(segment.key), scale)
        _blend(film, cover, segment.colour_rgb, scale, firm=segment.key in firm)
    picture = Image.fromarray(film.round().clip(0, 255).astype(np.uint8))
    lines = tuple(_drawn_lines(analysis))
    _annotate(ImageDraw.Draw(picture), analysis, scale, lines)
    return _with_panel(picture, analysis, shown, lines)


def write_overlay(analysis: Analysis, path: Path) -> None:
    """Write the picture as a PNG file; the same analysis gives the same bytes."""
    buffer = BytesIO()
    Image.fromarray(render_overlay(analysis)).save(buffer, "PNG", compress_level=_PNG_LEVEL)
    write_bytes(buffer.getbuffer(), path)


def _drawn_lines(analysis: Analysis) -> Iterator[Line]:
    """Yield each measurement that has a line of its own, with its colour."""
    hosts = {m.key for m in analysis.measurements if m.points}
    drawn = (m for m in analysis.measurements if m.points and m.drawn_with not in hosts)
    for index, measurement in enumerate(drawn):
        yield measurement, _LINE_COLOURS[index % len(_LINE_COLOURS)]


def _blend(
    film: NDArray[np.float32],
    cover: NDArray[np.float32],
    colour: Colour,
    scale: PictureScale,
    *,
    firm: bool,
) -> None:
    """Blend a soft outline of `cover` into `film`, with a hint of filling when `firm`."""
    box = _box(cover, margin=int(scale.unit) + 1)
    soft = ndimage.gaussian_filter(cover[box], max(0.8, scale.unit * _SOFTNESS))
    edge = np.clip((1 - np.abs(2 * soft - 1)) * 1.6, 0, 1) * (1 if firm else _FAINT)
    alpha = np.maximum(edge, soft * (_FILL if firm else 0))[:, :, None]
    film[box] = film[box] * (1 - alpha) + np.array(colour, dtype=np.float32) * alpha


def _box(cover: NDArray[np.float32], margin: int) -> Box:
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    if not len(rows):
        return slice(0, 1), slice(0, 1)
    return _widened(rows, margin), _widened(columns, margin)


def _widened(indices: NDArray[np.intp], margin: int) -> slice:
    return slice(max(0, int(indices[0]) - margin), int(indices[-1]) + margin + 1)


def _annotate(
    draw: ImageDraw.ImageDraw,
    analysis: Analysis,
    scale: PictureScale,
    lines: tuple[Line, ...],
) -> None:
    for measurement, colour in lines:
        _draw_line(draw, measurement.points, colour, scale)
    for x, letter in _sides(analysis, scale):
        _text(draw, (x, 4 * scale.unit), letter, _SIDE_COLOUR, 4 * scale.unit)
    middle = (scale.columns / 2, 2.2 * scale.unit)
    _text(draw, middle, BANNER, _BANNER_COLOUR, 2 * scale.unit)


def _draw_line(
    draw: ImageDraw.ImageDraw,
    points: tuple[Point, ...],
    colour: Colour,
    scale: PictureScale,
) -> None:
    placed = [scale.at(point) for point in points]
    width = max(2, round(0.25 * scale.unit))
    draw.line(placed, fill=(0, 0, 0), width=width + 4, joint="curve")
    draw.line(placed, fill=colour, width=width, joint="curve")
    for x, y in (placed[0], placed[-1]):
        draw.line([(x, y - scale.unit), (x, y + scale.unit)], fill=colour, width=width)


def _sides(analysis: Analysis, scale: PictureScale) -> list[tuple[float, str]]:
    left_is_right = patient_left_is_on_image_right(analysis)
    if left_is_right is None:
        return []
    letters = "RL" if left_is_right else "LR"
    return [(4 * scale.unit, letters[0]), (scale.columns - 4 * scale.unit, letters[1])]


def patient_left_is_on_image_right(analysis: Analysis) -> bool | None:
    """Return it as header and masks agree; None when neither says, or they contradict."""
    opinions = {analysis.image.patient_left_is_on_image_right, _side_by_masks(analysis)} - {None}
    return opinions.pop() if len(opinions) == 1 else None


def _side_by_masks(analysis: Analysis) -> bool | None:
    left = _mean_column(analysis, Laterality.LEFT)
    right = _mean_column(analysis, Laterality.RIGHT)
    return None if left is None or right is None else left > right


def _mean_column(analysis: Analysis, side: Laterality) -> float | None:
    segments = enumerate(analysis.segmentation.segments)
    masks = (analysis.segmentation.masks[i] for i, s in segments if s.laterality is side)
    totals = sum((mask.sum(axis=0) for mask in masks), np.zeros(analysis.image.columns))
    if not totals.any():
        return None
    return float(np.average(np.arange(len(totals)), weights=totals))


def _text(
    draw: ImageDraw.ImageDraw,
    middle: tuple[float, float],
    text: str,
    colour: Colour,
    size: float,
) -> None:
    draw.text(middle, text, colour, font(size), anchor="mm", stroke_width=2, stroke_fill=(0, 0, 0))


def _with_panel(
    picture: Image.Image,
    analysis: Analysis,
    shown: tuple[Segment, ...],
    lines: tuple[Line, ...],
) -> NDArray[np.uint8]:
    colours = {measurement.key: colour for measurement, colour in lines}
    values = [
        Entry(colours.get(m.drawn_with or m.key, colours.get(m.key)), measurement_value(m))
        for m in analysis.measurements
    ]
    legend = [Entry(segment.colour_rgb, segment.label) for segment in shown]
    footer = f"{BANNER}   Thorax, {analysis.model.name} {analysis.model.version}"
    panel = draw_panel(picture.width, max(picture.size) / 100, values, legend, footer)
    return np.vstack([np.asarray(picture), panel])
