"""Whether the header says that the patient is a child."""

import pytest
from pydicom import Dataset

from service.imaging.age import patient_is_under_16


def header(**attributes: str) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize(
    ("age", "child"),
    [
        ("015Y", True),
        ("016Y", False),
        ("081Y", False),
        ("191M", True),
        ("192M", False),
        ("002W", True),
        ("003D", True),
        ("62", None),
        ("", None),
        ("0Y", None),
    ],
)
def test_an_age_counts_with_its_unit_only(*, age: str, child: bool | None) -> None:
    assert patient_is_under_16(header(PatientAge=age)) is child


@pytest.mark.parametrize(
    ("born", "child"),
    [("20100102", True), ("20100101", False), ("19400101", False), ("20270101", None), ("x", None)],
)
def test_without_an_age_the_dates_decide(*, born: str, child: bool | None) -> None:
    # On the sixteenth birthday the patient is 16.
    assert patient_is_under_16(header(PatientBirthDate=born, StudyDate="20260101")) is child


def test_the_image_s_date_is_nearer_than_the_study_s() -> None:
    dates = header(PatientBirthDate="20100101", StudyDate="20250101", AcquisitionDate="20260101")

    assert patient_is_under_16(dates) is False


def test_the_age_is_taken_before_the_dates() -> None:
    stated = header(PatientAge="040Y", PatientBirthDate="20200101", StudyDate="20260101")

    assert patient_is_under_16(stated) is False


def test_a_header_that_says_nothing_is_not_guessed_at() -> None:
    assert patient_is_under_16(Dataset()) is None
    assert patient_is_under_16(header(PatientBirthDate="20100101")) is None
