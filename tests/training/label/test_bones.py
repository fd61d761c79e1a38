import numpy as np
from scipy import ndimage

from training.ingest.volume import Volume
from training.label.bones import fitted_bones, one_number_per_piece
from training.label.rules import Rules
from training.label.total_ids import AORTA, LEFT_RIBS

SHAPE, SPACING = (30, 30, 60), (2.0, 2.0, 2.0)
FIFTH, SIXTH = LEFT_RIBS[4], LEFT_RIBS[5]


def bar(z: int) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[z : z + 3, 14:17, 5:55] = True
    return mask


def rules(bone: np.ndarray) -> Rules:
    nothing = np.zeros(SHAPE, bool)
    return Rules(np.ones(SHAPE, bool), nothing, nothing, nothing, nothing, bone, None)


def test_bone_takes_the_nearest_carried_bone() -> None:
    bone = bar(6) | bar(20)
    raw = np.zeros(SHAPE, np.uint8)
    raw[bar(8)], raw[bar(22)] = FIFTH, SIXTH  # carried 4 mm too high
    found = fitted_bones(
        raw, Volume(np.where(bone, 600, 40).astype(np.int16), SPACING), rules(bone)
    )
    assert (found[bar(6)] == FIFTH).all()
    assert (found[bar(20)] == SIXTH).all()
    rim = ndimage.binary_dilation(bone)  # marrow is soft, so a voxel beside bone may stay
    assert not found[~rim].any()


def test_contrast_medium_in_a_vessel_is_no_bone() -> None:
    vessel = bar(20)
    raw = np.zeros(SHAPE, np.uint8)
    raw[bar(24)], raw[vessel] = FIFTH, AORTA
    hu = np.where(vessel, 400, 40).astype(np.int16)
    assert not fitted_bones(raw, Volume(hu, SPACING), rules(vessel))[vessel].any()


def test_a_small_piece_of_one_rib_that_lies_on_another_takes_its_number() -> None:
    bones = np.where(bar(6), FIFTH, 0).astype(np.uint8)
    bones[bar(20)] = SIXTH
    bones[20:23, 14:17, 5:9] = FIFTH
    found = one_number_per_piece(bones, 2.0)
    assert (found[bar(20)] == SIXTH).all()
    assert (found[bar(6)] == FIFTH).all()
