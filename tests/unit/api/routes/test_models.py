"""The list of models, from packages as they lie on disk."""

from pathlib import Path

import pytest
from httpx import Client

from service.api.app import create_app
from service.inference.manifest import read_package
from service.settings import REPOSITORY, Settings
from tests.unit.api.conftest import services_of
from tests.unit.api.serving import serving

PACKAGES = sorted(path.parent for path in (REPOSITORY / "models").glob("*/*/manifest.yaml"))


def test_without_packages_the_list_is_empty(client: Client) -> None:
    assert client.get("/api/v1/models").json() == {"models": []}


@pytest.mark.skipif(not PACKAGES, reason="models/ holds no package")
def test_each_package_is_listed_with_what_it_reads_and_finds(
    tmp_path: Path, empty_database: Path
) -> None:
    settings = Settings(home=tmp_path / "home", models=REPOSITORY / "models")
    services = services_of(settings, empty_database)

    with (
        serving(create_app(services), settings) as port,
        Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        listed = client.get("/api/v1/models", timeout=60).json()["models"]
    services.database.close()

    packages = [read_package(folder) for folder in PACKAGES]
    assert {model["sha256"] for model in listed} == {each.identity.sha256 for each in packages}
    for model in listed:
        assert model["views"]
        assert model["segments"]
