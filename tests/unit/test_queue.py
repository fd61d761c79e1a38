import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from service import queue as queue_module
from service.domain.identifiers import JobId, new_job_id
from service.errors import OutOfResources
from service.queue import CeleryQueue, JobQueue, SilentQueue
from tests.fakes import RecordingQueue
from tests.servers import redis_server


@pytest.fixture
def celery_queue(redis_url: str) -> Iterator[CeleryQueue]:
    opened = CeleryQueue(redis_url)
    yield opened
    opened.close()


@pytest.fixture(params=["recording", pytest.param("celery", marks=pytest.mark.peer)])
def each_queue(request: pytest.FixtureRequest) -> JobQueue:
    """The fake and the real one: both are held to the same contract."""
    if request.param == "recording":
        return RecordingQueue()
    queue: CeleryQueue = request.getfixturevalue("celery_queue")
    return queue


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A broker that accepts connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_nothing_waits_in_a_new_queue(each_queue: JobQueue) -> None:
    assert (each_queue.waiting_analyses(), each_queue.waiting_deliveries()) == (0, 0)


def test_what_was_rung_for_waits_in_its_own_queue(each_queue: JobQueue) -> None:
    for _ in range(3):
        each_queue.ring_analysis(new_job_id())
    each_queue.ring_delivery(new_job_id())

    assert (each_queue.waiting_analyses(), each_queue.waiting_deliveries()) == (3, 1)


def test_a_silent_queue_always_succeeds() -> None:
    queue = SilentQueue()

    queue.ring_analysis(new_job_id())
    queue.ring_delivery(new_job_id())

    assert (queue.waiting_analyses(), queue.waiting_deliveries()) == (0, 0)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", None], ids=["refused", "silent"])
def test_a_broker_that_is_down_fails_every_call(url: str | None, silent_server: str) -> None:
    queue = CeleryQueue(url or silent_server)

    for call in (
        lambda: queue.ring_analysis(new_job_id()),
        lambda: queue.ring_delivery(new_job_id()),
        queue.waiting_analyses,
        queue.waiting_deliveries,
    ):
        with pytest.raises(OutOfResources) as raised:
            call()
        assert raised.value.code == "broker_unavailable"
    queue.close()


def test_after_a_failed_ring_the_bell_rests(silent_server: str) -> None:
    """The second ring does not even connect: the first one's connection is all the server sees."""
    queue = CeleryQueue(silent_server)
    with pytest.raises(OutOfResources, match="does not answer"):
        queue.ring_analysis(new_job_id())

    with pytest.raises(OutOfResources, match="lately"):
        queue.ring_analysis(new_job_id())
    queue.close()


@pytest.mark.peer
def test_the_bell_works_again_after_its_rest(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, celery_queue: CeleryQueue
) -> None:
    monkeypatch.setattr(queue_module, "REST_SECONDS", 0.0)  # rather than wait for it
    with redis.Redis.from_url(redis_url) as server:
        celery_queue.ring_analysis(new_job_id())
        server.client_kill_filter(_type="normal", skipme=True)
        server.config_set("maxclients", 1)
        with pytest.raises(OutOfResources):
            celery_queue.ring_analysis(new_job_id())
        server.config_set("maxclients", 100)

        celery_queue.ring_analysis(new_job_id())

    assert celery_queue.waiting_analyses() == 2


@pytest.mark.peer
def test_ringing_works_at_once_after_the_broker_lost_everything(
    redis_url: str, celery_queue: CeleryQueue
) -> None:
    """A queue bound to a named exchange would now fail: the binding is gone (kombu)."""
    with redis.Redis.from_url(redis_url) as server:
        celery_queue.ring_analysis(new_job_id())
        server.flushall()

    celery_queue.ring_analysis(new_job_id())

    assert celery_queue.waiting_analyses() == 1


@pytest.mark.peer
def test_a_message_carries_the_job_id_and_nothing_else_of_ours(
    redis_url: str, celery_queue: CeleryQueue
) -> None:
    job_id = JobId("0123456789abcdef" * 2)
    celery_queue.ring_analysis(job_id)

    with redis.Redis.from_url(redis_url, decode_responses=True) as server:
        assert server.keys() == ["gpu"]
        (message,) = server.lrange("gpu", 0, -1)

    assert '"content-type": "application/json"' in message
    assert f"('{job_id}',)" in message


@pytest.mark.peer
def test_a_broker_that_goes_away_under_an_open_connection_fails_every_call(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        queue = CeleryQueue(url)
        queue.ring_analysis(new_job_id())
        assert queue.waiting_analyses() == 1

    for call in (queue.waiting_analyses, lambda: queue.ring_analysis(new_job_id())):
        with pytest.raises(OutOfResources):
            call()
    queue.close()


@pytest.mark.peer
def test_many_threads_may_ring_at_once(celery_queue: CeleryQueue) -> None:
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(celery_queue.ring_analysis, [new_job_id() for _ in range(200)]))

    assert celery_queue.waiting_analyses() == 200
