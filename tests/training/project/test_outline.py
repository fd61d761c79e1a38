import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.project.outline import drawn_field, drawn_heart

ROWS, COLUMNS = np.indices((200, 240))
RIGHT = (COLUMNS >= 20) & (COLUMNS < 90) & (ROWS >= 30) & (ROWS < 150)
LEFT = (COLUMNS >= 160) & (COLUMNS < 220) & (ROWS >= 30) & (ROWS < 150)
HEART = (COLUMNS >= 90) & (COLUMNS < 160) & (ROWS >= 80) & (ROWS < 180)


def _sides(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_a_field_is_drawn_inside_its_edge_but_for_the_apex() -> None:
    top, bottom, first, last = _sides(drawn_field(RIGHT))
    assert top == 30
    assert bottom < 149
    assert first > 20
    assert last < 89
    assert 149 - bottom > first - 20


def test_the_heart_ends_in_a_flat_arc_between_the_cardiophrenic_angles() -> None:
    right, left = drawn_field(RIGHT), drawn_field(LEFT)
    found = drawn_heart(HEART, right, left)
    angle = _sides(right)[1]
    lowest = _sides(found)[1]
    assert angle < lowest < angle + 0.2 * 70
    assert found[lowest, 115:135].all()


def test_the_heart_reaches_to_what_is_left_of_the_fields() -> None:
    right, left = drawn_field(RIGHT), drawn_field(LEFT)
    found = drawn_heart(HEART, right, left)
    assert found[120, _sides(right)[3] + 1 : _sides(left)[2]].all()
    assert not (found & (right | left)).any()


def test_a_heart_without_a_lung_beside_it_keeps_its_lower_border() -> None:
    nothing = np.zeros_like(HEART)
    assert _sides(drawn_heart(HEART, nothing, LEFT))[1] == 179


def test_the_heart_begins_below_its_vessels() -> None:
    assert _sides(drawn_heart(HEART, RIGHT, LEFT))[0] > 82


def test_what_is_not_there_stays_away() -> None:
    nothing = np.zeros_like(HEART)
    assert not drawn_field(nothing).any()
    assert not drawn_heart(nothing, RIGHT, LEFT).any()


@given(seed=st.integers(0, 10_000))
def test_fields_only_shrink_and_never_meet_the_heart(seed: int) -> None:
    random = np.random.default_rng(seed)
    blob = random.random((200, 240)) < random.uniform(0.05, 0.95)
    right = drawn_field(RIGHT & blob)
    assert not (right & ~RIGHT).any()
    assert not (drawn_heart(HEART & blob, right, LEFT) & (right | LEFT)).any()
