"""Tracheal deviation in half tracheal widths: beyond 1 the midline lies outside the trachea."""

from service.domain.gate import Gate
from service.domain.measurement import NormalRange
from service.measurements import codes
from service.measurements.airway import tracheal_width
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.tracheal_deviation import deviation


def take(subject: Subject) -> Taken:
    """Return the ratio, positive to the patient's left, shown on the deviation's line."""
    found = subject.once(deviation)
    ratio = found.columns / (tracheal_width(subject) / 2)
    return Taken(ratio, found.line, aids=found.aids, segments=found.segments)


DEFINITION = define(
    Definition(
        key="tracheal_deviation_ratio",
        name="Tracheal deviation in half tracheal widths",
        code=codes.TRACHEAL_DEVIATION_RATIO,
        unit=codes.RATIO_UNIT,
        finding_site=codes.TRACHEA,
        segments=("trachea", "spine"),
        take=take,
        definition="Tracheal deviation over half the width of the trachea, positive to the "
        "patient's left: the midline of the spine lies inside the trachea from -1 to 1.",
        formula="tracheal deviation in columns / (median width of the trachea's straight part / 2)",
        source="CheXStruct (CXReasonBench, arXiv 2505.18087, 2025)",
        normal=(
            NormalRange(
                -1.0,
                1.0,
                "adults; the midline of the spine lies inside the trachea",
                "CheXStruct (CXReasonBench, arXiv 2505.18087, 2025)",
            ),
        ),
        gates=(Gate.PATIENT_ROTATION,),
        drawn_with="tracheal_deviation",
    )
)
