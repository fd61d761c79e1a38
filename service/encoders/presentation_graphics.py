"""The lines and texts of a presentation state, in layers that a viewer can show or hide.

Each structure has a layer in its colour; the main lines, the others, the lines of construction
and the remarks have one each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import highdicom as hd
import numpy as np
from highdicom.color import CIELabColor
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from service.domain.analysis import Analysis
from service.domain.measurement import CheckStatus, Line, Measurement, MeasurementStatus, Point
from service.domain.segmentation import Segment
from service.encoders.contours import outlines
from service.encoders.derived_uids import tracking_uid
from service.encoders.drawn import Colour, DrawnLine, drawn_aids, drawn_lines, shown_segments
from service.encoders.equipment import NOT_FOR_DIAGNOSIS
from service.encoders.value_text import short_text

_MAIN_COLOUR: Colour = (255, 225, 60)
_OTHER_COLOUR: Colour = (205, 205, 215)
_REMARK_COLOUR: Colour = (255, 196, 0)
_LETTER_WIDTH, _LINE_HEIGHT = 0.6, 1.4
_TEXT_HEIGHT = 0.018
"""Of the longer side. The viewer chooses the letters; the box tells how large they are meant."""
_LARGEST_DESCRIPTION = 64
_MOST_REMARK_LINES = 20


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    description: str
    colour: Colour
    graphics: tuple[hd.pr.GraphicObject, ...] = ()
    texts: tuple[hd.pr.TextObject, ...] = ()


def presentation_layers(
    analysis: Analysis, source: Dataset
) -> tuple[list[hd.pr.GraphicLayer], list[hd.pr.GraphicAnnotation]]:
    """Return the layers in drawing order and what lies on each; empty ones are left out."""
    drawn = [layer for layer in _layers(analysis) if layer.graphics or layer.texts]
    layers = [
        hd.pr.GraphicLayer(
            layer_name=layer.name,
            order=order,
            description=layer.description[:_LARGEST_DESCRIPTION],
            display_color=CIELabColor.from_rgb(*layer.colour),
        )
        for order, layer in enumerate(drawn, start=1)
    ]
    annotations = [
        hd.pr.GraphicAnnotation(
            referenced_images=[source],
            graphic_layer=described,
            graphic_objects=layer.graphics or None,
            text_objects=layer.texts or None,
        )
        for layer, described in zip(drawn, layers, strict=True)
    ]
    return layers, annotations


def image_relative(points: Sequence[Point], rows: int, columns: int) -> NDArray[np.float64]:
    """Return (column, row) pairs from the image's top left corner, as PIXEL units count.

    Our points count from the first pixel's centre, which is (0.5, 0.5) there (PS3.3 C.10.5).
    """
    column_row = np.asarray(points, dtype=np.float64)[:, ::-1] + 0.5
    bounded: NDArray[np.float64] = np.clip(column_row, 0, (columns, rows))
    return bounded


def _layers(analysis: Analysis) -> Iterator[_Layer]:
    for segment in shown_segments(analysis):
        yield _segment_layer(segment, analysis)
    lines = drawn_lines(analysis)
    graphics = tuple(_polyline(aid, analysis) for aid, _ in drawn_aids(lines))
    yield _Layer("CONSTRUCTION", "Lines of construction", _OTHER_COLOUR, graphics)
    others = tuple(line for line in lines if not line.is_main)
    yield _lines_layer("OTHER LINES", "Further measurements", _OTHER_COLOUR, others, analysis)
    main = tuple(line for line in lines if line.is_main)
    yield _lines_layer("MEASUREMENTS", "Main measurements", _MAIN_COLOUR, main, analysis)
    yield _Layer("REMARKS", "Remarks", _REMARK_COLOUR, texts=tuple(_remarks(analysis)))


def _segment_layer(segment: Segment, analysis: Analysis) -> _Layer:
    name = f"SEGMENT {segment.number}"
    uid = tracking_uid(analysis, segment.key)
    graphics = tuple(
        _polyline(line, analysis, segment.key, uid)
        for line in outlines(analysis.segmentation.mask(segment.key))
    )
    return _Layer(name, segment.label, segment.colour_rgb, graphics)


def _lines_layer(
    name: str, description: str, colour: Colour, lines: tuple[DrawnLine, ...], analysis: Analysis
) -> _Layer:
    graphics = tuple(_measured_line(m.measurement, analysis) for m in lines if not m.is_outline)
    texts = tuple(_values(line, analysis) for line in lines)
    return _Layer(name, description, colour, graphics, texts)


def _measured_line(measurement: Measurement, analysis: Analysis) -> hd.pr.GraphicObject:
    uid = tracking_uid(analysis, measurement.key)
    return _polyline(measurement.points, analysis, measurement.key, uid)


def _polyline(
    line: Line, analysis: Analysis, key: str | None = None, uid: str | None = None
) -> hd.pr.GraphicObject:
    kinds = hd.pr.GraphicTypeValues
    return hd.pr.GraphicObject(
        graphic_type=kinds.POINT if len(line) == 1 else kinds.POLYLINE,
        graphic_data=image_relative(line, analysis.image.rows, analysis.image.columns),
        units=hd.pr.AnnotationUnitsValues.PIXEL,
        tracking_id=key,
        tracking_uid=uid,
    )


def _values(line: DrawnLine, analysis: Analysis) -> hd.pr.TextObject:
    """Return what was read from the line, in a box above its right end, or inside an outline."""
    texts = [short_text(measurement) for measurement in line.shown]
    points = image_relative(line.measurement.points, analysis.image.rows, analysis.image.columns)
    column, row = points.mean(axis=0) if line.is_outline else points[points[:, 0].argmax()]
    return hd.pr.TextObject(
        text_value="\r\n".join(texts),
        units=hd.pr.AnnotationUnitsValues.PIXEL,
        bounding_box=_box(float(column), float(row), texts, analysis),
        anchor_point=(float(column), float(row)),
        anchor_point_visible=False,
        text_justification=hd.pr.TextJustificationValues.LEFT,
    )


def _box(
    column: float, row: float, texts: list[str], analysis: Analysis
) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom: moved into the image where the place does not suffice."""
    rows, columns = analysis.image.rows, analysis.image.columns
    letter = _TEXT_HEIGHT * max(rows, columns)
    width = min(float(columns), _LETTER_WIDTH * letter * max(map(len, texts)))
    height = min(float(rows), _LINE_HEIGHT * letter * len(texts))
    left = min(column, columns - width)
    top = max(0.0, min(row, float(rows)) - height)
    return left, top, left + width, top + height


def _remarks(analysis: Analysis) -> Iterator[hd.pr.TextObject]:
    yield _remark(NOT_FOR_DIAGNOSIS.upper(), 0.0)
    lines = list(_doubts(analysis))
    if len(lines) > _MOST_REMARK_LINES:
        more = len(lines) - _MOST_REMARK_LINES
        lines = [*lines[:_MOST_REMARK_LINES], f"and {more} more: see the report"]
    if lines:
        height = min(0.9, _TEXT_HEIGHT * _LINE_HEIGHT * len(lines))
        yield _remark("\r\n".join(lines)[:1024], 1.0 - height)


def _doubts(analysis: Analysis) -> Iterator[str]:
    for check in analysis.quality:
        if check.status != CheckStatus.PASSED:
            yield f"{check.check} {check.status}: {check.reason or check.value}"
    for measurement in analysis.measurements:
        if measurement.status is MeasurementStatus.NOT_MEASURED:
            yield f"{measurement.name}: not measured ({measurement.reason})"


def _remark(text: str, top: float) -> hd.pr.TextObject:
    bottom = min(1.0, top + _TEXT_HEIGHT * _LINE_HEIGHT * (text.count("\r\n") + 1))
    return hd.pr.TextObject(
        text_value=text,
        units=hd.pr.AnnotationUnitsValues.DISPLAY,
        bounding_box=(0.0, top, 1.0, bottom),
        text_justification=hd.pr.TextJustificationValues.LEFT,
    )
