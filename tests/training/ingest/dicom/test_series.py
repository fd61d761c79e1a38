"""Slices become the volume that they were cut from, whatever their order and direction."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from tests.peers import require
from tests.training.ingest.written import chest, slices, write_series
from training.ingest.dicom.series import read_series
from training.ingest.image import read_image
from training.ingest.preparing import to_volume
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Scan

CHEST = chest()


def read(folder: Path, datasets: list[Dataset]) -> Scan:
    write_series(folder, datasets)
    return read_series(sorted(folder.glob("*.dcm")))


def refusal(folder: Path, datasets: list[Dataset]) -> Reason:
    with pytest.raises(Refused) as caught:
        read(folder, datasets)
    return caught.value.reason


def test_slices_are_sorted_by_position_and_keep_their_values(tmp_path: Path) -> None:
    volume, _ = to_volume(read(tmp_path, slices(CHEST)[::-1]))

    assert volume.spacing_mm == pytest.approx(CHEST.spacing_mm)
    assert np.array_equal(volume.hu, CHEST.hu)


def test_values_and_axes_are_those_that_simpleitk_reads(tmp_path: Path) -> None:
    scan = read(tmp_path, slices(CHEST))

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    theirs = reader.Execute()
    assert scan.image.GetSize() == theirs.GetSize()
    assert scan.image.GetSpacing() == pytest.approx(theirs.GetSpacing())
    assert scan.image.GetOrigin() == pytest.approx(theirs.GetOrigin())
    assert scan.image.GetDirection() == pytest.approx(theirs.GetDirection())
    assert np.array_equal(sitk.GetArrayFromImage(scan.image), sitk.GetArrayFromImage(theirs))


@pytest.mark.peer
def test_values_and_axes_are_those_that_plastimatch_reads(tmp_path: Path) -> None:
    plastimatch = require("plastimatch")
    ours, _ = to_volume(read(tmp_path / "series", slices(CHEST)))
    theirs = tmp_path / "theirs.nii.gz"
    command = [plastimatch, "convert", "--input", tmp_path / "series", "--output-img", theirs]

    subprocess.run(command, check=True, capture_output=True)

    read_back, _ = to_volume(Scan(read_image(theirs)))
    assert read_back.spacing_mm == ours.spacing_mm
    assert np.array_equal(read_back.hu, ours.hu)


@settings(max_examples=8, deadline=None)
@given(axes=st.permutations([0, 1, 2]), signs=st.tuples(*[st.sampled_from([-1, 1])] * 3))
def test_any_plane_and_direction_gives_the_same_volume(
    tmp_path_factory: pytest.TempPathFactory, axes: list[int], signs: tuple[int, ...]
) -> None:
    # The array's axes (slices, rows, columns) are z, y, x of the chest, permuted and turned round.
    turned = np.flip(CHEST.hu.transpose(axes), [i for i in range(3) if signs[i] < 0])
    units = np.eye(3)[[2 - axis for axis in axes]] * np.array(signs)[:, None]  # of each array axis
    if np.linalg.det(units[::-1]) < 0:  # slices then lie behind each other against the normal
        turned, units[0] = turned[::-1], -units[0]
    datasets = (slices(CHEST) + slices(CHEST))[: len(turned)]
    for number, (dataset, values) in enumerate(zip(datasets, turned, strict=True)):
        dataset.ImageOrientationPatient = [*units[2], *units[1]]
        dataset.ImagePositionPatient = list(units[0] * number * 5.0)
        dataset.Rows, dataset.Columns = values.shape
        dataset.PixelData = (values + 1024).astype("<u2").tobytes()

    volume, _ = to_volume(read(tmp_path_factory.mktemp("series"), datasets))

    assert np.array_equal(volume.hu, CHEST.hu)


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_compressed_slices_are_read(tmp_path: Path, syntax: str) -> None:
    datasets = slices(CHEST)
    for dataset in datasets:
        dataset.compress(syntax, generate_instance_uid=False)

    volume, _ = to_volume(read(tmp_path, datasets))

    assert np.array_equal(volume.hu, CHEST.hu)


def test_rescale_is_that_of_each_slice(tmp_path: Path) -> None:
    datasets = slices(CHEST)
    half = np.frombuffer(datasets[3].PixelData, "<u2") // 2
    datasets[3].RescaleSlope, datasets[3].PixelData = "2", half.astype("<u2").tobytes()

    volume, _ = to_volume(read(tmp_path, datasets))

    assert np.abs(volume.hu - CHEST.hu).max() <= 1


def test_padding_becomes_air(tmp_path: Path) -> None:
    datasets = slices(CHEST)
    for dataset in datasets:
        stored = np.frombuffer(dataset.PixelData, "<u2").copy()
        stored[:5] = 4095
        dataset.PixelPaddingValue, dataset.PixelData = 4095, stored.tobytes()

    volume, _ = to_volume(read(tmp_path, datasets))

    assert (volume.hu[:, 0, :5] == -1024).all()


def test_a_missing_slice_is_interpolated_and_said(tmp_path: Path) -> None:
    datasets = slices(CHEST)
    del datasets[30]

    scan = read(tmp_path, datasets)

    volume, _ = to_volume(scan)
    between = (CHEST.hu[29].astype(int) + CHEST.hu[31]) / 2
    assert np.abs(volume.hu[30] - between).max() <= 1
    assert scan.notes == ("1 missing slices interpolated",)


def test_a_tilted_gantry_is_undone(tmp_path: Path) -> None:
    """Slices of an upright chest, each moved back by 1 mm: the corner follows the slanted stack."""
    datasets = slices(CHEST)
    for number, dataset in enumerate(datasets):
        # The pixels of slice n show what lies n voxels further back: n * 5 mm, a tilt of 45 degrees
        # would be too much for the field, so every fifth slice moves by one voxel.
        voxels = number // 5
        values = np.roll(CHEST.hu[number], -voxels, axis=0)
        values[len(values) - voxels :] = -1000
        dataset.PixelData = (values + 1024).astype("<u2").tobytes()
        x, y, z = dataset.ImagePositionPatient
        dataset.ImagePositionPatient = [x, y + number * 1.0, z]

    scan = read(tmp_path, datasets)

    volume, _ = to_volume(scan)
    tilt = np.degrees(np.arctan(1 / 5))
    assert scan.notes == (f"gantry tilt of {tilt:.1f} degrees undone",)
    # The spine stands upright again: its middle moves by less than a voxel from bottom to top.
    middles = [np.nonzero(cut > 300)[0].mean() for cut in volume.hu[5:-5]]
    assert np.ptp(middles) < 1.5


def test_copies_of_slices_are_left_out(tmp_path: Path) -> None:
    datasets = slices(CHEST)
    copy = slices(CHEST, uid=datasets[0].SeriesInstanceUID)[7]

    assert read(tmp_path, [*datasets, copy]).notes == ("1 copies of slices left out",)


def test_localizers_in_a_series_are_left_out(tmp_path: Path) -> None:
    datasets = slices(CHEST)
    scout = slices(CHEST)[0]
    scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    scout.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]

    assert read(tmp_path, [*datasets, scout]).notes == ("1 localizers left out",)


def test_monochrome1_is_nonsense_that_changes_no_value(tmp_path: Path) -> None:
    datasets = slices(CHEST)
    for dataset in datasets:
        dataset.PhotometricInterpretation = "MONOCHROME1"

    scan = read(tmp_path, datasets)

    assert np.array_equal(to_volume(scan)[0].hu, CHEST.hu)
    assert "MONOCHROME1" in scan.notes[0]


def broken(datasets: list[Dataset], how: Reason) -> list[Dataset]:  # noqa: C901, PLR0912
    """The series with the fault that has this name."""
    for number, dataset in enumerate(datasets):
        if how is Reason.LOCALIZER:
            dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
        elif how is Reason.NO_GEOMETRY:
            del dataset.ImagePositionPatient
        elif how is Reason.NOT_CT:
            dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
        elif how is Reason.COLOUR:
            dataset.SamplesPerPixel = 3
        elif how is Reason.MIXED_ORIENTATION and number % 2:
            dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        elif how is Reason.MIXED_SPACING and number % 2:
            dataset.PixelSpacing = [4.0, 4.0]
        elif how is Reason.DUPLICATE_POSITIONS and number == 9:
            dataset.ImagePositionPatient = datasets[30].ImagePositionPatient
        elif how is Reason.UNEVEN_POSITIONS and number % 2:
            x, y, z = dataset.ImagePositionPatient
            dataset.ImagePositionPatient = [x + 10, y, z]
    if how is Reason.MISSING_SLICES:
        return datasets[:20] + datasets[25:]
    if how is Reason.TOO_FEW_SLICES:
        return datasets[:5]
    if how is Reason.TRUNCATED:
        datasets[12].PixelData = datasets[12].PixelData[:1000]
    if how is Reason.UNDECODABLE:
        datasets[12].compress(JPEGLSLossless, generate_instance_uid=False)
        datasets[12].PixelData = datasets[12].PixelData[:40] + bytes(200)
    return datasets


@pytest.mark.parametrize(
    "reason",
    [
        Reason.LOCALIZER,
        Reason.NO_GEOMETRY,
        Reason.NOT_CT,
        Reason.COLOUR,
        Reason.MIXED_ORIENTATION,
        Reason.MIXED_SPACING,
        Reason.DUPLICATE_POSITIONS,
        Reason.UNEVEN_POSITIONS,
        Reason.MISSING_SLICES,
        Reason.TOO_FEW_SLICES,
        Reason.TRUNCATED,
        Reason.UNDECODABLE,
    ],
)
def test_a_fault_is_refused_by_its_name(tmp_path: Path, reason: Reason) -> None:
    assert refusal(tmp_path, broken(slices(CHEST), reason)) is reason


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    write_series(tmp_path, slices(CHEST))
    path = sorted(tmp_path.glob("*.dcm"))[5]
    path.write_bytes(path.read_bytes()[:-2000])

    with pytest.raises(Refused, match="truncated"):
        read_series(sorted(tmp_path.glob("*.dcm")))


def test_only_harmless_facts_are_kept(tmp_path: Path) -> None:
    found = read(tmp_path, slices(CHEST)).acquisition

    assert (found.kilovolt_peak, found.slice_thickness_mm) == (120.0, 5.0)
    assert (found.manufacturer, found.model, found.contrast) == ("Maker", "Model 64", True)
    assert (found.sex, found.age_band) == ("F", "60-69")
