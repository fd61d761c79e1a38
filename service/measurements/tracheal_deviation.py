"""Tracheal deviation: how far the trachea lies beside the midline of the spine."""

import numpy as np

from service.domain.gate import Gate
from service.domain.measurement import Line
from service.measurements import codes
from service.measurements.airway import straight_trachea
from service.measurements.borders import Borders
from service.measurements.horizontal_length import HorizontalLength
from service.measurements.midline import Midline, spine_midline
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.sides import towards_left


def take(subject: Subject) -> Taken:
    """Return millimetres, positive to the patient's left."""
    return subject.once(deviation).in_millimetres(subject.spacing)


def deviation(subject: Subject) -> HorizontalLength:
    """Return the mean offset over the straight part; raises MissingSegment, NotMeasurable."""
    trachea, midline = subject.once(straight_trachea), subject.once(spine_midline)
    trachea = trachea.between(midline.top, midline.bottom)
    offset = float((trachea.centres - midline.at(trachea.rows.astype(np.float64))).mean())
    row = float(trachea.rows.mean())
    middle = midline.column(row)
    line = ((row, middle), (row, middle + offset))
    segments = ("trachea", *midline.segments)
    return HorizontalLength(offset * towards_left(subject), line, _aids(trachea, midline), segments)


def _aids(trachea: Borders, midline: Midline) -> tuple[Line, ...]:
    """Return the midline and the middle of the trachea, over the rows that were compared."""
    first, last = float(trachea.rows[0]), float(trachea.rows[-1])
    taken = np.unique(np.linspace(0, len(trachea.rows) - 1, 12).round().astype(int))
    middle = zip(trachea.rows[taken], trachea.centres[taken], strict=True)
    return (midline.line(first, last), tuple((float(row), float(column)) for row, column in middle))


DEFINITION = define(
    Definition(
        key="tracheal_deviation",
        name="Tracheal deviation, positive to the patient's left",
        code=codes.DISTANCE,
        unit=codes.MILLIMETRE,
        finding_site=codes.TRACHEA,
        segments=("trachea", "spine"),
        take=take,
        definition="Mean horizontal distance of the middle of the trachea from the midline of the "
        "spine. Negative is to the patient's right, where the aortic knob pushes it a little.",
        formula="mean over the trachea's rows, without its upper quarter and lower tenth, of "
        "(middle of the row - midline) x column spacing",
        source="CheXStruct (CXReasonBench, arXiv 2505.18087, 2025), for the rows that are compared",
        gates=(Gate.PATIENT_ROTATION,),
    )
)
