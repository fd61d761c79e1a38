"""How sure the network is."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from service.gates.certainty import certainty
from service.inference.manifest import LabelEntry
from tests.unit.inference.conftest import label

LABELS = TypeAdapter(tuple[LabelEntry, ...]).validate_python(
    [label(1, "heart"), label(2, "right_lung")]
)


def test_it_is_the_mean_over_structures_of_the_mean_inside_each() -> None:
    probabilities = np.zeros((2, 10, 10), np.float32)
    probabilities[0, :5] = 0.9
    probabilities[1, 5:, :5], probabilities[1, 5:, 5:] = 0.6, 0.8

    assert certainty(probabilities, LABELS) == pytest.approx((0.9 + (0.6 + 0.8) / 2) / 2)


def test_a_structure_that_was_not_found_counts_as_a_coin_toss() -> None:
    probabilities = np.zeros((2, 10, 10), np.float32)
    probabilities[0] = 0.9

    assert certainty(probabilities, LABELS) == pytest.approx((0.9 + 0.5) / 2)


def test_a_speck_below_the_minimum_area_was_not_found() -> None:
    probabilities = np.zeros((2, 100, 100), np.float32)
    probabilities[:, 0, :10] = 1.0  # 10 of 10000 pixels, more than one in a thousand is needed

    assert certainty(probabilities, LABELS) == pytest.approx(0.5)


def test_what_is_not_in_every_chest_is_not_asked() -> None:
    labels = TypeAdapter(tuple[LabelEntry, ...]).validate_python(
        [label(1, "heart"), label(2, "posterior_rib_10_left")]
    )
    probabilities = np.zeros((2, 10, 10), np.float32)
    probabilities[0] = 0.9

    assert certainty(probabilities, labels) == pytest.approx(0.9)
    assert certainty(probabilities[1:], labels[1:]) == pytest.approx(0.5)


def test_a_package_may_name_whose_certainty_counts() -> None:
    probabilities = np.zeros((2, 10, 10), np.float32)
    probabilities[0], probabilities[1] = 0.9, 0.6

    assert certainty(probabilities, LABELS, ("right_lung",)) == pytest.approx(0.6)


def test_all_are_all_whatever_every_chest_shows() -> None:
    labels = TypeAdapter(tuple[LabelEntry, ...]).validate_python(
        [label(1, "heart"), label(2, "posterior_rib_10_left")]
    )
    probabilities = np.zeros((2, 10, 10), np.float32)
    probabilities[0], probabilities[1] = 0.9, 0.6

    assert certainty(probabilities, labels, "all") == pytest.approx((0.9 + 0.6) / 2)
