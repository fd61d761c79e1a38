"""What the result itself says about whether this is a chest."""

import numpy as np
import pytest

from service.domain.segmentation import Segmentation
from service.errors import NotEligible
from service.inference.manifest import LabelEntry, Plausibility
from service.inference.plausibility import check_plausible
from tests.unit.inference.conftest import label

KEYS = ("right_lung_field", "left_lung_field", "heart")
LIMITS = Plausibility(
    minimum_lung_field_fraction=0.05,
    maximum_lung_field_fraction=0.6,
    minimum_heart_fraction=0.02,
    minimum_probability=0.7,
)


def found(**fractions: float) -> Segmentation:
    """Masks that cover the given fractions of the image, each with probability 0.9."""
    masks = np.zeros((3, 100, 100), np.bool_)
    for index, key in enumerate(KEYS):
        masks[index, : round(100 * fractions.get(key, 0.1))] = True
    segments = tuple(
        LabelEntry.model_validate(label(number + 1, key)).to_segment()
        for number, key in enumerate(KEYS)
    )
    return Segmentation(segments, masks, np.full(3, fractions.get("probability", 0.9), np.float32))


def test_a_chest_passes_and_says_its_scores() -> None:
    checks = check_plausible(found(), LIMITS)

    assert {check.status for check in checks} == {"passed"}
    assert {check.check for check in checks} >= {"heart_fraction", "certainty"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"right_lung_field": 0.01}, "smaller_lung_field_fraction"),
        ({"left_lung_field": 0.0}, "smaller_lung_field_fraction"),
        ({"left_lung_field": 0.9}, "lung_fields_fraction"),
        ({"heart": 0.0}, "heart_fraction"),
        ({"probability": 0.5}, "certainty"),
    ],
)
def test_what_does_not_look_like_a_chest_is_named(change: dict[str, float], named: str) -> None:
    with pytest.raises(NotEligible, match=named) as caught:
        check_plausible(found(**change), LIMITS)

    assert caught.value.code == "not_frontal_chest"
