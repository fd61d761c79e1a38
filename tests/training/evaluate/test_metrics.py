import numpy as np
import pytest

from training.evaluate.metrics import bootstrap_interval, horizontal_width, intersection_over_union


def test_overlap_of_half_shifted_squares_is_a_third() -> None:
    first, second = np.zeros((2, 10, 30), bool)
    first[:, 0:20], second[:, 10:30] = True, True
    assert intersection_over_union(first, second) == pytest.approx(10 / 30)


def test_two_empty_masks_agree() -> None:
    empty = np.zeros((4, 4), bool)
    assert intersection_over_union(empty, empty) == 1.0


def test_width_counts_columns_including_both_ends() -> None:
    mask = np.zeros((5, 20), bool)
    mask[2, [3, 11]] = True
    assert horizontal_width(mask) == 9


def test_the_interval_holds_the_mean_and_narrows_with_more_films() -> None:
    random = np.random.default_rng(1)
    few, many = random.normal(0.9, 0.05, 20).tolist(), random.normal(0.9, 0.05, 500).tolist()
    low, high = bootstrap_interval(few)
    assert low < np.mean(few) < high
    narrow = bootstrap_interval(many)
    assert narrow[1] - narrow[0] < (high - low) / 2
