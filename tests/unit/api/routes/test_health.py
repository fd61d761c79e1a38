from httpx import Client

from service import __version__
from service.bootstrap import Services
from tests.unit.api.conftest import RememberingQueue

READY = "/health/ready"


def test_a_living_process_says_so_with_its_version(client: Client) -> None:
    answer = client.get("/health/live")

    assert (answer.status_code, answer.json()["version"]) == (200, __version__)


def test_ready_when_everything_answers(client: Client) -> None:
    answer = client.get(READY)

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": {"database": "ok", "spool": "ok", "broker": "ok"},
    }


def test_degraded_but_ready_without_the_broker(client: Client, queue: RememberingQueue) -> None:
    queue.is_away = True

    answer = client.get(READY)

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["broker"] == "broker_unavailable"


def test_unavailable_without_the_database(client: Client, services: Services) -> None:
    (services.settings.home / "thorax.db").unlink()

    answer = client.get(READY)

    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["checks"]["database"] == "database_unavailable"
    assert "retry-after" in answer.headers


def test_unavailable_without_disk_space(client: Client, services: Services) -> None:
    object.__setattr__(services.intake, "reserve_bytes", 1 << 62)  # no disk has this much

    answer = client.get(READY)

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "spool": "no_space", "broker": "ok"}


def test_live_even_when_not_ready(client: Client, services: Services) -> None:
    (services.settings.home / "thorax.db").unlink()

    assert client.get("/health/live").status_code == 200
