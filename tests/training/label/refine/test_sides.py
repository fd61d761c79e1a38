"""Right and left by the plane."""

import numpy as np
import pytest

from tests.training.label.refine.skeletons import MM, SPACING, organs
from training.channels import number_of
from training.label.derive.derived import mask_of
from training.label.refine.plane import BodyPlane, body_plane
from training.label.refine.sides import partner, repair_sides, sided_keys


@pytest.fixture
def plane() -> BodyPlane:
    found = body_plane(organs(), SPACING)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("clavicle_left", "clavicle_right"),
        ("anterior_rib_3_right", "anterior_rib_3_left"),
        ("right_lung", "left_lung"),
        ("lung_middle_lobe_right", "lung_upper_lobe_left"),
        ("heart", None),
    ],
)
def test_a_partner_is_the_same_bone_of_the_other_side(key: str, other: str | None) -> None:
    assert partner(key) == other


def test_every_sided_key_has_a_partner_in_the_table() -> None:
    assert {"kidney_left", "right_hemidiaphragm", "breast_right"} <= sided_keys().keys()
    assert "clavicles" not in sided_keys()


def test_the_part_of_a_bone_beyond_the_middle_changes_sides(plane: BodyPlane) -> None:
    labels = organs()
    both = mask_of(labels, "clavicle_left", "clavicle_right")
    labels[both] = number_of("clavicle_left")

    assert np.array_equal(repair_sides(labels, plane, SPACING).organs, organs())


def test_a_lung_may_reach_over_the_middle(plane: BodyPlane) -> None:
    labels = np.zeros_like(organs())
    middle = labels.shape[2] // 2
    labels[50:60, 15:25, middle - 5 : middle + 20] = number_of("left_lung")

    assert np.array_equal(repair_sides(labels, plane, SPACING).organs, labels)


def test_a_piece_of_lobe_in_the_other_lung_becomes_that_lungs(plane: BodyPlane) -> None:
    labels = np.zeros_like(organs())
    labels[50:60, 15:25, :20] = number_of("lung_lower_lobe_left")

    found = repair_sides(labels, plane, SPACING)

    assert mask_of(found.organs, "lung_lower_lobe_right").sum() == (labels > 0).sum()


def test_a_liver_on_the_left_makes_every_side_unknown(plane: BodyPlane) -> None:
    labels = organs()
    labels[5:20, 10:30, -round(100 / MM) :] = number_of("liver")

    found = repair_sides(labels, plane, SPACING)

    assert set(found.unknown) == set(sided_keys())
    assert "mirrored" in found.unknown["clavicle_left"]
