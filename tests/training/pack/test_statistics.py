"""Statistics against numpy's own, where every value is known, and by hand where some are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.pack.statistics import Table, correlations, per_channel, strongest, with_sources

NAN = float("nan")


@given(arrays(np.float64, (12, 4), elements=st.floats(0, 1).map(lambda v: round(v, 3))))
def test_correlations_are_those_of_numpy(areas: np.ndarray) -> None:
    found = correlations(areas, areas)
    varies = areas.std(axis=0) > 1e-3
    expected = np.corrcoef(areas[:, varies], rowvar=False).reshape(varies.sum(), varies.sum())
    np.testing.assert_allclose(found[np.ix_(varies, varies)], expected, atol=1e-6)


def test_only_samples_that_know_both_count() -> None:
    one = [0.1, 0.2, 0.3, 0.9, NAN]
    two = [0.3, 0.2, 0.1, NAN, 0.9]
    assert correlations(np.array([one]).T, np.array([two]).T)[0, 0] == pytest.approx(-1)


def test_two_samples_or_a_constant_tell_nothing() -> None:
    areas = np.array([[0.1, 0.5, 0.2], [0.2, 0.5, 0.1], [NAN, 0.5, 0.3]])
    found = correlations(areas, areas)
    assert np.isnan(found[0, 2])
    assert np.isnan(found[1]).all()


def test_prevalence_counts_known_samples_alone() -> None:
    table = Table(("heart",), np.array([[0.2], [0.0], [0.4], [NAN]]), tuple("aabb"), ("s",) * 4)
    (entry,) = per_channel(table)
    assert (entry["known_samples"], entry["known_subjects"], entry["present_samples"]) == (3, 2, 2)
    assert entry["prevalence"] == pytest.approx(2 / 3, abs=1e-4)
    assert entry["area_mean"] == pytest.approx((0.2 + 0.4) / 2)
    assert (entry["area_min"], entry["area_max"]) == (0.2, 0.4)


def test_a_channel_that_nobody_knows_has_no_prevalence() -> None:
    (entry,) = per_channel(Table(("heart",), np.array([[NAN]]), ("a",), ("s",)))
    assert entry["prevalence"] is None
    assert entry["area_mean"] is None


def test_a_source_with_larger_hearts_is_seen() -> None:
    areas = np.array([[0.1], [0.1], [0.3], [0.3]])
    names, found = with_sources(Table(("heart",), areas, tuple("abcd"), ("x", "x", "y", "y")))
    assert names == ("x", "y")
    assert found[0] == pytest.approx([-1, 1])


def test_the_strongest_pairs_come_first_whatever_their_sign() -> None:
    matrix = np.array([[1, 0.2, -0.9], [0.2, 1, NAN], [-0.9, NAN, 1]])
    assert strongest("abc", matrix, 5) == [("a", "c", -0.9), ("a", "b", 0.2)]
