"""The overlay picture: outlines, measured lines and values over the radiograph, marked as such.

Used by the secondary capture, the page and by overlay.png. The radiograph lies at the top left
without any border, so a picture pixel is a source pixel times one scale; below it is a panel.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from service import __version__
from service.domain.analysis import Analysis
from service.domain.segmentation import Laterality
from service.encoders.drawn import (
    Colour,
    DrawnLine,
    drawn_lines,
    measured_segments,
    shown_segments,
)
from service.encoders.files import write_bytes
from service.encoders.overlay_lines import FilmDrawing, draw_lines
from service.encoders.overlay_panel import draw_panel
from service.encoders.overlay_remarks import panel_sections
from service.encoders.picture import PictureScale, grey_picture, picture_scale, shown_mask
from service.encoders.remembered import Picture, Remembered

BANNER = "AUTOMATIC, UNVERIFIED - not for diagnosis"
_BANNER_COLOUR: Colour = (255, 196, 0)
_SIDE_COLOUR: Colour = (235, 235, 235)
_FAINT, _FILL, _SOFTNESS = 0.4, 0.08, 0.08
_PNG_LEVEL = 3
_ROWS_THAT_TELL_THE_SIDE = 200


def render_overlay(analysis: Analysis) -> Picture:
    """Return the picture, uint8 (rows, columns, 3); the film's longer side has 900 to 1600 pixels.

    Structures that a main value was taken from are drawn firmly, the others faintly. R and L are
    the patient's; they are left out where the header and the masks contradict each other.
    """
    lines = drawn_lines(analysis)
    film = render_film(analysis)
    footer = f"{BANNER}   Thorax {__version__}, {analysis.model.name} {analysis.model.version}"
    sections = panel_sections(analysis, lines, shown_segments(analysis), footer)
    unit = picture_scale(analysis).unit
    return np.vstack([film, draw_panel(film.shape[1], unit, sections)])


def draw_film(analysis: Analysis, lines: tuple[DrawnLine, ...]) -> Picture:
    """Return the film with outlines and these lines, uint8 (rows, columns, 3)."""
    scale = picture_scale(analysis)
    film = grey_picture(analysis.image.pixels, scale)
    firm = measured_segments(analysis)
    for segment in reversed(shown_segments(analysis)):
        mask = analysis.segmentation.mask(segment.key)
        _blend(film, mask, segment.colour_rgb, scale, firm=segment.key in firm)
    picture = Image.fromarray(film.round().astype(np.uint8))
    drawing = FilmDrawing(ImageDraw.Draw(picture), scale)
    _annotate(drawing, analysis, lines)
    return np.array(picture)


def _rendered_film(analysis: Analysis) -> Picture:
    return draw_film(analysis, drawn_lines(analysis))


render_film = Remembered(_rendered_film)
"""The film with what is drawn on it, without the panel, uint8 (rows, columns, 3)."""


def write_overlay(analysis: Analysis, path: Path) -> None:
    """Write the picture as a PNG file; the same analysis gives the same bytes."""
    buffer = BytesIO()
    Image.fromarray(render_overlay(analysis)).save(buffer, "PNG", compress_level=_PNG_LEVEL)
    write_bytes(buffer.getbuffer(), path)


def _blend(
    film: NDArray[np.float32],
    mask: NDArray[np.bool_],
    colour: Colour,
    scale: PictureScale,
    *,
    firm: bool,
) -> None:
    """Blend a soft outline of the mask into `film`, with a hint of filling when `firm`."""
    part, cover = shown_mask(mask, scale, margin=int(scale.unit) + 1)
    soft = ndimage.gaussian_filter(cover, max(0.8, scale.unit * _SOFTNESS))
    edge = np.clip((1 - np.abs(2 * soft - 1)) * 1.6, 0, 1) * (1 if firm else _FAINT)
    alpha = np.maximum(edge, soft * (_FILL if firm else 0))[:, :, None]
    film[part] += (np.array(colour, dtype=np.float32) - film[part]) * alpha


def _annotate(drawing: FilmDrawing, analysis: Analysis, lines: tuple[DrawnLine, ...]) -> None:
    scale = drawing.scale
    for x, letter in _sides(analysis, scale):
        drawing.write((x, 4 * scale.unit), letter, _SIDE_COLOUR, 4 * scale.unit)
    middle = (scale.columns / 2, 2.2 * scale.unit)
    drawing.write(middle, BANNER, _BANNER_COLOUR, 1.9 * scale.unit)
    draw_lines(drawing, lines)


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
    """Return the mean column of this side's structures; of a large film some rows suffice."""
    segments = enumerate(analysis.segmentation.segments)
    step = max(1, analysis.image.rows // _ROWS_THAT_TELL_THE_SIDE)
    masks = (analysis.segmentation.masks[i, ::step] for i, s in segments if s.laterality is side)
    totals = sum((mask.sum(axis=0) for mask in masks), np.zeros(analysis.image.columns))
    if not totals.any():
        return None
    return float(np.average(np.arange(len(totals)), weights=totals))
