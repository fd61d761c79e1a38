import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.multival import MultiValue

from service.domain.image import ViewPosition
from service.priors.identity import acquired, contradicts, film_of, patient_hash

KEY = b"k" * 32
PLAIN = st.text(st.characters(codec="ascii", exclude_characters="\\", min_codepoint=33), min_size=1)


def header(**keywords: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in keywords.items():
        setattr(dataset, keyword, value)
    return dataset


def qualified(identifier: str, kind: str = "ISO", **keywords: object) -> Dataset:
    item = header(UniversalEntityID=identifier, UniversalEntityIDType=kind)
    return header(IssuerOfPatientIDQualifiersSequence=[item], **keywords)


def test_the_hash_is_hmac_sha_256_of_issuer_and_id() -> None:
    found = patient_hash(header(PatientID="4711", IssuerOfPatientID="HOSPITAL"), KEY)

    expected = hmac.new(KEY, b"HOSPITAL\x1f\x1f\x1f4711", "sha256").hexdigest()
    assert found == expected


def test_padding_and_unicode_forms_do_not_matter() -> None:
    composed = patient_hash(header(PatientID="\u00e95"), KEY)

    assert patient_hash(header(PatientID=" e\u03015 "), KEY) == composed


@pytest.mark.parametrize(
    "other",
    [
        header(PatientID="4712", IssuerOfPatientID="H"),
        header(PatientID="4711", IssuerOfPatientID="G"),
        header(PatientID="4711"),
        qualified("1.2.3", PatientID="4711", IssuerOfPatientID="H"),
        header(PatientID="H4711"),
    ],
    ids=["id", "issuer", "no issuer", "qualifiers", "run together"],
)
def test_all_of_id_and_issuer_count(other: Dataset) -> None:
    mine = patient_hash(header(PatientID="4711", IssuerOfPatientID="H"), KEY)

    assert patient_hash(other, KEY) != mine


def test_qualifiers_are_told_apart_and_recognised() -> None:
    one, same, other = (
        patient_hash(qualified(each, PatientID="1"), KEY) for each in ("1.2", "1.2", "1.3")
    )

    assert one == same
    assert one != other


@given(PLAIN, PLAIN)
def test_issuer_and_id_do_not_run_into_each_other(issuer: str, patient_id: str) -> None:
    apart = patient_hash(header(PatientID=patient_id + "x", IssuerOfPatientID=issuer), KEY)
    together = patient_hash(header(PatientID=issuer + patient_id + "x"), KEY)

    assert apart != together


@pytest.mark.parametrize("patient_id", ["", "   ", "anonymous", "UNKNOWN", "0", None])
def test_nobody_has_no_hash(patient_id: str | None) -> None:
    assert (
        patient_hash(header(PatientID=patient_id) if patient_id is not None else header(), KEY)
        is None
    )


def test_two_ids_in_one_attribute_are_nobody() -> None:
    assert patient_hash(header(PatientID=MultiValue(str, ["1", "2"])), KEY) is None


def test_another_key_gives_another_hash() -> None:
    mine = header(PatientID="4711")

    assert patient_hash(mine, KEY) != patient_hash(mine, b"another key" * 3)


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({"AcquisitionDateTime": "20260102030405.678900+0100"}, "20260102030405678900"),
        ({"AcquisitionDate": "20260102", "AcquisitionTime": "030405.5"}, "202601020304055"),
        ({"AcquisitionDate": "2026.01.02", "AcquisitionTime": "03:04:05"}, "20260102030405"),
        ({"AcquisitionDate": "20260102"}, "20260102"),
        ({"AcquisitionDate": "20260102", "AcquisitionTime": "soon"}, "20260102"),
        ({"AcquisitionDate": "20261399", "StudyDate": "20260102"}, "20260102"),
        ({"StudyDate": "20260103", "ContentDate": "20260102"}, "20260102"),
        ({"StudyDate": ""}, None),
        ({}, None),
    ],
)
def test_the_moment_is_the_first_date_that_is_one(
    keywords: dict[str, object], expected: str | None
) -> None:
    assert acquired(header(**keywords)) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"PatientBirthDate": "19400102"}, True),
        ({"PatientSex": "M"}, True),
        ({"PatientBirthDate": "19400101", "PatientSex": "F"}, False),
        ({"PatientBirthDate": ""}, False),
        ({}, False),
    ],
)
def test_another_birth_date_or_sex_contradicts_what_is_absent_does_not(
    other: dict[str, object], *, expected: bool
) -> None:
    mine = header(PatientBirthDate="19400101", PatientSex="F")

    assert contradicts(mine, header(**other)) is expected
    assert contradicts(header(**other), mine) is expected


def test_a_film_holds_nothing_of_the_header_in_clear() -> None:
    mine = header(PatientID="SENTINEL", PatientName="SENTINEL", AcquisitionDate="20260102")

    film = film_of(mine, ViewPosition.POSTERO_ANTERIOR, KEY)

    assert film.patient is not None
    assert "SENTINEL" not in repr(film)
    assert film.acquired == "20260102"
