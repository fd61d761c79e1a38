import numpy as np
import pytest

from training.channels import Layer, number_of
from training.label.labelled import LabelledVolume
from training.label.layers import ids_of, known_keys
from training.label.total_ids import (
    AORTA,
    ATRIAL_APPENDAGE,
    HEART,
    LEFT_LOBES,
    LEFT_LUNG,
    LEFT_RIBS,
    T1,
)


@pytest.mark.parametrize(
    ("label", "keys"),
    [
        (LEFT_RIBS[4], {"posterior_rib_5_left", "anterior_rib_5_left"}),
        (LEFT_RIBS[11], {"rib_12_left"}),
        (T1, {"vertebra_t1"}),
        (HEART, {"heart"}),
        (ATRIAL_APPENDAGE, set()),
        (LEFT_LUNG, {"left_lung"}),
        (AORTA, {"aorta", "ascending_aorta", "aortic_arch", "descending_aorta"}),
    ],
)
def test_a_class_id_vouches_for_its_keys_and_no_other(label: int, keys: set[str]) -> None:
    assert known_keys(frozenset({label})) == keys


def test_a_lung_is_known_only_with_all_its_lobes() -> None:
    assert "left_lung" not in known_keys(frozenset(LEFT_LOBES[:1]))
    assert "left_lung" in known_keys(frozenset(LEFT_LOBES))


def test_organs_become_class_ids_again_and_what_is_not_known_becomes_nothing() -> None:
    keys = ["heart", "vertebra_t1", "posterior_rib_5_left", "anterior_rib_5_left", "aortic_arch"]
    organs = np.array([[[number_of(key) for key in [*keys, "liver"]]]], np.uint8)
    ids = ids_of(LabelledVolume({Layer.ORGANS: organs}, frozenset(keys)))
    assert ids.ravel().tolist() == [HEART, T1, LEFT_RIBS[4], LEFT_RIBS[4], AORTA, 0]
