from pathlib import Path

import nibabel
import numpy as np
import pytest

from training.ingest.nifti import read_nifti
from training.ingest.volume import Volume


def _write(path: Path, affine: np.ndarray, array: np.ndarray) -> Path:
    nibabel.save(nibabel.Nifti1Image(array, affine), path)
    return path


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, -1, 1), (-1, 1, -1)])
def test_any_orientation_is_turned_to_head_up_back_and_left(
    tmp_path: Path, signs: tuple[int, ...]
) -> None:
    # one bright voxel 30 mm left, 20 mm back, 40 mm up; RAS world: left and back are negative
    spacing = np.array([2.0, 4.0, 5.0])
    affine = np.diag([*(spacing * signs), 1.0])
    affine[:3, 3] = -(affine[:3, :3] @ [19.5, 19.5, 19.5])
    array = np.full((40, 40, 40), -1000, np.int16)
    world = np.array([-31.0, -22.0, 42.5, 1.0])
    voxel = np.round(np.linalg.inv(affine) @ world)[:3].astype(int)
    array[tuple(voxel)] = 700
    volume = read_nifti(_write(tmp_path / "ct.nii.gz", affine, array), None)
    assert volume.spacing_mm == pytest.approx((5.0, 4.0, 2.0))
    found = (np.argwhere(volume.hu == 700)[0] - 19.5) * volume.spacing_mm
    assert found.tolist() == pytest.approx([42.5, 22.0, 31.0])


def test_labels_of_another_shape_are_refused(tmp_path: Path) -> None:
    image = _write(tmp_path / "ct.nii.gz", np.eye(4), np.zeros((4, 4, 4), np.int16))
    labels = _write(tmp_path / "labels.nii.gz", np.eye(4), np.zeros((4, 4, 5), np.uint8))
    with pytest.raises(ValueError, match="do not fit"):
        read_nifti(image, labels)


def test_resampling_keeps_the_extent() -> None:
    volume = Volume(np.zeros((10, 20, 30), np.int16), (5.0, 2.0, 2.0))
    assert volume.resampled(2.5).hu.shape == (20, 16, 24)
