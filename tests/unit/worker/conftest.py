from collections.abc import Iterator

import pytest
from celery.signals import setup_logging, worker_process_init


@pytest.fixture(autouse=True)
def _no_receivers_from_elsewhere() -> Iterator[None]:
    """Celery's signals are global: each test begins without receivers and leaves none.

    A receiver of another test would take this process for one that failed to start.
    """
    for each in (worker_process_init, setup_logging):
        _forget_receivers(each)
    yield
    for each in (worker_process_init, setup_logging):
        _forget_receivers(each)


def _forget_receivers(of_signal: object) -> None:
    of_signal.receivers.clear()  # type: ignore[attr-defined]
    of_signal.sender_receivers_cache.clear()  # type: ignore[attr-defined]
