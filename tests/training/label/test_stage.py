from pathlib import Path

import numpy as np

from training.channels import Layer, number_of
from training.ingest.volume import Volume
from training.label.derived import diaphragm_height
from training.label.labelled import LabelledVolume
from training.label.stage import label_volume
from training.label.totalsegmentator import from_totalsegmentator


def test_without_an_atlas_heart_and_bones_are_absent_knowledge(phantom: Volume) -> None:
    found = label_volume(phantom, None)
    assert {"right_lung", "left_lung", "left_hemidiaphragm"} <= found.known
    assert not {"heart", "aorta", "clavicle_left", "ribs"} & found.known


def test_below_the_domes_lies_below_the_lungs_and_on_its_own_side(phantom: Volume) -> None:
    found = label_volume(phantom, None)
    lungs = np.nonzero(found.mask("right_lung", "left_lung"))[0]
    right, left = (
        np.nonzero(found.mask(f"{side}_hemidiaphragm", layer=Layer.REGIONS))
        for side in ("right", "left")
    )
    assert right[0].mean() < lungs.mean()
    assert right[2].max() < left[2].min()


def test_the_heart_closes_the_gap_in_the_diaphragm() -> None:
    lungs = np.zeros((10, 4, 3), bool)
    heart = np.zeros_like(lungs)
    lungs[2:, :, (0, 2)] = True
    lungs[7:, :, 1] = True  # lung only above the heart
    heart[3:7, :, 1] = True
    assert diaphragm_height(lungs, heart, 1)[0].round().tolist() == [2, 3, 2]


def test_totalsegmentator_ids_become_the_numbers_of_the_anatomy_table() -> None:
    ids = np.array([[[10, 13, 51, 73, 74, 43, 92, 115, 0]]], np.uint8)
    keys = [
        *("lung_upper_lobe_left", "lung_middle_lobe_right", "heart", "clavicle_left"),
        *("clavicle_right", "vertebra_t1", "posterior_rib_1_left", "rib_12_right"),
    ]
    assert from_totalsegmentator(ids).ravel().tolist() == [*map(number_of, keys), 0]


def test_labels_survive_writing_and_reading(tmp_path: Path, phantom: Volume) -> None:
    found = label_volume(phantom, None)
    found.save(tmp_path / "a.npz")
    back = LabelledVolume.load(tmp_path / "a.npz")
    assert back.known == found.known
    assert set(back.layers) == set(Layer)
    assert all((back.layers[layer] == found.layers[layer]).all() for layer in Layer)


def test_a_narrow_ridge_under_a_lung_is_not_taken_for_the_diaphragm() -> None:
    lungs = np.zeros((20, 30, 30), bool)
    lungs[5:] = True
    lungs[5:15, 14:16, :] = False  # a vessel runs up under the lung
    height = diaphragm_height(lungs, np.zeros_like(lungs), ridge=7)
    assert abs(height - 5).max() < 0.5
