"""Single files of any format and orientation give the same volume, or a named refusal."""

import gzip
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.ingest.written import chest, itk, write_chest
from training.ingest.image import read_image
from training.ingest.preparing import to_volume
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Scan
from training.ingest.volume import Volume

CHEST = chest()


def read(path: Path) -> Volume:
    return to_volume(Scan(read_image(path)))[0]


@pytest.mark.parametrize("suffix", [".nrrd", ".mha", ".mhd", ".nii", ".nii.gz"])
def test_formats_hold_the_same_volume(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"chest{suffix}"
    sitk.WriteImage(itk(CHEST), str(path))

    volume = read(path)

    assert volume.spacing_mm == pytest.approx(CHEST.spacing_mm)
    assert np.array_equal(volume.hu, CHEST.hu)


@settings(max_examples=15, deadline=None)
@given(
    axes=st.permutations("LPS"),
    flips=st.tuples(*[st.booleans()] * 3),
    spacing=st.tuples(*[st.floats(0.5, 6.0)] * 3),
)
def test_any_orientation_and_spacing_is_turned_back(
    tmp_path_factory: pytest.TempPathFactory,
    axes: list[str],
    flips: tuple[bool, ...],
    spacing: tuple[float, ...],
) -> None:
    opposite = dict(zip("LPS", "RAI", strict=True))
    wanted = "".join(opposite[a] if flip else a for a, flip in zip(axes, flips, strict=True))
    image = itk(CHEST)
    image.SetSpacing(spacing)
    path = tmp_path_factory.mktemp("image") / "chest.nii"
    sitk.WriteImage(sitk.DICOMOrient(image, wanted), str(path))

    volume = read(path)

    assert volume.spacing_mm == pytest.approx(spacing[::-1], rel=1e-4)
    assert np.array_equal(volume.hu, CHEST.hu)


def test_an_oblique_volume_is_straightened(tmp_path: Path) -> None:
    """The chest turned by 10 degrees about z and described so: the heart is where it was."""
    angle = np.radians(10)
    rotation = sitk.Euler3DTransform([0.0, 0.0, -200.0], 0, 0, angle)
    grid = itk(CHEST)
    grid.SetDirection(rotation.GetMatrix())
    grid.SetOrigin(rotation.TransformPoint(itk(CHEST).GetOrigin()))
    oblique = sitk.Resample(
        sitk.Cast(itk(CHEST), sitk.sitkFloat32), grid, sitk.Transform(), sitk.sitkLinear, -1000.0
    )
    sitk.WriteImage(oblique, str(tmp_path / "oblique.nii.gz"))

    straight = read(tmp_path / "oblique.nii.gz")

    def centre(hu: np.ndarray) -> np.ndarray:
        bone = np.argwhere(hu > 300)
        return bone.mean(axis=0) - (np.array(hu.shape) - 1) / 2

    assert straight.spacing_mm == pytest.approx(CHEST.spacing_mm)
    assert centre(straight.hu) == pytest.approx(centre(CHEST.hu), abs=0.6)


def refused(path: Path) -> Reason:
    with pytest.raises(Refused) as caught:
        read_image(path)
    return caught.value.reason


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = write_chest(tmp_path / "ct.nii.gz")
    path.write_bytes(path.read_bytes()[:-3000])

    assert refused(path) in {Reason.TRUNCATED, Reason.UNREADABLE}


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ct.nii.gz"
    path.write_bytes(gzip.compress(b"a letter"))

    assert refused(path) is Reason.UNREADABLE


def test_a_single_slice_is_no_volume(tmp_path: Path) -> None:
    path = tmp_path / "ct.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.zeros((8, 8), np.int16), np.eye(4)), path)

    assert refused(path) is Reason.NOT_A_VOLUME


def test_a_file_without_geometry_is_refused(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.zeros((8, 8, 8), np.int16), None)
    nibabel.save(image, tmp_path / "ct.nii")

    assert refused(tmp_path / "ct.nii") is Reason.NO_GEOMETRY
