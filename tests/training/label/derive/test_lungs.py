"""Lungs from lobes."""

import numpy as np

from training.channels import number_of
from training.label.derive.lungs import lung


def test_a_lung_is_found_whole_or_in_lobes() -> None:
    organs = np.array(
        [[[number_of("right_lung"), number_of("lung_middle_lobe_right"), 0]]], np.uint8
    )

    assert lung(organs, "right").ravel().tolist() == [True, True, False]
    assert not lung(organs, "left").any()
