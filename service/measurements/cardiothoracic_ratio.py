"""Cardiothoracic ratio: widest heart over widest thorax.

Definition: horizontal distance between the outermost points of the heart's borders, divided by
the horizontal distance between the outer borders of the two lung fields. Needs no spacing: both
are counted along columns. An antero-posterior view enlarges the heart, so its limit is another;
where the header does not tell the view, there is none.
"""

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.measurement import NormalRange
from service.measurements import codes
from service.measurements.extents import heart_extent, thorax_extent
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return the ratio, shown on the heart's width with the thorax' beside it."""
    heart, thorax = subject.once(heart_extent), subject.once(thorax_extent)
    return Taken(heart.width / thorax.width, heart.line(), aids=(thorax.line(),))


DEFINITION = define(
    Definition(
        key="cardiothoracic_ratio",
        name="Cardiothoracic ratio",
        code=codes.CARDIOTHORACIC_RATIO,
        unit=codes.RATIO_UNIT,
        finding_site=codes.HEART,
        segments=("heart", "right_lung_field", "left_lung_field"),
        take=take,
        definition="Maximal transverse cardiac diameter over maximal internal thoracic diameter.",
        formula="columns that the heart's largest component spans, without what is as thin as a "
        "vessel / columns that both lung fields span",
        source="Danzer, Am J Med Sci 1919;157:513",
        normal=(
            NormalRange(
                None,
                0.50,
                "adults, standing",
                "Danzer, Am J Med Sci 1919;157:513",
                (ViewPosition.POSTERO_ANTERIOR,),
            ),
            NormalRange(
                None,
                0.55,
                "adults; the antero-posterior view magnifies the heart",
                "CheXStruct (CXReasonBench, arXiv 2505.18087, 2025)",
                (ViewPosition.ANTERO_POSTERIOR,),
            ),
        ),
        gates=(Gate.FIELD_SIDES, Gate.PATIENT_ROTATION),
        drawn_with="cardiac_width",
    )
)
