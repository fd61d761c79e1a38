"""The container engine's question, put to real parts."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

from service.receiver import start_receiver
from service.settings import REPOSITORY, Settings
from tests.unit.api.serving import serving

_specification = importlib.util.spec_from_file_location(
    "healthcheck", REPOSITORY / "deploy" / "healthcheck.py"
)
assert _specification is not None
assert _specification.loader is not None
healthcheck = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(healthcheck)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return the exit status for a part under settings that are read as a container reads them."""
    monkeypatch.chdir(tmp_path)

    def ask(part: str, **settings: object) -> int:
        for name, value in {"home": tmp_path, **settings}.items():
            monkeypatch.setenv(f"THORAX_{name.upper()}", str(value))
        status: int = healthcheck.main(part)
        return status

    return ask


def test_an_api_that_answers_is_well(asked: Callable[..., int], tmp_path: Path) -> None:
    app = FastAPI()
    app.add_api_route("/health/live", lambda: "alive")

    with serving(app, Settings(home=tmp_path)) as port:
        assert asked("api", http_port=port) == 0


def test_an_api_that_is_not_there_is_not_well(asked: Callable[..., int], free_port: int) -> None:
    assert asked("api", http_port=free_port) == 1


def test_a_listener_that_answers_is_well(asked: Callable[..., int], tmp_path: Path) -> None:
    with start_receiver(tmp_path / "received", "THORAX") as receiver:
        assert asked("listener", dicom_port=receiver.port) == 0


def test_a_listener_that_refuses_the_association_answers_too(
    asked: Callable[..., int], tmp_path: Path
) -> None:
    with start_receiver(tmp_path / "received", "OTHER") as receiver:
        assert asked("listener", dicom_port=receiver.port) == 0


# pynetdicom leaves the socket that found nobody to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_listener_that_is_not_there_is_not_well(
    asked: Callable[..., int], free_port: int
) -> None:
    assert asked("listener", dicom_port=free_port) == 1


@pytest.mark.parametrize(("ready", "status"), [([], 1), (["gpu"], 1), (["gpu", "delivery"], 0)])
def test_a_worker_is_well_when_both_queues_are_taken_up(
    asked: Callable[..., int], tmp_path: Path, ready: list[str], status: int
) -> None:
    (tmp_path / "run").mkdir()
    for queue in ready:
        (tmp_path / "run" / f"{queue}.ready").touch()

    assert asked("worker") == status
