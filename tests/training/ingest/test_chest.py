"""Body, couch and lungs of a drawn chest are those that were drawn."""

import numpy as np

from tests.training.ingest.written import SPACING, chest
from training.ingest.chest import find_body, find_lungs, keep_near
from training.ingest.preparing import without_couch
from training.ingest.volume import Volume

CHEST = chest()
LUNG = CHEST.hu == -850


def with_couch(thickness: int) -> Volume:
    hu = CHEST.hu.copy()
    hu[:, 47 - thickness : 47, 8:64] = np.maximum(hu[:, 47 - thickness : 47, 8:64], 100)
    return Volume(hu, CHEST.spacing_mm)


def test_the_couch_is_cleared_and_the_body_kept() -> None:
    volume = with_couch(1)

    body = find_body(volume)
    cleared, removed_ml = without_couch(volume, keep_near(body, volume))

    inside = CHEST.hu > -500
    assert np.array_equal(cleared.hu[inside], CHEST.hu[inside])
    # what lies within two voxels of the back stays
    added = (volume.hu > -700) & (CHEST.hu < -700)
    assert removed_ml > 0.7 * added.sum() * SPACING**3 / 1000


def test_an_empty_couch_removes_nothing() -> None:
    _, removed_ml = without_couch(CHEST, keep_near(find_body(CHEST), CHEST))

    assert removed_ml == 0


def test_both_lungs_are_found_on_their_sides() -> None:
    lungs = find_lungs(CHEST, find_body(CHEST))

    assert lungs is not None
    middle = CHEST.hu.shape[2] // 2
    for found, side in ((lungs.right, slice(None, middle)), (lungs.left, slice(middle, None))):
        wanted = np.zeros_like(LUNG)
        wanted[:, :, side] = LUNG[:, :, side]
        overlap = 2 * (found & wanted).sum() / (found.sum() + wanted.sum())
        assert overlap > 0.97


def test_the_airway_is_no_lung() -> None:
    lungs = find_lungs(CHEST, find_body(CHEST))

    assert lungs is not None
    assert not lungs.both[-1].any(), "only the trachea reaches the top"


def test_a_body_without_lungs_has_none() -> None:
    solid = Volume(np.where(LUNG, 40, CHEST.hu).astype(np.int16), CHEST.spacing_mm)

    assert find_lungs(solid, find_body(solid)) is None
