from pathlib import Path

import numpy as np

from training.channels import Structure as S  # noqa: N817 - named often
from training.ingest.volume import Volume
from training.label.derived import diaphragm_height
from training.label.labelled import LabelledVolume
from training.label.stage import label_volume
from training.label.totalsegmentator import from_totalsegmentator


def test_without_an_atlas_heart_and_bones_are_absent_knowledge(phantom: Volume) -> None:
    found = label_volume(phantom, None)
    assert {S.RIGHT_LUNG, S.LEFT_LUNG, S.BELOW_LEFT_DOME} <= found.known
    assert not {S.HEART, S.AORTA, S.CLAVICLE_LEFT, S.RIBS} & found.known


def test_below_the_domes_lies_below_the_lungs_and_on_its_own_side(phantom: Volume) -> None:
    found = label_volume(phantom, None)
    lungs = np.nonzero(found.mask(S.RIGHT_LUNG, S.LEFT_LUNG))[0]
    right, left = (np.nonzero(found.mask(s)) for s in (S.BELOW_RIGHT_DOME, S.BELOW_LEFT_DOME))
    assert right[0].mean() < lungs.mean()
    assert right[2].max() < left[2].min()


def test_the_heart_closes_the_gap_in_the_diaphragm() -> None:
    lungs = np.zeros((10, 4, 3), bool)
    heart = np.zeros_like(lungs)
    lungs[2:, :, (0, 2)] = True
    lungs[7:, :, 1] = True  # lung only above the heart
    heart[3:7, :, 1] = True
    assert diaphragm_height(lungs, heart, 1)[0].round().tolist() == [2, 3, 2]


def test_totalsegmentator_lobes_become_the_right_sides_lungs() -> None:
    ids = np.array([[[10, 11, 12, 13, 14, 51, 73, 74, 0]]], np.uint8)
    found = from_totalsegmentator(ids).ravel().tolist()
    left, right = S.LEFT_LUNG, S.RIGHT_LUNG
    expected = [left, left, right, right, right, S.HEART, S.CLAVICLE_LEFT, S.CLAVICLE_RIGHT, S.NONE]
    assert found == expected


def test_labels_survive_writing_and_reading(tmp_path: Path, phantom: Volume) -> None:
    found = label_volume(phantom, None)
    found.save(tmp_path / "a.npz")
    back = LabelledVolume.load(tmp_path / "a.npz")
    assert back.known == found.known
    assert (back.structures == found.structures).all()


def test_a_narrow_ridge_under_a_lung_is_not_taken_for_the_diaphragm() -> None:
    lungs = np.zeros((20, 30, 30), bool)
    lungs[5:] = True
    lungs[5:15, 14:16, :] = False  # a vessel runs up under the lung
    height = diaphragm_height(lungs, np.zeros_like(lungs), ridge=7)
    assert abs(height - 5).max() < 0.5
