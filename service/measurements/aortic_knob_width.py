"""Aortic knob width: from the trachea's left border to the outermost point of the aortic arch."""

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.measurement import NormalRange
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.airway import straight_trachea
from service.measurements.aortic_arch import arch_level, arch_segments
from service.measurements.borders import borders
from service.measurements.horizontal_length import HorizontalLength
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.sides import towards_left


def take(subject: Subject) -> Taken:
    """Return millimetres in the plane that the spacing's provenance states."""
    return subject.once(aortic_knob).in_millimetres(subject.spacing)


def aortic_knob(subject: Subject) -> HorizontalLength:
    """Return the knob at the level of the arch; raises MissingSegment, NotMeasurable."""
    level, left, segments = arch_level(subject), towards_left(subject), arch_segments(subject)
    arch = borders(subject.shape(segments[0])).between(*level)
    trachea = subject.once(straight_trachea).between(*level)
    border = float(trachea.side(left).mean())
    outermost = int((arch.side(left) * left).argmax())
    row, edge = float(arch.rows[outermost]), float(arch.side(left)[outermost])
    width = (edge - border) * left
    if width <= 0:
        raise NotMeasurable("the aortic arch does not stand out to the left of the trachea")
    beside = tuple((float(each), border) for each in trachea.rows[[0, -1]])
    return HorizontalLength(
        width, ((row, border), (row, edge)), (beside,), (segments[0], "trachea")
    )


DEFINITION = define(
    Definition(
        key="aortic_knob_width",
        name="Aortic knob width",
        code=codes.WIDTH,
        unit=codes.MILLIMETRE,
        finding_site=codes.AORTIC_KNOB,
        segments=("aorta", "trachea"),
        take=take,
        definition="Horizontal distance from the left border of the trachea to the outermost "
        "point of the aortic arch, at the level of the arch.",
        formula="(outermost column of the arch - mean left border of the trachea over the arch's "
        "rows) x column spacing; a model without the arch gives the aorta over 60 % of the "
        "way from its top to the trachea's lower end",
        source="CheXStruct (CXReasonBench, arXiv 2505.18087, 2025), for the recipe",
        normal=(
            NormalRange(
                None,
                40.0,
                "adults, standing (mean 30.3, standard deviation 3.9 mm in healthy ones)",
                "Magera et al., researchsquare.com/article/rs-944105 (2021); 4 cm is the limit "
                "in common use",
                (ViewPosition.POSTERO_ANTERIOR,),
            ),
        ),
        gates=(Gate.PATIENT_ROTATION,),
    )
)
