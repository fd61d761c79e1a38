import threading

from service.errors import LeaseLost, OutOfResources
from service.persistence.heartbeat import Heartbeat

SOON = 0.001
A_WHILE = 10


def test_the_lease_is_renewed_while_the_work_goes_on() -> None:
    beats = threading.Semaphore(0)

    with Heartbeat(beats.release, SOON):
        assert all(beats.acquire(timeout=A_WHILE) for _ in range(3))


def test_nothing_beats_after_the_work() -> None:
    with Heartbeat(lambda: None, A_WHILE):
        pass

    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}


def test_a_database_that_is_away_is_asked_again() -> None:
    beats = threading.Semaphore(0)

    def fail() -> None:
        beats.release()
        raise OutOfResources

    with Heartbeat(fail, SOON):
        assert all(beats.acquire(timeout=A_WHILE) for _ in range(3))


def test_a_lost_lease_ends_the_beating() -> None:
    calls = []

    def lose() -> None:
        calls.append(1)
        raise LeaseLost

    with Heartbeat(lose, SOON) as heartbeat:
        heartbeat._thread.join(A_WHILE)  # noqa: SLF001 - nothing else tells that it has stopped

    assert calls == [1]
