"""The body's plane in a drawn skeleton."""

import numpy as np
import pytest

from tests.training.label.refine.skeletons import MIDDLE_X_MM, MM, SPACING, organs
from training.label.derive.derived import mask_of
from training.label.derive.levels import VERTEBRAE
from training.label.refine.plane import body_plane


def test_a_straight_skeleton_has_its_plane_in_the_middle() -> None:
    plane = body_plane(organs(), SPACING)

    assert plane is not None
    across = np.array([[200.0, 60.0, MIDDLE_X_MM], [100.0, 140.0, MIDDLE_X_MM + 30]])
    assert plane.left_mm(across) == pytest.approx([0, 30], abs=MM)


@pytest.mark.parametrize("lean", [-0.2, 0.2])
def test_a_leaning_body_has_a_leaning_plane(lean: float) -> None:
    labels = organs()
    for z, cut in enumerate(labels):
        labels[z] = np.roll(cut, round(lean * (z - 52)), axis=1)

    plane = body_plane(labels, SPACING)

    assert plane is not None
    assert plane.by_z == pytest.approx(lean, abs=0.04)


def test_a_body_lying_on_its_side_has_none() -> None:
    turned = np.ascontiguousarray(organs().transpose(0, 2, 1))

    assert body_plane(turned, SPACING) is None


def test_a_scan_without_spine_has_none() -> None:
    labels = organs()
    labels[mask_of(labels, *VERTEBRAE)] = 0

    assert body_plane(labels, SPACING) is None
