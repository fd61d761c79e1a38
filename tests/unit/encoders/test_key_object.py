from io import BytesIO

import highdicom as hd
import pydicom
import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import ObjectKind
from service.encoders.derived_uids import object_identity
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of


@pytest.fixture(scope="module")
def header() -> Dataset:
    return build_dx()


@pytest.fixture(scope="module")
def made(header: Dataset) -> Dataset:
    return encode(ObjectKind.KOS, analysis_of(header), header, VIEWER)


def test_it_is_for_report_attachment(made: Dataset) -> None:
    title = made.ConceptNameCodeSequence[0]

    assert (title.CodeValue, title.CodingSchemeDesignator) == ("113020", "DCM")


def test_highdicom_reads_back_the_secondary_capture_and_the_source(
    made: Dataset, header: Dataset
) -> None:
    buffer = BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    read = hd.ko.KeyObjectSelectionDocument.from_dataset(pydicom.dcmread(buffer))
    identity = object_identity(ObjectKind.SC, analysis_of(header), VIEWER)

    selected = [each.referenced_sop_instance_uid for each in read.content.get_references()]

    assert selected == [identity.sop_instance_uid, header.SOPInstanceUID]
    assert read.resolve_reference(identity.sop_instance_uid)[1] == identity.series_instance_uid
    assert read.resolve_reference(header.SOPInstanceUID)[1] == header.SeriesInstanceUID


def test_the_observer_is_a_device_and_the_text_says_that_nobody_verified_it(made: Dataset) -> None:
    items = {item.ConceptNameCodeSequence[0].CodeMeaning: item for item in made.ContentSequence}

    assert items["Observer Type"].ConceptCodeSequence[0].CodeMeaning == "Device"
    assert "unverified" in items["Key Object Description"].TextValue
    assert "Person Observer Name" not in items


def test_the_evidence_is_of_one_study(made: Dataset, header: Dataset) -> None:
    (study,) = made.CurrentRequestedProcedureEvidenceSequence

    assert study.StudyInstanceUID == header.StudyInstanceUID
    assert len(study.ReferencedSeriesSequence) == 2
