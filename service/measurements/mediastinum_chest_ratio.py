"""Mediastinum to chest ratio: both widths on one row, at the level of the aortic arch."""

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.measurement import NormalRange
from service.measurements import codes
from service.measurements.mediastinum import chest_at, mediastinum_segments, widest_mediastinum
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return the ratio, shown on the mediastinum's width with the chest's beside it."""
    mediastinum = subject.once(widest_mediastinum)
    chest = chest_at(subject, mediastinum.row)
    segments = (*mediastinum_segments(subject), "right_lung_field", "left_lung_field")
    ratio = mediastinum.width / chest.width
    return Taken(ratio, mediastinum.line(), aids=(chest.line(),), segments=segments)


DEFINITION = define(
    Definition(
        key="mediastinum_chest_ratio",
        name="Mediastinum to chest width ratio",
        code=codes.MEDIASTINUM_CHEST_RATIO,
        unit=codes.RATIO_UNIT,
        finding_site=codes.MEDIASTINUM,
        segments=("cardiomediastinum", "aorta", "trachea", "right_lung_field", "left_lung_field"),
        take=take,
        definition="Upper mediastinal width over the width of the chest on the same row. The limit "
        "of 0.25 that is in use for standing patients is no normal range: most chests exceed it.",
        formula="columns of the mediastinum / columns between the outer borders of both lung "
        "fields, in the mediastinum's widest row at the level of the aortic arch",
        source="Woodring and King, J Trauma 1989;29:1268",
        normal=(
            NormalRange(
                None,
                0.38,
                "95 % of 100 adults, lying",
                "Woodring and King, J Trauma 1989;29:1268",
                (ViewPosition.ANTERO_POSTERIOR,),
            ),
        ),
        gates=(Gate.FIELD_SIDES, Gate.PATIENT_ROTATION),
        drawn_with="upper_mediastinal_width",
    )
)
