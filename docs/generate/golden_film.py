"""The film that measurements are shown on: a CT seen as a radiograph, with the masks it must have.

A model's masks would change with the model; these do not, and hold every structure.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.anatomy.structures import structures_by_key
from service.domain.analysis import Analysis
from service.domain.identifiers import (
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.domain.image import SourceImage, ViewPosition
from service.domain.measurement import Measurement
from service.domain.model import ModelIdentity
from service.domain.segmentation import Segment, Segmentation
from service.encoders.drawn import LINE_COLOURS, MOST_MAIN_LINES, DrawnLine
from service.encoders.overlay import draw_film
from service.measurements.registry import Definition, Subject, measure
from tests.golden import FOLDER, golden_frontal, golden_lateral

REFERENCE = InstanceReference(
    StudyInstanceUID("1.2.826.0.1.3680043.8.498.2"),
    SeriesInstanceUID("1.2.826.0.1.3680043.8.498.2.1"),
    SOPInstanceUID("1.2.826.0.1.3680043.8.498.2.1.1"),
    SOPClassUID("1.2.840.10008.5.1.4.1.1.1.1"),
)
MODEL = ModelIdentity("masks of a CT", "1", "0" * 64)
PICTURE_SIDE = 400
LEAST_SHOWN = 0.55
"""Of the film's shorter side: a picture of the carina alone would not show where it lies."""


def golden_subject(definition: Definition) -> tuple[str, Subject]:
    """Return the name of the film that the definition is shown on, and its masks."""
    if ViewPosition.POSTERO_ANTERIOR in definition.views:
        return "frontal", golden_frontal()
    return "lateral", golden_lateral()


def measured(definition: Definition) -> tuple[Measurement, ...]:
    """Return what the film gives."""
    return measure(definition, golden_subject(definition)[1])


def picture(definition: Definition) -> Image.Image:
    """Return the film with the structures and lines of one definition."""
    name, subject = golden_subject(definition)
    analysis = _analysis(name, subject, measured(definition))
    shown = [each for each in analysis.measurements if each.points]
    # Beside many lines there is no room for values; the page has them by number.
    is_main = len(shown) <= MOST_MAIN_LINES
    lines = tuple(
        DrawnLine(number, each, (each,), LINE_COLOURS[number % len(LINE_COLOURS)], is_main)
        for number, each in enumerate(shown, start=1)
    )
    film = Image.fromarray(draw_film(analysis, lines))
    drawn = [p for m in analysis.measurements for line in (m.points, *m.aids) for p in line]
    box = _around(np.array(drawn or [(0.0, 0.0)]) * film.width / subject.columns, film)
    return film.crop(box).resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.LANCZOS)


def _around(points: NDArray[np.float64], film: Image.Image) -> tuple[int, int, int, int]:
    """Return the square part of the film that shows the points and where in the chest they lie."""
    low, high = points.min(axis=0), points.max(axis=0)
    shorter = min(film.size)
    side = float(np.clip(1.35 * (high - low).max(), LEAST_SHOWN * shorter, shorter))
    top, left = (low + high) / 2 - side / 2
    top, left = max(0.0, min(top, film.height - side)), max(0.0, min(left, film.width - side))
    return round(left), round(top), round(left + side), round(top + side)


def _analysis(name: str, subject: Subject, measurements: Sequence[Measurement]) -> Analysis:
    with Image.open(FOLDER / f"{name}.jpg") as file:
        pixels = np.asarray(file.convert("L"), np.float32)
    shown = {key for measurement in measurements for key in measurement.segments}
    side = subject.patient_left_is_on_image_right
    image = SourceImage(REFERENCE, pixels, subject.spacing, subject.view, side)
    return Analysis(image, MODEL, _only(subject.segmentation, shown), tuple(measurements), ())


def _only(segmentation: Segmentation, keys: set[str]) -> Segmentation:
    """Return these structures alone, in the colours that results have."""
    kept = [i for i, segment in enumerate(segmentation.segments) if segment.key in keys]
    return Segmentation(
        tuple(_coloured(segmentation.segments[index]) for index in kept),
        segmentation.masks[kept],
        segmentation.probabilities[kept],
    )


def _coloured(segment: Segment) -> Segment:
    known = structures_by_key().get(segment.key)
    return replace(segment, colour_rgb=known.colour_rgb) if known else segment
