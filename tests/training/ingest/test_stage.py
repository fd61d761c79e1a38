"""The stage takes what is fit, lists the rest by reason, and forgets whose volumes they were."""

from pathlib import Path

import numpy as np
import pytest

from service.errors import UnknownPlugin
from tests.training.ingest.written import chest, slices, write_chest, write_nifti, write_series
from training.ingest.layout import Request, candidates
from training.ingest.pseudonym import Pseudonyms
from training.ingest.stage import IngestSettings, ingest
from training.ingest.volume import Volume
from training.manifest import read_manifest

CHEST = chest()
SETTINGS = IngestSettings(5.0)
KEY = Pseudonyms(bytes(32))


def run(layout: str, volumes: Path, work: Path, settings: IngestSettings = SETTINGS) -> dict:
    ingest(candidates(layout, Request(volumes, KEY)), work, settings)
    return read_manifest(work)["items"]


def test_a_fit_volume_is_written_with_origin_acquisition_and_gates(tmp_path: Path) -> None:
    write_series(tmp_path / "in", slices(CHEST))

    ((name, item),) = run("dicom", tmp_path / "in", tmp_path / "out").items()

    volume = Volume.load(tmp_path / "out" / f"{name}.npz")
    body = CHEST.hu > -500
    assert np.array_equal(volume.hu[body], CHEST.hu[body])
    assert item["source"] == "DICOM series"
    assert item["licence"] == "not stated"
    assert item["acquisition"]["spacing_mm"] == [5.0, 5.0, 5.0]
    assert item["acquisition"]["kilovolt_peak"] == 120.0
    assert item["gates"]["hu_scale"] == {
        "outcome": "ok",
        "score": 40.0,
        "limit": 104.0,
        "reason": "",
    }
    assert item["gates"]["slices"]["outcome"] == "warning"  # 5 mm
    assert "failed" not in item


def test_nothing_of_the_patient_is_left_in_the_folder(tmp_path: Path) -> None:
    write_series(tmp_path / "in" / "Doe Jane 1960", slices(CHEST))
    (tmp_path / "in" / "Doe Jane 1960" / "Doe.dcm").write_bytes(b"broken")
    cut = slices(CHEST)[:3]
    write_series(tmp_path / "in" / "Doe Jane cut", cut)

    run("dicom", tmp_path / "in", tmp_path / "out")

    written = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
    names = " ".join(str(path.name) for path in (tmp_path / "out").rglob("*"))
    series = cut[0].SeriesInstanceUID
    for identifier in ("Doe", "Jane", "1960", "Nowhere", "4711", "2024", series):
        assert identifier.encode() not in written
        assert identifier not in names


def test_what_is_unfit_or_broken_is_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    write_chest(tmp_path / "in" / "good" / "ct.nii.gz")
    broken = write_chest(tmp_path / "in" / "broken" / "ct.nii.gz")
    broken.write_bytes(broken.read_bytes()[:500])
    # everything below the middle of the lungs is missing
    write_nifti(tmp_path / "in" / "cut" / "ct.nii.gz", CHEST.hu[32:], CHEST.spacing_mm)
    write_nifti(tmp_path / "in" / "scaled" / "ct.nii.gz", CHEST.hu // 4, CHEST.spacing_mm)

    items = run("folder", tmp_path / "in", tmp_path / "out")

    reasons = {name: item.get("reason") for name, item in items.items()}
    assert reasons["good"] is None
    assert reasons["broken"] in {"truncated", "unreadable"}
    assert reasons["cut"] in {"field_bases", "size"}
    assert reasons["scaled"] == "hu_scale"
    assert [path.name for path in (tmp_path / "out").glob("*.npz")] == ["good.npz"]


def test_a_gate_that_the_recipe_accepts_leaves_nothing_out(tmp_path: Path) -> None:
    write_nifti(tmp_path / "in" / "cut" / "ct.nii.gz", CHEST.hu[26:], CHEST.spacing_mm)
    accept = IngestSettings(5.0, frozenset({"field_bases"}))

    items = run("folder", tmp_path / "in", tmp_path / "out", accept)

    assert items["cut"]["gates"]["field_bases"]["outcome"] == "refused"
    assert "failed" not in items["cut"]


def test_labels_that_do_not_fit_are_refused_by_name(tmp_path: Path) -> None:
    write_chest(tmp_path / "in" / "a" / "ct.nii.gz")
    labels = np.zeros((64, 48, 60), np.uint8)
    write_nifti(tmp_path / "in" / "a" / "labels.nii.gz", labels, CHEST.spacing_mm)

    items = run("folder", tmp_path / "in", tmp_path / "out")

    assert items["a"]["reason"] == "labels_do_not_fit"


def test_a_second_run_makes_only_what_is_new(tmp_path: Path) -> None:
    write_chest(tmp_path / "in" / "first" / "ct.nii.gz")
    run("folder", tmp_path / "in", tmp_path / "out")
    before = (tmp_path / "out" / "first.npz").stat().st_mtime_ns
    write_chest(tmp_path / "in" / "second" / "ct.nii.gz")

    items = run("folder", tmp_path / "in", tmp_path / "out")

    assert set(items) == {"first", "second"}
    assert (tmp_path / "out" / "first.npz").stat().st_mtime_ns == before


def test_a_missing_intercept_is_put_right_and_said(tmp_path: Path) -> None:
    write_nifti(tmp_path / "in" / "a" / "ct.nii.gz", CHEST.hu + 1024, CHEST.spacing_mm)

    items = run("folder", tmp_path / "in", tmp_path / "out")

    volume = Volume.load(tmp_path / "out" / "a.npz")
    assert items["a"]["gates"]["hu_scale"]["outcome"] == "warning"
    assert volume.hu[32, 24, 36] in {40, 45}


def test_an_accepted_gate_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlugin, match="field_bases"):
        ingest([], tmp_path, IngestSettings(5.0, frozenset({"field_basis"})))
