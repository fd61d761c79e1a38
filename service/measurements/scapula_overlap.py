"""Scapula overlap: how much of each shoulder blade is projected on the lung."""

from functools import partial

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.measurement import NormalRange
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.lung_fields import LEFT, RIGHT, LungSide, field_outline
from service.measurements.outlines import outline
from service.measurements.registry import Definition, Subject, Taken, define

SMALLEST = 0.1
"""A scapula smaller than this part of its lung field is cut off or not found as a whole."""


def take(subject: Subject, side: LungSide) -> Taken:
    """Return the ratio of areas."""
    scapula, lung = subject.shape(f"scapula_{side.name}"), subject.shape(side.segment)
    if scapula.pixels < SMALLEST * lung.pixels:
        raise NotMeasurable(f"too little of the {side.name} scapula is seen")
    on_lung = subject.mask(f"scapula_{side.name}") & subject.mask(side.segment)
    return Taken(
        float(on_lung.sum()) / scapula.pixels,
        outline(scapula),
        aids=(field_outline(subject, side),),
    )


DEFINITIONS = tuple(
    define(
        Definition(
            key=f"scapula_overlap_{side.name}",
            name=f"Share of the {side.name} scapula projected on the lung",
            code=codes.SCAPULA_OVERLAP,
            unit=codes.RATIO_UNIT,
            finding_site=codes.SCAPULA,
            segments=(f"scapula_{side.name}", side.segment),
            take=partial(take, side=side),
            definition="Part of the shoulder blade's area that lies over the lung of its side. "
            "Standing against the detector with rolled shoulders it is small; lying, or with the "
            "beam from the front, most of it lies over the lung.",
            formula="pixels of scapula and lung field / pixels of the scapula",
            source="Lee et al., CheXStruct, arXiv 2505.18087 (2025)",
            normal=(
                NormalRange(
                    None,
                    0.3,
                    "adults, standing, postero-anterior",
                    "Lee et al., CheXStruct, arXiv 2505.18087 (2025)",
                    (ViewPosition.POSTERO_ANTERIOR,),
                ),
            ),
            gates=(Gate.FIELD_SIDES,),
        )
    )
    for side in (RIGHT, LEFT)
)
