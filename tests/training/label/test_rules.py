import numpy as np
import pytest

from training.ingest.volume import Volume
from training.label.rules import RulesFailed, apply_rules


def _centre(mask: np.ndarray) -> np.ndarray:
    return np.mean(np.nonzero(mask), axis=1)


def test_right_lung_is_on_the_patients_right_and_left_on_the_left(phantom: Volume) -> None:
    found = apply_rules(phantom)
    assert _centre(found.right_lung)[2] < _centre(found.left_lung)[2]


def test_lungs_hold_what_the_phantom_made_of_lung(phantom: Volume) -> None:
    found = apply_rules(phantom)
    truth = phantom.hu == -850
    lungs = found.right_lung | found.left_lung
    dice = 2 * (lungs & truth).sum() / (lungs.sum() + truth.sum())
    assert dice > 0.95


def test_airway_outside_air_and_couch_are_not_lung(phantom: Volume) -> None:
    hu = phantom.hu.copy()
    hu[:, -2:, 20:70] = 200  # a couch behind the patient
    found = apply_rules(Volume(hu, phantom.spacing_mm))
    lungs = found.right_lung | found.left_lung
    assert not found.body[:, -2:].any()
    assert not (lungs & (phantom.hu == -1000)).sum() > 0.02 * lungs.sum()


def test_a_mirrored_body_has_its_sides_swapped(phantom: Volume) -> None:
    straight = apply_rules(phantom)
    mirrored = apply_rules(Volume(phantom.hu[:, :, ::-1].copy(), phantom.spacing_mm))
    assert (mirrored.right_lung[:, :, ::-1] == straight.left_lung).mean() > 0.999


def test_a_block_of_water_has_no_lungs_and_says_so() -> None:
    with pytest.raises(RulesFailed, match="two separate lungs"):
        apply_rules(Volume(np.zeros((30, 30, 30), np.int16), (4.0, 4.0, 4.0)))
