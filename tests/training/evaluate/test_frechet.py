"""Against the textbook formula with a matrix root, and sets whose distance is known."""

import numpy as np
import pytest
from scipy import linalg

from training.evaluate.frechet import (
    distance_between,
    distance_within,
    frechet_distance,
    kernel_distance,
)


def normal(seed: int, count: int, width: int, scale: float = 1, shift: float = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, scale, (count, width))


def test_it_is_the_formula_with_the_root_of_the_product() -> None:
    mixing = np.random.default_rng(9).normal(size=(6, 6))
    first, second = normal(1, 50, 6), normal(2, 70, 6, scale=2, shift=0.5) @ mixing
    one, two = np.cov(first.T), np.cov(second.T)
    expected = ((first.mean(0) - second.mean(0)) ** 2).sum() + np.trace(
        one + two - 2 * linalg.sqrtm(one @ two).real
    )

    assert frechet_distance(first, second) == pytest.approx(expected)


def test_fewer_pictures_than_features_are_no_trouble() -> None:
    features = normal(3, 10, 200)

    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-6)
    # Moved by 0.3 along each of 200 features: 200 x 0.09.
    assert frechet_distance(features, features + 0.3) == pytest.approx(18)


def test_twice_the_spread_is_one_per_feature() -> None:
    # (2 - 1)^2 of each of four features; 20000 draws know it to a few percent.
    found = frechet_distance(normal(4, 20000, 4), normal(5, 20000, 4, scale=2))

    assert found == pytest.approx(4, rel=0.05)


def test_the_kernel_distance_is_its_definition_pair_by_pair() -> None:
    first, second = normal(10, 5, 3), normal(11, 4, 3, shift=1)

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / 3 + 1) ** 3)

    within = [
        np.mean([kernel(x, y) for n, x in enumerate(s) for m, y in enumerate(s) if n != m])
        for s in (first, second)
    ]
    shared = np.mean([kernel(x, y) for x in first for y in second])

    assert kernel_distance(first, second) == pytest.approx(sum(within) - 2 * shared)


def test_the_kernel_distance_has_no_bias_where_frechet_has_much() -> None:
    same, other = normal(6, 400, 200), normal(12, 400, 200, shift=0.5)

    floor = distance_within("two halves", same, 100)
    apart = distance_between("other", same, other, 100)

    assert floor.mean > 50, "at n = 100 the distance of equal sets is far from zero"
    assert floor.low <= floor.mean <= floor.high
    assert abs(floor.kernel) < apart.kernel / 50


def test_another_set_is_farther_than_two_halves_of_one() -> None:
    real = normal(7, 300, 20)

    floor = distance_within("halves", real, 100)
    other = distance_between("other", real, normal(8, 200, 20, shift=0.5), 100)

    assert other.low > floor.high
    # Moved by 0.5 along each of 20 features, 20 x 0.25, beside what any two samples differ by.
    assert other.mean - floor.mean == pytest.approx(5, rel=0.2)


@pytest.mark.parametrize("count", [3, 60])
def test_too_few_pictures_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="8 to 50"):
        distance_within("a", normal(1, 100, 3), count)
