"""What destinations want beside the deployment's own objects is made with them, once."""

from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from service.analysing import analyse_file
from service.bootstrap.tools import build_tools
from service.domain.analysis import ObjectKind
from service.settings import Settings
from tests.peers import REPOSITORY

pytestmark = pytest.mark.slow
SAMPLE = min((REPOSITORY / "samples").glob("*.dcm"))
SETTINGS = Settings.model_validate(
    {
        "destinations": [
            {"name": "viewer", "kind": "folder"},
            {"name": "archive", "kind": "folder", "seg_profile": "strict", "objects": ["seg"]},
            {"name": "report", "kind": "folder", "seg_profile": "strict", "objects": ["sr"]},
        ]
    }
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    outcome = analyse_file(SAMPLE, folder, build_tools(SETTINGS))
    assert {each.family for each in outcome.objects} == {"", "strict"}
    return folder


def segmentations_named_by(report: Dataset) -> set[str]:
    return {
        item.ReferencedSOPInstanceUID
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }


def test_each_family_has_its_own_folder_and_instances(results: Path) -> None:
    for kind in (ObjectKind.SEG, ObjectKind.SR):
        default, strict = (
            dcmread(results / family / f"{kind}.dcm", stop_before_pixels=True)
            for family in ("", "strict")
        )
        assert default.SOPInstanceUID != strict.SOPInstanceUID
        assert default.SeriesInstanceUID != strict.SeriesInstanceUID


def test_each_report_names_the_segmentation_of_its_own_family(results: Path) -> None:
    uids = {
        family: dcmread(results / family / "seg.dcm", stop_before_pixels=True).SOPInstanceUID
        for family in ("", "strict")
    }

    for family, other in (("", "strict"), ("strict", "")):
        named = segmentations_named_by(dcmread(results / family / "sr.dcm"))
        assert uids[family] in named
        assert uids[other] not in named


def test_the_strict_segmentation_has_no_frame_of_reference(results: Path) -> None:
    assert "FrameOfReferenceUID" in dcmread(results / "seg.dcm", stop_before_pixels=True)
    assert "FrameOfReferenceUID" not in dcmread(
        results / "strict" / "seg.dcm", stop_before_pixels=True
    )
