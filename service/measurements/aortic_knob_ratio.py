"""Aortic knob in tracheal widths: a size of the arch that needs no millimetres."""

from service.domain.gate import Gate
from service.domain.measurement import NormalRange
from service.measurements import codes
from service.measurements.airway import tracheal_width
from service.measurements.aortic_knob_width import aortic_knob
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return the ratio, shown on the knob's width."""
    knob = subject.once(aortic_knob)
    ratio = knob.columns / tracheal_width(subject)
    return Taken(ratio, knob.line, aids=knob.aids, segments=knob.segments)


DEFINITION = define(
    Definition(
        key="aortic_knob_ratio",
        name="Aortic knob to tracheal width ratio",
        code=codes.AORTIC_KNOB_RATIO,
        unit=codes.RATIO_UNIT,
        finding_site=codes.AORTIC_KNOB,
        segments=("aorta", "trachea"),
        take=take,
        definition="Aortic knob width over the width of the trachea.",
        formula="aortic knob width in columns / median width of the trachea's straight part",
        source="CheXStruct (CXReasonBench, arXiv 2505.18087, 2025)",
        normal=(
            NormalRange(None, 2.5, "adults", "CheXStruct (CXReasonBench, arXiv 2505.18087, 2025)"),
        ),
        gates=(Gate.PATIENT_ROTATION,),
        drawn_with="aortic_knob_width",
    )
)
