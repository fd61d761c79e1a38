import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import ObjectKind
from service.encoders.fhir_context import Context, context_of
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of


def context(**keywords: object) -> Context:
    """Return what the SR of a film with these attributes says."""
    header = build_dx(**keywords)
    report = encode(ObjectKind.SR, analysis_of(header), header, VIEWER)
    return context_of(str(header.StudyInstanceUID), report, None)


def test_the_patient_is_a_number_and_never_a_name() -> None:
    subject = context(PatientID="P-1", PatientName="Doe^Jane").subject

    assert subject == {"type": "Patient", "identifier": {"value": "P-1"}}


def test_without_a_number_there_is_no_patient() -> None:
    assert context(PatientID="").subject is None


def test_an_issuer_is_named_as_the_header_names_it() -> None:
    subject = context(IssuerOfPatientID="HOSPITAL").subject

    assert subject is not None
    assert subject["identifier"]["assigner"] == {"display": "HOSPITAL"}


@pytest.mark.parametrize(
    ("kind", "entity", "system"),
    [("ISO", "1.2.3", "urn:oid:1.2.3"), ("URI", "https://a.example/id", "https://a.example/id")],
)
def test_a_universal_issuer_is_the_number_s_system(kind: str, entity: str, system: str) -> None:
    item = Dataset()
    item.UniversalEntityID, item.UniversalEntityIDType = entity, kind

    subject = context(IssuerOfPatientIDQualifiersSequence=[item]).subject

    assert subject is not None
    assert subject["identifier"]["system"] == system


def test_an_order_is_its_accession_number() -> None:
    ordered = context(AccessionNumber="A-1").order

    assert ordered is not None
    assert ordered["identifier"]["value"] == "A-1"
    assert context(AccessionNumber="").order is None


@pytest.mark.parametrize(
    ("keywords", "effective"),
    [
        ({}, "2020-01-02"),
        ({"TimezoneOffsetFromUTC": "-0430"}, "2020-01-02T10:16:00-04:30"),
        ({"TimezoneOffsetFromUTC": "+0100", "ContentTime": "10"}, "2020-01-02"),
        (
            dict.fromkeys(("ContentDate", "AcquisitionDate", "SeriesDate", "StudyDate")),
            None,
        ),
    ],
)
def test_a_time_needs_a_zone_and_an_unknown_date_is_none(
    keywords: dict[str, object], effective: str | None
) -> None:
    assert context(**keywords).effective == effective


def test_segments_are_numbered_as_the_seg_numbers_them() -> None:
    header = build_dx()
    seg = encode(ObjectKind.SEG, analysis_of(header), header, VIEWER)

    said = context_of(str(header.StudyInstanceUID), None, seg)

    described = {item.TrackingID: item.SegmentNumber for item in seg.SegmentSequence}
    assert said.segments == described
    assert "heart" in described
    assert said.seg_series_uid == seg.SeriesInstanceUID


def test_with_neither_object_only_the_study_is_known() -> None:
    said = context_of("1.2.3", None, None)

    assert (said.subject, said.order, said.effective, said.segments) == (None, None, None, {})
    assert said.study["identifier"]["value"] == "urn:oid:1.2.3"
