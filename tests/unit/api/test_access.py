from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client
from hypothesis import given
from hypothesis import strategies as st

from service.api.access import is_one_of
from service.api.app import create_app
from service.settings import Settings
from tests.unit.api.conftest import services_of
from tests.unit.api.serving import serving

KEY, OTHER_KEY = "first-key", "second-key"
GUARDED = ["/api/v1/jobs", "/api/v1/models", "/metrics"]
OPEN = ["/health/live", "/health/ready", "/openapi.json", "/docs"]


@pytest.fixture
def keyed(tmp_path: Path, empty_database: Path) -> Iterator[Client]:
    """A client of a server whose settings open it to the network, and so have keys."""
    settings = Settings(
        home=tmp_path / "home",
        models=tmp_path / "models",
        reserve_mb=0,
        bind="0.0.0.0",
        api_keys=(KEY, OTHER_KEY),
    )
    services = services_of(settings, empty_database)
    with serving(create_app(services), settings) as port:
        address = f"http://127.0.0.1:{port}"
        with Client(base_url=address, headers={"Host": "thorax.example"}) as client:
            yield client
    services.database.close()


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "headers",
    [{"X-API-Key": KEY}, {"X-API-Key": OTHER_KEY}, {"Authorization": f"Bearer {KEY}"}],
    ids=["header", "second key", "bearer"],
)
def test_a_key_opens_every_route(keyed: Client, path: str, headers: dict[str, str]) -> None:
    assert keyed.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "wrong"},
        {"X-API-Key": ""},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": KEY + "x"},
        {"X-API-Key": f"{KEY},{OTHER_KEY}"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer"},
        {"X-API-Key": "wrong", "Authorization": f"Bearer {KEY}"},
    ],
    ids=str,
)
def test_anything_but_a_key_is_refused(keyed: Client, path: str, headers: dict[str, str]) -> None:
    answer = keyed.get(path, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "key_required")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_in_the_url_is_refused(keyed: Client) -> None:
    assert keyed.get(f"/api/v1/jobs?api_key={KEY}&X-API-Key={KEY}").status_code == 401


def test_an_upload_without_key_is_refused_before_its_body_is_looked_at(keyed: Client) -> None:
    assert keyed.post("/api/v1/instances", content=b"anything").status_code == 401


@pytest.mark.parametrize("path", OPEN)
def test_health_and_description_need_no_key(keyed: Client, path: str) -> None:
    assert keyed.get(path).status_code == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "LOCALHOST", "127.0.0.1:8080", "localhost:8080", "[::1]:8080"]
)
def test_without_keys_this_machine_is_served(client: Client, host: str) -> None:
    assert client.get("/api/v1/jobs", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
def test_without_keys_another_host_name_is_refused(client: Client, host: str) -> None:
    answer = client.get("/api/v1/jobs", headers={"Host": host})

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_host")


def test_without_keys_a_page_of_another_site_is_refused(client: Client) -> None:
    answer = client.post(
        "/api/v1/instances", headers={"Origin": "https://evil.example"}, content=b""
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "http://localhost:3000"])
def test_without_keys_a_page_of_this_machine_is_served(client: Client, origin: str) -> None:
    assert client.get("/api/v1/jobs", headers={"Origin": origin}).status_code == 200


@given(st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_only_a_whole_key_matches(given_key: str, keys: list[str]) -> None:
    assert is_one_of(given_key, keys) == (given_key in keys)
