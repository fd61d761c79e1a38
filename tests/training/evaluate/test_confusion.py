"""Counting right and wrong answers, and storing pictures wrongly."""

import numpy as np
import pytest

from service.domain.gate import Gate
from service.gates.storing import Way
from training.evaluate.confusion import WAYS, Tally, as_lines, stored


def test_there_are_sixteen_ways_and_the_first_is_the_right_one() -> None:
    assert len(set(WAYS)) == 16
    assert WAYS[0] == Way(0, 0, 0)


def test_alarms_and_misses_are_counted_apart() -> None:
    tally = Tally()
    for is_wrong, fails in ((False, False), (False, True), (True, False), (True, True)):
        tally.add(is_wrong=is_wrong, fails=fails)

    (line,) = as_lines({Gate.TURNED: tally})

    assert (tally.right, tally.false_alarms, tally.wrong, tally.missed) == (2, 1, 2, 1)
    assert line.split() == ["turned", "false", "alarms", "1", "of", "2,", "missed", "1", "of", "2"]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_negative_keeps_its_range_and_a_turn_its_values(way: Way) -> None:
    pixels = np.array([[3.0, 5.0, 9.0], [4.0, 6.0, 8.0]], np.float32)

    found = stored(pixels, way)

    values = 3.0 + 9.0 - pixels if way.inverted else pixels
    assert found.shape == ((3, 2) if way.turned % 2 else (2, 3))
    assert sorted(found.ravel()) == sorted(values.ravel())


def test_mirrored_comes_before_turned() -> None:
    pixels = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)

    # Mirrored: 2 1 / 4 3; then a quarter counter-clockwise: 1 3 / 2 4.
    assert stored(pixels, Way(0, 1, 1)).tolist() == [[1.0, 3.0], [2.0, 4.0]]
