"""Numbers along a row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.label.refine.numbering import levels, numbered

TEMPLATE = np.arange(12) * -24.0
NO_VOTES = np.zeros((0, 12))


def votes(*names: int) -> np.ndarray:
    return np.eye(12)[list(names)]


@given(
    places=st.sets(st.integers(0, 11), min_size=1),
    noise=st.lists(st.floats(-9, 9), min_size=12, max_size=12),
    names=st.lists(st.integers(0, 11), min_size=12, max_size=12),
)
def test_place_decides_whatever_the_names(
    places: set[int], noise: list[float], names: list[int]
) -> None:
    order = sorted(places)
    positions = TEMPLATE[order] + np.array(noise)[order]

    found = numbered(positions, votes(*[names[k] for k in order]), TEMPLATE, 24.0)

    assert found.places == tuple(order)


@given(positions=st.lists(st.floats(-300, 40), min_size=1, max_size=12, unique=True))
def test_numbers_stand_in_order(positions: list[float]) -> None:
    rng = np.random.default_rng(len(positions))

    found = numbered(np.array(positions), rng.random((len(positions), 12)), TEMPLATE, 24.0)

    placed = [(z, k) for z, k in zip(positions, found.places, strict=True) if k is not None]
    numbers = [k for _, k in sorted(placed, reverse=True)]
    assert numbers == sorted(set(numbers))


def test_the_name_decides_half_way_between_two_places() -> None:
    half_way = np.array([-36.0])

    assert numbered(half_way, votes(1), TEMPLATE, 24.0).places == (1,)
    assert numbered(half_way, votes(2), TEMPLATE, 24.0).places == (2,)


def test_what_lies_far_from_every_place_is_uncertain() -> None:
    assert numbered(np.array([0.0, 30.0]), votes(0, 1), TEMPLATE, 24.0).places == (0, None)


def test_two_on_one_place_leave_one_uncertain() -> None:
    found = numbered(np.array([-2.0, 1.0]), votes(0, 0)[:, :1], TEMPLATE[:1], 24.0)

    assert sorted(found.places, key=str) == [0, None]


def test_nothing_to_number_costs_nothing() -> None:
    found = numbered(np.zeros(0), NO_VOTES, TEMPLATE, 24.0)

    assert (found.places, found.cost) == ((), 0.0)


@given(missing=st.integers(1, 10), growth=st.floats(0, 1.2))
def test_a_gap_leaves_one_number_out_although_steps_grow(missing: int, growth: float) -> None:
    # Vertebrae grow from 17 mm at the neck to 35 mm at the loins: 1.2 mm each at most.
    heights = np.cumsum(17 + growth * np.arange(12))

    kept = np.delete(np.arange(12), missing)

    assert levels(heights[kept]).tolist() == kept.tolist()
