import math

import pytest

from service.inbound.limits import Limits, Pace

LIMITS = Limits(silence_seconds=10.0, minimum_bytes_per_second=1000)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(LIMITS, clock)


def test_who_owes_nothing_may_be_silent_forever(pace: Pace, clock: Clock) -> None:
    clock.now += 10_000

    assert pace.seconds_left() == math.inf
    assert not pace.owing


def test_silence_runs_from_the_last_byte(pace: Pace, clock: Clock) -> None:
    pace.begin()
    clock.now += 4
    pace.add(1_000_000)
    clock.now += 7

    assert pace.seconds_left() == pytest.approx(LIMITS.silence_seconds - 7)


def test_a_drip_is_too_slow_on_the_whole_though_never_silent(pace: Pace, clock: Clock) -> None:
    pace.begin()
    for _ in range(9):
        clock.now += 1
        pace.add(100)

    # 900 bytes at 1000 bytes per second allow 0.9 s on top of the 10 s that everybody has.
    assert pace.seconds_left() == pytest.approx(10 + 0.9 - 9)


def test_beginning_again_does_not_forgive(pace: Pace, clock: Clock) -> None:
    pace.begin()
    clock.now += 9
    pace.begin()

    assert pace.seconds_left() == pytest.approx(1)


def test_what_is_complete_is_not_counted_against_the_next(pace: Pace, clock: Clock) -> None:
    pace.begin()
    clock.now += 9
    pace.end()
    clock.now += 30
    pace.begin()

    assert pace.seconds_left() == pytest.approx(LIMITS.silence_seconds)
