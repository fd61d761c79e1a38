import numpy as np
import pytest
import torch

from training.ingest.volume import Volume
from training.label.registration import Chest, Warp, register
from training.label.rules import apply_rules
from training.label.vote import dice

pytestmark = pytest.mark.usefixtures("coarse_registration")

HEART_HU, SPINE_HU = 45, 500


def always(warp: Warp) -> float:
    """Every attempt is as good as the other."""
    del warp
    return 0.0


@pytest.fixture(scope="module")
def moved(phantom: Volume) -> Volume:
    """The same chest, 12 mm to the left and 8 mm higher."""
    hu = np.roll(phantom.hu, (2, 0, 3), (0, 1, 2))
    return Volume(hu, phantom.spacing_mm)


def test_labels_arrive_where_the_same_organs_are(phantom: Volume, moved: Volume) -> None:
    fixed, moving = (Chest.of(v, apply_rules(v)) for v in (moved, phantom))
    warp = register(fixed, moving, always)
    labels = np.select([phantom.hu == HEART_HU, phantom.hu == SPINE_HU], [1, 2], 0)
    carried = warp.carry(labels.astype(np.uint8), moved.hu.shape, moved.spacing_mm[0])
    before = dice(labels == 1, moved.hu == HEART_HU)
    assert dice(carried == 1, moved.hu == HEART_HU) > max(0.93, before + 0.05)
    assert dice(carried == 2, moved.hu == SPINE_HU) > 0.85
    again = register(fixed, moving, always)
    assert again.displacement_mm is not None
    assert warp.displacement_mm is not None
    assert torch.equal(again.displacement_mm, warp.displacement_mm)


def test_the_attempt_that_is_less_bad_is_finished(phantom: Volume, moved: Volume) -> None:
    fixed, moving = (Chest.of(v, apply_rules(v)) for v in (moved, phantom))
    seen: list[Warp] = []

    def second_is_better(warp: Warp) -> float:
        seen.append(warp)
        return -float(len(seen))

    found = register(fixed, moving, second_is_better)
    assert len(seen) == 2
    assert found.affine is seen[1].affine
