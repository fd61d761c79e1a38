"""Upper mediastinal width: the mediastinum at the level of the aortic arch."""

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.measurement import NormalRange
from service.measurements import codes
from service.measurements.extents import millimetres
from service.measurements.mediastinum import mediastinum_segments, widest_mediastinum
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return millimetres in the plane that the spacing's provenance states."""
    mediastinum = subject.once(widest_mediastinum)
    value = millimetres(mediastinum.width, subject.spacing)
    source, segments = subject.spacing.provenance.value, mediastinum_segments(subject)
    return Taken(value, mediastinum.line(), source, segments=segments)


DEFINITION = define(
    Definition(
        key="upper_mediastinal_width",
        name="Upper mediastinal width",
        code=codes.WIDTH,
        unit=codes.MILLIMETRE,
        finding_site=codes.MEDIASTINUM,
        segments=("cardiomediastinum", "aorta", "trachea"),
        take=take,
        definition="Largest horizontal width of the mediastinum at the level of the aortic arch.",
        formula="widest row of the upper mediastinum in the arch's rows x column spacing; a model "
        "without them gives the cardiomediastinum from the top of the aorta half-way down to the "
        "trachea's lower end",
        source="EMJ 2001;18:183; J Trauma 2004;57:88",
        normal=(
            NormalRange(
                None,
                75.0,
                "95 % of 100 adults, lying; the usual distances alone can magnify a normal "
                "mediastinum to 89 to 101 mm (Gleeson et al.)",
                "Woodring and King, J Trauma 1989;29:1268",
                (ViewPosition.ANTERO_POSTERIOR,),
            ),
        ),
        gates=(Gate.PATIENT_ROTATION,),
    )
)
