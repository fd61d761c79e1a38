"""Published numbers of the same table, and sums that are worked here."""

import numpy as np
import pytest

from training.evaluate.intraclass import intraclass_correlation

# Shrout and Fleiss 1979, table 2: six targets, four judges.
JUDGES = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)


def test_the_table_of_shrout_and_fleiss_gives_their_coefficient() -> None:
    found = intraclass_correlation(JUDGES)

    assert found is not None
    assert found.value == pytest.approx(0.29, abs=0.005)
    # The interval that R's psych::ICC and pingouin print for this table.
    assert (found.low, found.high) == pytest.approx((0.019, 0.761), abs=0.001)


def test_two_raters_by_hand() -> None:
    ratings = np.array([[1, 2], [2, 2], [3, 4], [5, 5]], float)
    # Film means 1.5, 2, 3.5, 5 and rater means 2.75, 3.25 around 3.
    between_films = 2 * (1.5**2 + 1 + 0.5**2 + 2**2) / 3
    between_raters = 4 * (0.25**2 + 0.25**2) / 1
    # Residuals x - film - rater + 3: -/+ (0.5 - 0.25) for films 1 and 3, +/- 0.25 for 2 and 4.
    rest = 8 * 0.25**2 / 3
    expected = (between_films - rest) / (between_films + rest + 2 * (between_raters - rest) / 4)

    found = intraclass_correlation(ratings)

    assert found is not None
    assert found.value == pytest.approx(expected)
    assert found.low < found.value < found.high


def test_a_constant_offset_lowers_it_since_agreement_is_absolute() -> None:
    truth = np.linspace(0.35, 0.7, 20)
    close, far = (np.stack([truth, truth + by + 0.01 * np.sin(truth * 99)], 1) for by in (0, 0.1))

    near, away = intraclass_correlation(close), intraclass_correlation(far)

    assert near is not None
    assert away is not None
    assert near.value > 0.99
    assert away.value < 0.8


def test_perfect_agreement_is_one() -> None:
    found = intraclass_correlation(np.repeat(np.arange(5.0)[:, None], 2, 1))

    assert found is not None
    assert (found.value, found.low, found.high) == (1, 1, 1)


@pytest.mark.parametrize("ratings", [np.ones((2, 2)), np.ones((9, 2))], ids=["few", "alike"])
def test_too_few_or_equal_films_say_nothing(ratings: np.ndarray) -> None:
    assert intraclass_correlation(ratings) is None
