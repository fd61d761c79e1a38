import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.label.vote import Ballot, agreement, dice, vote

IDS = frozenset({1, 2, 3})


def ballot(*labels: int, weight: float = 1.0, known: frozenset[int] = IDS) -> Ballot:
    return Ballot(np.array(labels, np.uint8).reshape(1, 1, -1), known, weight)


def test_two_of_three_decide() -> None:
    found = vote([ballot(1, 2, 0), ballot(1, 2, 3), ballot(2, 3, 3)])
    assert found.ravel().tolist() == [1, 2, 3]


def test_a_heavy_voter_outweighs_the_rest() -> None:
    found = vote([ballot(1, weight=3), ballot(2), ballot(2)])
    assert found.ravel().tolist() == [1]


def test_who_does_not_know_a_class_has_no_say_in_it() -> None:
    found = vote([ballot(1, 0), ballot(0, 2, known=frozenset({2}))])
    assert found.ravel().tolist() == [1, 0]


def test_half_is_not_enough() -> None:
    assert vote([ballot(1), ballot(0)]).ravel().tolist() == [0]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.integers(2, 4))
def test_voters_who_agree_get_what_they_said(labels: list[int], voters: int) -> None:
    assert vote([ballot(*labels)] * voters).ravel().tolist() == labels


def test_agreement_is_the_dice_of_those_who_know_the_class() -> None:
    voters = [ballot(1, 1, 0), ballot(1, 0, 0), ballot(2, 2, 2, known=frozenset({2}))]
    assert agreement(voters, 1) == pytest.approx(2 / 3)
    assert agreement(voters[:1], 1) is None


def test_two_empty_masks_agree() -> None:
    assert dice(np.zeros(3, bool), np.zeros(3, bool)) == 1
