"""What lies below the domes of a drawn chest."""

import numpy as np

from tests.training.label.derive.chest import DOME_MM, MM, SPACING, chest, millimetres
from training.channels import number_of
from training.label.derive.derived import mask_of
from training.label.derive.diaphragm import KEYS, dome_height, hemidiaphragms
from training.label.derive.lungs import lungs


def test_below_each_dome_lies_the_body_on_its_own_side() -> None:
    drawn = chest()
    z, _, x = millimetres()

    found = hemidiaphragms(drawn.organs, drawn.body, SPACING)

    right, left = (mask_of(found.labels, key) for key in KEYS)
    assert x[right].max() < 0 < x[left].min()
    assert (drawn.body[right | left]).all()
    assert not ((right | left) & lungs(drawn.organs)).any()
    for side in (right, left):
        assert abs(z[side].max() - DOME_MM) <= 2 * MM


def test_every_column_through_a_lung_is_filled_up_to_the_dome() -> None:
    drawn = chest()

    region = hemidiaphragms(drawn.organs, drawn.body, SPACING).labels > 0

    lung = lungs(drawn.organs)
    column = (slice(None), lung.shape[1] // 2, int(lung.shape[2] / 2 - 75 / MM))
    assert abs(int(region[column].sum()) - int(np.argmax(lung[column]))) <= 1


def test_without_the_heart_the_domes_are_not_known() -> None:
    drawn = chest()
    drawn.organs[drawn.organs == number_of("heart")] = 0

    found = hemidiaphragms(drawn.organs, drawn.body, SPACING)

    assert set(found.unknown) == set(KEYS)
    assert "heart" in found.unknown[KEYS[0]]


def test_the_heart_closes_the_gap_in_the_diaphragm() -> None:
    lung = np.zeros((10, 4, 3), np.bool_)
    heart = np.zeros_like(lung)
    lung[2:, :, (0, 2)] = True
    lung[7:, :, 1] = True  # lung only above the heart
    heart[3:7, :, 1] = True

    height = dome_height(lung, heart, (40.0, 40.0, 40.0))

    assert height[0].round().tolist() == [2, 3, 2]


def test_a_narrow_ridge_under_a_lung_is_not_taken_for_the_dome() -> None:
    lung = np.zeros((20, 30, 30), np.bool_)
    lung[5:] = True
    lung[5:15, 14:16, :] = False  # a vessel runs up under the lung

    height = dome_height(lung, np.zeros_like(lung), (5.0, 5.0, 5.0))

    assert abs(height - 5).max() < 0.5
