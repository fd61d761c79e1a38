"""The judge without a model."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from tests.training.label.critic.scans import HEART_AT, SHAPE, ball, question, scan
from training.label.critic.judges.rules import marks
from training.label.critic.question import Choice
from training.label.critic.registry import judge_named

RULE = judge_named("rules")
EMPTY = np.zeros(SHAPE, np.bool_)


def shifted() -> np.ndarray:
    return ball((HEART_AT[0], HEART_AT[1], HEART_AT[2] - 5))


def crumbled() -> np.ndarray:
    return ball() & (np.random.default_rng(0).random(SHAPE) > 0.3)


def with_a_second_piece() -> np.ndarray:
    mask = ball()
    mask[30:39, 20:28, 2:14] = True
    return mask


def a_hundredth() -> np.ndarray:
    return ball(radius_mm=10.0)


SPOILT = [shifted, crumbled, with_a_second_piece, a_hundredth, lambda: EMPTY]


@pytest.mark.parametrize("spoil", SPOILT, ids=["moved", "holes", "pieces", "tiny", "empty"])
def test_the_true_mask_is_better_in_both_orders(spoil: Callable[[], np.ndarray]) -> None:
    assert RULE.better(question(ball(), spoil())).choice is Choice.FIRST
    assert RULE.better(question(spoil(), ball())).choice is Choice.SECOND


def test_the_same_mask_twice_is_neither() -> None:
    assert RULE.better(question(ball(), ball())).choice is Choice.NEITHER


def test_a_mask_on_the_wrong_side_is_worse() -> None:
    left, right = EMPTY.copy(), EMPTY.copy()
    right[8:32, 6:24, 5:20], left[8:32, 6:24, 30:45] = True, True

    assert RULE.better(question(left, right, "left_lung")).choice is Choice.FIRST
    assert RULE.better(question(left, right, "right_lung")).choice is Choice.SECOND


def test_the_reason_names_every_mark() -> None:
    reason = RULE.better(question(ball(), shifted())).reason

    for name in marks("heart", scan(), ball()):
        assert name in reason


@settings(deadline=None, max_examples=10)
@given(z=st.integers(8, 30), x=st.integers(10, 40), steps=st.integers(1, 3))
def test_marks_stay_between_nothing_and_one(z: int, x: int, steps: int) -> None:
    mask = ndimage.binary_dilation(ball((z, 14.0, x), 20.0), iterations=steps)

    assert all(0 <= mark <= 1 for mark in marks("heart", scan(), mask).values())
