import pytest

from service.domain.film import Film
from service.domain.image import ViewPosition

PA, AP, UNKNOWN = (
    ViewPosition.POSTERO_ANTERIOR,
    ViewPosition.ANTERO_POSTERIOR,
    ViewPosition.UNKNOWN,
)


def film(acquired: str | None, patient: str | None = "p", view: ViewPosition = PA) -> Film:
    return Film(patient, acquired, view)


@pytest.mark.parametrize(
    ("earlier", "later", "is_before"),
    [
        ("20250101", "20250102", True),
        ("20250101235959", "20250102", True),
        ("20250101120000", "20250101120001", True),
        ("202501011200", "20250101120001", False),
        ("20250101", "20250101120000", False),
        ("20250101120000", "20250101", False),
        ("20250101120000.0".replace(".", ""), "202501011200001", True),
        ("20250101", "20250101", False),
        ("20250102", "20250101", False),
        (None, "20250101", False),
        ("20250101", None, False),
    ],
)
def test_before_means_certainly_before(
    earlier: str | None, later: str | None, *, is_before: bool
) -> None:
    assert film(earlier).is_before(film(later)) is is_before


@pytest.mark.parametrize(
    ("other", "may_be"),
    [
        (film("20250101"), True),
        (film("20250101", "somebody else"), False),
        (film("20250101", None), False),
        (film("20250101", view=AP), False),
        (film("20250101", view=UNKNOWN), False),
        (film("20260101"), False),
    ],
)
def test_a_prior_is_of_the_same_patient_and_view(other: Film, *, may_be: bool) -> None:
    assert other.may_be_prior_of(film("20260101")) is may_be


def test_nobody_is_not_the_same_as_nobody() -> None:
    assert not film("20250101", None).may_be_prior_of(film("20260101", None))


def test_an_unknown_view_goes_with_an_unknown_view() -> None:
    earlier, later = film("20250101", view=UNKNOWN), film("20260101", view=UNKNOWN)

    assert earlier.may_be_prior_of(later)


def test_the_date_is_the_day() -> None:
    assert film("20250101120000").date == "20250101"
    assert film(None).date == ""
