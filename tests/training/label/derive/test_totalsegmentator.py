"""TotalSegmentator's ids become keys of the structure table."""

import numpy as np
import pytest

from service.anatomy.structures import structures
from training.label.derive.derived import mask_of
from training.label.derive.totalsegmentator import IDS, from_totalsegmentator

SPACING = (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        (10, "lung_upper_lobe_left"),
        (27, "vertebra_l5"),
        (40, "vertebra_t4"),
        (50, "vertebra_c1"),
        (103, "rib_12_left"),
        (115, "rib_12_right"),
        (74, "clavicle_right"),
        (52, "aorta"),
    ],
)
def test_a_class_becomes_its_structure(identifier: int, key: str) -> None:
    ids = np.full((3, 3, 3), identifier, np.uint8)

    assert mask_of(from_totalsegmentator(ids, SPACING).labels, key).all()


def test_classes_without_a_word_in_the_table_are_left_out() -> None:
    spleen, nothing = 1, 0

    labels = from_totalsegmentator(np.array([[[spleen, nothing]]], np.uint8), SPACING).labels

    assert not labels.any()


def test_no_class_has_two_keys_and_every_key_is_in_the_table() -> None:
    ids = [identifier for members in IDS.values() for identifier in members]

    assert len(ids) == len(set(ids))
    assert set(IDS) <= {structure.key for structure in structures()}


def test_what_the_classes_can_say_is_known_even_where_it_is_absent() -> None:
    known = from_totalsegmentator(np.zeros((2, 2, 2), np.uint8), SPACING).known

    assert {"heart", "posterior_rib_5_left", "vertebra_t9", "aortic_arch", "right_lung"} <= known
    assert "breast_left" not in known
