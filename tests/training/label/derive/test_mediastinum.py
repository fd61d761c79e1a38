"""The parts of the mediastinum in a drawn chest."""

import numpy as np

from tests.training.label.derive.chest import MM, SPACING, T4_LOWER_MM, chest, millimetres
from training.channels import number_of
from training.label.derive.derived import mask_of
from training.label.derive.levels import lower_plate
from training.label.derive.lungs import lungs
from training.label.derive.mediastinum import ANTERIOR, KEYS, MIDDLE, POSTERIOR, UPPER, mediastinum

NOTHING = np.zeros((80, 60, 90), np.bool_)


def test_the_plane_of_t4_is_that_of_its_body_not_of_its_spinous_process() -> None:
    z, _, _ = millimetres()
    plate = lower_plate(chest().organs, "vertebra_t4")

    assert plate is not None
    assert abs(z[round(plate), 0, 0] - T4_LOWER_MM) <= MM


def test_the_upper_part_lies_above_t4_and_the_others_below() -> None:
    z, _, _ = millimetres()
    labels = mediastinum(chest().organs, NOTHING, SPACING).labels

    assert abs(z[mask_of(labels, UPPER)].min() - T4_LOWER_MM) <= MM
    assert z[mask_of(labels, ANTERIOR, MIDDLE, POSTERIOR)].max() <= T4_LOWER_MM + MM


def test_the_heart_is_middle_with_something_before_and_behind_it() -> None:
    organs = chest().organs
    labels = mediastinum(organs, NOTHING, SPACING).labels
    heart = organs == number_of("heart")

    assert (labels[heart] == number_of(MIDDLE)).all()
    before_it = ~np.maximum.accumulate(heart, axis=1)
    behind_it = ~np.maximum.accumulate(heart[:, ::-1], axis=1)[:, ::-1]
    through = heart.any(1)[:, None, :]
    for part, side in ((ANTERIOR, before_it), (POSTERIOR, behind_it)):
        column = mask_of(labels, part) & through
        assert column.any()
        assert side[column].all()


def test_the_descending_aorta_below_t4_is_posterior() -> None:
    organs = chest().organs
    labels = mediastinum(organs, NOTHING, SPACING).labels

    aorta = (organs == number_of("descending_aorta")) & heart_slices(organs)
    assert (labels[aorta] == number_of(POSTERIOR)).mean() > 0.95


def heart_slices(organs: np.ndarray) -> np.ndarray:
    return (organs == number_of("heart")).any((1, 2))[:, None, None]


def test_no_lung_no_bone_and_nothing_below_the_domes_is_mediastinum() -> None:
    organs = chest().organs
    below = NOTHING.copy()
    below[:30] = True

    found = mediastinum(organs, below, SPACING)

    assert found.known == frozenset(KEYS)
    assert not (found.labels[:30]).any()
    assert not found.labels[lungs(organs)].any()
    assert not found.labels[mask_of(organs, "vertebra_t6", "sternum")].any()


def test_without_t4_the_carina_gives_the_plane_and_without_both_there_is_none() -> None:
    organs = chest().organs
    organs[mask_of(organs, "vertebra_t4")] = 0

    assert set(mediastinum(organs, NOTHING, SPACING).unknown) == set(KEYS)

    z, y, x = millimetres()
    for sign in (-1, 1):  # two bronchi from 56 mm downwards
        organs[(np.hypot(x - sign * 16, y - 20) < 7) & (z > 20) & (z < 56)] = number_of("trachea")
    organs[(np.hypot(x, y - 20) < 9) & (z < 56) & mask_of(organs, "trachea")] = 0
    found = mediastinum(organs, NOTHING, SPACING)
    assert abs(z[mask_of(found.labels, UPPER)].min() - (56 + 5)) <= 2 * MM
