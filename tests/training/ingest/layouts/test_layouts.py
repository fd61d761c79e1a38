"""Every layout finds the same chest, written as the collection writes it."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from service.errors import UnknownPlugin
from tests.training.ingest.written import chest, itk, slices, write_chest, write_nifti, write_series
from training.ingest.layout import Request, candidates, layout_names
from training.ingest.preparing import to_volume
from training.ingest.pseudonym import Pseudonyms
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Candidate

CHEST = chest()
KEY = Pseudonyms(bytes(32))


def found(layout: str, folder: Path) -> list[Candidate]:
    return candidates(layout, Request(folder, KEY))


def table(path: Path, rows: list[dict[str, object]], delimiter: str = ",") -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def dicom_tree(folder: Path, patient: str) -> None:
    datasets = slices(CHEST)
    for dataset in datasets:
        dataset.PatientID = patient
    first = datasets[0]
    study = folder / patient / first.StudyInstanceUID
    write_series(study / first.SeriesInstanceUID, datasets)
    radiograph = slices(CHEST)[0]
    radiograph.PatientID, radiograph.Modality = patient, "DX"
    radiograph.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    write_series(study / "1.2.3", [radiograph])
    (folder / "LICENSE.txt").write_text("terms")


def plain(folder: Path) -> None:
    write_chest(folder / "somebody" / "ct.nii.gz")


def single_files(folder: Path) -> None:
    sitk.WriteImage(itk(CHEST), str(folder / "somebody.nrrd"))


def rsna(folder: Path) -> None:
    datasets = slices(CHEST)
    first = datasets[0]
    write_series(folder / "train" / first.StudyInstanceUID / first.SeriesInstanceUID, datasets)
    rows = [{"StudyInstanceUID": first.StudyInstanceUID, "qa_motion": 1}]
    table(folder / "train.csv", rows)


def ribfrac(folder: Path) -> None:
    write_chest(folder / "ribfrac-train-images" / "Part1" / "RibFrac1-image.nii.gz")
    write_chest(folder / "ribfrac-train-labels" / "Part1" / "RibFrac1-label.nii.gz")


def totalsegmentator(folder: Path) -> None:
    write_chest(folder / "s0001" / "ct.nii.gz")
    table(folder / "meta.csv", [{"image_id": "s0001", "age": 71, "gender": "m", "kvp": 120}], ";")


def verse(folder: Path) -> None:
    write_chest(folder / "training/rawdata/sub-verse004/sub-verse004_dir-ax_ct.nii.gz")


def ct_rate(folder: Path) -> None:
    write_chest(folder / "train_fixed/train_1/train_1_a/train_1_a_1.nii.gz")


LAYOUTS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "folder": (plain, "somebody", "not stated"),
    "files": (single_files, "somebody", "not stated"),
    "dicom": (lambda f: dicom_tree(f, "4711"), KEY.patient("4711"), "not stated"),
    "lidc-idri": (lambda f: dicom_tree(f, "LIDC-IDRI-0001"), "lidc-idri-0001", "CC BY 3.0"),
    "covid-19-ar": (
        lambda f: dicom_tree(f, "COVID-19-AR-16406488"),
        "covid-19-ar-16406488",
        "CC BY 4.0",
    ),
    "rsna-pulmonary-embolism": (rsna, "", "RSNA terms: non-commercial use only"),
    "ribfrac": (ribfrac, "ribfrac1", "CC BY-NC 4.0"),
    "totalsegmentator": (totalsegmentator, "s0001", "CC BY 4.0"),
    "verse": (verse, "verse004_dir-ax", "CC BY-SA 4.0"),
    "ct-rate": (ct_rate, "train-1-a-1", "CC BY-NC-SA 4.0"),
}


def test_every_registered_layout_is_tested_here() -> None:
    assert set(layout_names()) == set(LAYOUTS)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_layout_finds_the_one_chest_with_its_name_and_licence(
    tmp_path: Path, layout: str
) -> None:
    write, name, licence = LAYOUTS[layout]
    write(tmp_path)

    (candidate,) = found(layout, tmp_path)

    assert candidate.licence == licence
    assert candidate.name == name or not name
    volume, scale = to_volume(candidate.read())
    assert volume.spacing_mm == pytest.approx(CHEST.spacing_mm)
    assert np.array_equal(volume.hu, CHEST.hu)
    assert scale.subtracted == 0


def test_a_layout_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlugin, match="ribfrac"):
        found("ribfract", tmp_path)


def test_two_series_of_a_patient_are_two_volumes_of_one_patient(tmp_path: Path) -> None:
    for _ in range(2):
        write_series(tmp_path / "all-in-one", slices(CHEST))

    first, second = found("dicom", tmp_path)

    assert first.patient == second.patient == KEY.patient("ID-Doe^Jane")
    assert first.name != second.name


def test_a_patient_id_that_is_no_public_name_becomes_a_pseudonym(tmp_path: Path) -> None:
    dicom_tree(tmp_path, "LIDC-IDRI-0001-Jane")

    (candidate,) = found("lidc-idri", tmp_path)

    assert candidate.name == KEY.patient("LIDC-IDRI-0001-Jane")


def test_a_file_called_dicom_that_is_none_is_listed(tmp_path: Path) -> None:
    (tmp_path / "broken.dcm").write_bytes(b"no dicom at all")

    (candidate,) = found("dicom", tmp_path)

    with pytest.raises(Refused, match="unreadable"):
        candidate.read()


def test_rsna_motion_and_contrast_come_from_the_collection(tmp_path: Path) -> None:
    rsna(tmp_path)

    scan = found("rsna-pulmonary-embolism", tmp_path)[0].read()

    assert "motion artefact (train.csv)" in scan.notes
    assert scan.acquisition.contrast is True


def test_labels_beside_a_single_file_are_found(tmp_path: Path) -> None:
    single_files(tmp_path)
    labels = np.zeros_like(CHEST.hu, np.uint8)
    labels[CHEST.hu == 500] = 30
    image = sitk.GetImageFromArray(labels)
    image.CopyInformation(itk(CHEST))
    sitk.WriteImage(image, str(tmp_path / "somebody-labels.mha"))

    (candidate,) = found("files", tmp_path)

    volume, _ = to_volume(candidate.read())
    assert volume.labels is not None
    assert np.array_equal(volume.labels == 30, CHEST.hu == 500)
    assert volume.label_ids is None


def test_totalsegmentator_files_become_one_map_and_say_what_was_looked_for(tmp_path: Path) -> None:
    totalsegmentator(tmp_path)
    heart = CHEST.hu == 45
    for name, mask in {"heart": heart, "aorta": heart & False, "humerus_of_v1": heart}.items():
        path = tmp_path / "s0001" / "segmentations" / f"{name}.nii.gz"
        write_nifti(path, mask.astype(np.uint8), CHEST.spacing_mm)

    scan = found("totalsegmentator", tmp_path)[0].read()

    volume, _ = to_volume(scan)
    assert volume.labels is not None
    assert np.array_equal(volume.labels == 51, heart)
    assert volume.label_ids == {51, 52}  # the aorta was looked for and is not there
    assert (scan.acquisition.sex, scan.acquisition.age_band) == ("M", "70-79")
    assert scan.acquisition.kilovolt_peak == 120.0


def test_verse_vertebrae_become_ids_and_partial_ones_are_left_out(tmp_path: Path) -> None:
    verse(tmp_path)
    places = np.zeros_like(CHEST.hu, np.uint8)
    # from below: L6 (25), L1 (20), T12 (19), T13 (28), T1 (8), and C7 (7) without a centroid
    for number, place in enumerate((25, 20, 19, 28, 8, 7)):
        places[number * 5 : number * 5 + 5, 40:44, 34:38] = place
    beside = tmp_path / "training/derivatives/sub-verse004/sub-verse004_dir-ax"
    write_nifti(Path(f"{beside}_seg-vert_msk.nii.gz"), places, CHEST.spacing_mm)
    centroids = [{"direction": ["L", "P", "S"]}]
    centroids += [{"label": p, "X": 1, "Y": 1, "Z": 1} for p in (25, 20, 19, 28, 8)]
    Path(f"{beside}_seg-subreg_ctd.json").write_text(json.dumps(centroids))

    scan = found("verse", tmp_path)[0].read()

    volume, _ = to_volume(scan)
    assert volume.labels is not None
    # v2 counts from L5 = 27 upwards: L1 = 31, T12 = 32, T1 = 43
    assert volume.label_ids == {31, 32, 43}
    assert np.array_equal(volume.labels == 43, places == 8)
    assert set(np.unique(volume.labels)) == {0, 31, 32, 43}
    assert scan.notes == ("vertebrae without a class: [25, 28]",)


def ct_rate_first_release(folder: Path, **changes: object) -> Candidate:
    path = folder / "train/train_1/train_1_a/train_1_a_1.nii.gz"
    write_nifti(path, ((CHEST.hu + 1024) / 2).astype(np.int16), (1.0, 1.0, 1.0))
    row = {"VolumeName": path.name, "RescaleSlope": 2, "RescaleIntercept": -1024}
    row |= {"XYSpacing": "[5.0, 5.0]", "ZSpacing": 5.0, "PatientAge": "064Y", "PatientSex": "F"}
    table(folder / "train_metadata.csv", [row | changes])
    return found("ct-rate", folder)[0]


def test_ct_rate_of_the_first_release_takes_scale_and_spacing_from_the_table(
    tmp_path: Path,
) -> None:
    scan = ct_rate_first_release(tmp_path).read()

    volume, _ = to_volume(scan)
    assert volume.spacing_mm == pytest.approx(CHEST.spacing_mm)
    assert np.abs(volume.hu - CHEST.hu).max() <= 1
    assert scan.acquisition.age_band == "60-69"


def test_ct_rate_without_a_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        ct_rate_first_release(tmp_path, VolumeName="train_2_a_1.nii.gz").read()

    assert caught.value.reason is Reason.NO_METADATA


def test_ct_rate_scans_of_a_patient_share_the_patient(tmp_path: Path) -> None:
    ct_rate(tmp_path)
    write_chest(tmp_path / "train_fixed/train_1/train_1_b/train_1_b_2.nii.gz")

    assert {candidate.patient for candidate in found("ct-rate", tmp_path)} == {"train-1"}
