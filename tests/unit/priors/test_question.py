import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from service.domain.film import Film
from service.domain.image import ViewPosition
from service.priors.question import Question, newest_first

DX, SC, CT = (
    "1.2.840.10008.5.1.4.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.2",
)
QUESTION = Question(
    patient_id="P",
    issuer="",
    until="20260101",
    film=Film("hash", "20260101120000", ViewPosition.POSTERO_ANTERIOR),
    sop_instance_uid="1.9",
)


def answer(uid: str, day: str = "20250101", **keywords: str) -> Dataset:
    made = Dataset()
    values = {"SOPClassUID": DX, "StudyInstanceUID": "1.1", "SeriesInstanceUID": "1.2"} | keywords
    for keyword, value in (values | {"SOPInstanceUID": uid, "AcquisitionDate": day}).items():
        setattr(made, keyword, value)
    return made


def found(*answers: Dataset) -> list[str]:
    return [each.sop_instance_uid for each in newest_first(answers, QUESTION)]


def test_the_newest_comes_first_and_secondary_captures_of_a_day_last() -> None:
    answers = [
        answer("1.3", "20230101"),
        answer("1.4", "20250101", SOPClassUID=SC),
        answer("1.5", "20250101"),
    ]

    assert found(*answers) == ["1.5", "1.4", "1.3"]


@pytest.mark.parametrize(
    "other",
    [
        answer("1.9"),
        answer("1.3", SOPClassUID=CT),
        answer("1.3", ViewPosition="AP"),
        answer("1.3", ViewPosition="LL"),
        answer("1.3", "20260102"),
        answer("not a UID"),
        answer(""),
        Dataset(),
    ],
    ids=["itself", "CT", "AP", "lateral", "later", "no UID", "empty UID", "nothing"],
)
def test_what_cannot_be_the_prior_is_not_fetched(other: Dataset) -> None:
    assert found(other) == []


@pytest.mark.parametrize(
    "sparse", [answer("1.3", ""), answer("1.3", SOPClassUID="")], ids=["date", "class"]
)
def test_what_is_not_said_is_looked_up_in_the_film(sparse: Dataset) -> None:
    assert found(sparse) == ["1.3"]


@given(st.permutations([answer(f"1.3.{number}", f"2024010{number}") for number in range(1, 6)]))
def test_the_order_of_answers_does_not_matter(answers: list[Dataset]) -> None:
    assert found(*answers) == [f"1.3.{number}" for number in (5, 4, 3, 2, 1)]


def test_an_instance_that_is_answered_twice_is_fetched_once() -> None:
    assert found(answer("1.3"), answer("1.3")) == ["1.3"]
