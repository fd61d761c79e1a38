"""Lungs and lobes."""

import numpy as np

from training.channels import number_of
from training.label.derive.derived import mask_of
from training.label.derive.lungs import LOBES, lobes_in, lung


def test_a_lung_is_found_whole_or_in_lobes() -> None:
    organs = np.array(
        [[[number_of("right_lung"), number_of("lung_middle_lobe_right"), 0]]], np.uint8
    )

    assert lung(organs, "right").ravel().tolist() == [True, True, False]
    assert not lung(organs, "left").any()


def test_each_voxel_of_a_lung_takes_the_nearest_lobe_of_its_own_side() -> None:
    lobes = np.zeros((10, 3, 9), np.uint8)
    lobes[8:, :, :3] = number_of("lung_upper_lobe_right")
    lobes[1, :, :3] = number_of("lung_lower_lobe_right")
    lobes[5, :, 8] = number_of("lung_upper_lobe_left")  # outside the lungs
    lobes[5, :, 6] = number_of("lung_lower_lobe_left")
    right, left = np.zeros(lobes.shape, np.bool_), np.zeros(lobes.shape, np.bool_)
    right[:, :, :4], left[:, :, 5:8] = True, True

    found = lobes_in(lobes, right, left, (1.0, 1.0, 1.0))

    assert np.array_equal(lung(found.labels, "right"), right)
    assert np.array_equal(lung(found.labels, "left"), left)
    # Half-way between slice 1 and slice 8.
    upper = mask_of(found.labels, "lung_upper_lobe_right")
    assert np.flatnonzero(upper.any((1, 2))).tolist() == [5, 6, 7, 8, 9]
    assert not found.unknown


def test_a_lung_without_lobes_stays_whole_and_its_lobes_unknown() -> None:
    right = np.ones((2, 2, 2), np.bool_)

    found = lobes_in(np.zeros((2, 2, 2), np.uint8), right, ~right, (1.0, 1.0, 1.0))

    assert (found.labels == number_of("right_lung")).all()
    assert set(LOBES["right"]) <= found.unknown.keys()
    assert "right_lung" in found.known
