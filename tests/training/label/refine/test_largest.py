"""One piece of each organ."""

import numpy as np

from training.channels import number_of
from training.label.refine.largest import largest_pieces

SPACING = (4.0, 4.0, 4.0)


def two_pieces(key: str, second_at: int = 20) -> np.ndarray:
    labels = np.zeros((30, 30, 30), np.uint8)
    labels[5:15, 5:15, 5:15] = number_of(key)
    labels[5:15, 5:15, second_at : second_at + 5] = number_of(key)
    return labels


def test_a_second_heart_is_dropped_and_noted() -> None:
    found = largest_pieces(two_pieces("heart"), SPACING)

    assert (found.organs > 0).sum() == 10**3
    assert found.notes == ("32.0 ml of heart in other pieces dropped",)  # 500 voxels of 64 mm3


def test_bowel_and_cartilage_come_in_pieces() -> None:
    for key in ("small_bowel", "rib_cartilage", "posterior_rib_4_left", "vertebra_t5"):
        labels = two_pieces(key)

        assert np.array_equal(largest_pieces(labels, SPACING).organs, labels)


def test_a_large_piece_that_the_scan_cuts_off_is_kept() -> None:
    labels = two_pieces("scapula_left", second_at=25)

    assert np.array_equal(largest_pieces(labels, SPACING).organs, labels)
