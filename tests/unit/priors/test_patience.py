import threading

import pytest

from service.errors import NotEligible, PeerError
from service.priors.patience import Breaker, Deadline, within


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def nothing(_: object) -> None:
    return None


def test_a_deadline_comes_and_stays() -> None:
    clock = Clock()
    deadline = Deadline(5, clock)
    deadline.check()
    clock.now = 6.0

    assert deadline.seconds_left == 0
    with pytest.raises(PeerError, match="in time"):
        deadline.check()


def test_what_comes_in_time_is_returned_and_what_is_raised_is_raised() -> None:
    def fail() -> str:
        raise PeerError("no", code="peer_refused")

    assert within(Deadline(60), lambda: "answer", nothing) == "answer"
    with pytest.raises(PeerError, match="no"):
        within(Deadline(60), fail, nothing)


def test_who_comes_too_late_is_left_behind_and_what_it_brings_is_discarded() -> None:
    may_answer, was_discarded = threading.Event(), threading.Event()
    discarded: list[str] = []

    def answer_late() -> str:
        may_answer.wait(60)
        return "late"

    def discard(answer: str) -> None:
        discarded.append(answer)
        was_discarded.set()

    deadline = Deadline(0.01)
    with pytest.raises(PeerError) as raised:
        within(deadline, answer_late, discard)
    assert raised.value.code == "peer_timeout"
    assert deadline.seconds_left == 0
    may_answer.set()

    assert was_discarded.wait(60)
    assert discarded == ["late"]


def test_a_source_that_failed_is_left_alone_for_a_while() -> None:
    clock = Clock()
    breaker = Breaker(60, clock)
    with pytest.raises(PeerError, match="away"), breaker.trying():
        raise PeerError("away")

    clock.now = 59.0
    with pytest.raises(PeerError) as raised, breaker.trying():
        pytest.fail("it is not asked")
    assert raised.value.code == "source_resting"
    clock.now = 61.0
    with breaker.trying():
        pass


def test_what_is_not_the_sources_fault_does_not_rest_it() -> None:
    breaker = Breaker(60, Clock())
    with pytest.raises(NotEligible), breaker.trying():
        raise NotEligible("wildcard")

    with breaker.trying():
        pass
