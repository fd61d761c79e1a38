"""Is this a frontal chest radiograph at all? Judged from the model's own result.

The header cannot tell a dental film or an animal without a body part from a chest; what the
network finds on them can. Numbers are the package's, measured with it (its manifest).
"""

from service.domain.measurement import QualityCheck
from service.domain.segmentation import Segmentation
from service.errors import NotEligible
from service.inference.manifest import Plausibility

_FIELDS = ("right_lung_field", "left_lung_field")


def check_plausible(segmentation: Segmentation, limits: Plausibility) -> tuple[QualityCheck, ...]:
    """Return the passed checks; raises NotEligible(not_frontal_chest) naming the failed one."""
    checks = _checks(segmentation, limits)
    failed = [check.check for check in checks if check.status == "failed"]
    if failed:
        raise NotEligible(
            f"not a frontal chest radiograph: {', '.join(failed)}", code="not_frontal_chest"
        )
    return checks


def _checks(segmentation: Segmentation, limits: Plausibility) -> tuple[QualityCheck, ...]:
    right, left = (_fraction(segmentation, key) for key in _FIELDS)
    heart = _fraction(segmentation, "heart")
    certainty = min(_probability(segmentation, key) for key in (*_FIELDS, "heart"))
    return (
        _check(
            "smaller_lung_field_fraction",
            min(right, left),
            min(right, left) >= limits.minimum_lung_field_fraction,
        ),
        _check(
            "lung_fields_fraction",
            right + left,
            right + left <= limits.maximum_lung_field_fraction,
        ),
        _check("heart_fraction", heart, heart >= limits.minimum_heart_fraction),
        _check("certainty", certainty, certainty >= limits.minimum_probability),
    )


def _check(name: str, value: float, passed: bool) -> QualityCheck:  # noqa: FBT001 - a plain fact
    return QualityCheck(name, "passed" if passed else "failed", round(value, 4))


def _fraction(segmentation: Segmentation, key: str) -> float:
    return float(segmentation.mask(key).mean()) if segmentation.has(key) else 0.0


def _probability(segmentation: Segmentation, key: str) -> float:
    for segment, probability in zip(segmentation.segments, segmentation.probabilities, strict=True):
        if segment.key == key:
            return float(probability)
    return 0.0
