"""What a real server does with clients that send raw bytes, too slowly, or not at all."""

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from shutil import copyfile

import psutil
import pytest
from fastapi import FastAPI, Request
from httpx import Client

from service.api.server import (
    IDLE_SECONDS,
    MAXIMUM_HEADER_BYTES,
    HeaderDeadline,
    configuration,
)
from service.settings import Settings
from tests.processes import answers, running
from tests.unit.api.serving import serving

GIVEN_UP_WITHIN = IDLE_SECONDS - 5.0
"""So that uvicorn's own timer of idle connections cannot be what ended the wait."""


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=GIVEN_UP_WITHIN)


def exchange(port: int, sent: bytes) -> bytes:
    """Return what the server answers until it closes the connection, or resets it."""
    answer = b""
    with connected(port) as connection, suppress(ConnectionResetError):
        connection.sendall(sent)
        while received := connection.recv(65536):
            answer += received
    return answer


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "]
)
def test_a_connection_without_complete_headers_is_closed(
    monkeypatch: pytest.MonkeyPatch, app: FastAPI, settings: Settings, sent: bytes
) -> None:
    # uvicorn makes the protocol objects itself and passes them nothing of ours.
    monkeypatch.setattr(HeaderDeadline, "seconds", 0.1)

    with serving(app, settings) as port:
        assert exchange(port, sent) == b""


def test_a_second_request_on_a_connection_has_the_same_deadline(
    monkeypatch: pytest.MonkeyPatch, app: FastAPI, settings: Settings
) -> None:
    monkeypatch.setattr(HeaderDeadline, "seconds", 0.1)  # see above
    request = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    with serving(app, settings) as port, connected(port) as connection:
        connection.sendall(request)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /health")
        while connection.recv(65536):
            pass


def test_a_request_that_takes_longer_than_the_header_deadline_is_answered(
    monkeypatch: pytest.MonkeyPatch, app: FastAPI, settings: Settings
) -> None:
    monkeypatch.setattr(HeaderDeadline, "seconds", 0.1)  # see above
    deadline_has_passed = threading.Event()
    threading.Timer(0.3, deadline_has_passed.set).start()

    def slow() -> str:
        deadline_has_passed.wait()
        return "done"

    app.add_api_route("/slow", slow)

    with serving(app, settings) as port, Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert client.get("/slow").json() == "done"


def test_an_announced_length_over_the_cap_is_refused_before_anything_is_sent(
    app: FastAPI, settings: Settings
) -> None:
    head = (
        b"POST /api/v1/instances HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/dicom\r\nContent-Length: 4294967296\r\n\r\n"
    )

    with serving(app, settings) as port:
        answer = exchange(port, head)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"body_too_large"' in answer


def test_headers_without_end_are_cut_off(app: FastAPI, settings: Settings) -> None:
    head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 2 * MAXIMUM_HEADER_BYTES

    with serving(app, settings) as port:
        answer = exchange(port, head)  # empty when the rest of the headers met a closed socket

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


def test_a_large_upload_is_not_held_in_memory(app: FastAPI, settings: Settings) -> None:
    megabytes, process = 128, psutil.Process()

    def body() -> Iterator[bytes]:
        for _ in range(megabytes):
            yield b"\0" * (1 << 20)

    with serving(app, settings) as port, Client(base_url=f"http://127.0.0.1:{port}") as client:
        client.get("/health/ready")
        before = process.memory_info().rss
        headers = {"Content-Type": "application/dicom"}
        answer = client.post("/api/v1/instances", content=body(), headers=headers, timeout=120)
        grown = process.memory_info().rss - before

    assert answer.status_code == 422, "zeros are no DICOM, which is seen after they were taken"
    assert grown < megabytes * (1 << 20) / 4


def test_an_upload_that_breaks_off_leaves_no_file(app: FastAPI, settings: Settings) -> None:
    head = (
        b"POST /api/v1/instances HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/dicom\r\nContent-Length: 1000000\r\n\r\n"
    )

    with serving(app, settings) as port, connected(port) as connection:
        connection.sendall(head + b"\0" * 500_000)
    # The server has stopped, so it has noticed.

    assert not [path for path in inbox_of(settings).rglob("*") if is_an_instance(path)]


def test_urls_are_in_no_log_line(app: FastAPI, settings: Settings, log: StringIO) -> None:
    with serving(app, settings) as port, Client(base_url=f"http://127.0.0.1:{port}") as client:
        client.get("/api/v1/jobs/Doe^Jane?PatientName=Doe^Jane", headers={"X-Name": "Doe^Jane"})
        exchange(port, b"\x16\x03 Doe^Jane, not HTTP\r\n\r\n")

    assert "request_ended" in log.getvalue()
    assert "Doe" not in log.getvalue()


def test_the_server_does_not_name_itself(client: Client) -> None:
    assert "server" not in client.get("/health/live").headers


def test_forwarded_headers_are_not_believed(app: FastAPI, settings: Settings) -> None:
    def who(request: Request) -> str:
        return request.client.host if request.client else ""

    app.add_api_route("/who", who)

    with serving(app, settings) as port, Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert client.get("/who", headers={"X-Forwarded-For": "10.0.0.9"}).json() == "127.0.0.1"


def test_settings_decide_where_it_listens(app: FastAPI, settings: Settings) -> None:
    config = configuration(app, settings.model_copy(update={"http_port": 18080}))

    assert (config.host, config.port) == ("127.0.0.1", 18080)


def inbox_of(settings: Settings) -> Path:
    return settings.home / "inbox"


def is_an_instance(path: Path) -> bool:
    return path.is_file() and path.name != "lock"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_in_order_when_it_is_told_to(
    tmp_path: Path, empty_database: Path, free_port: int, number: signal.Signals
) -> None:
    copyfile(empty_database, tmp_path / "thorax.db")
    environment = {
        "THORAX_HOME": str(tmp_path),
        "THORAX_HTTP_PORT": str(free_port),
        "THORAX_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, "-m", "service.cli", "api"]

    with running(
        command,
        tmp_path / "api.log",
        environment=environment,
        ready=lambda: answers(free_port),
        seconds=200,
    ) as api:
        assert api.stop(number) == 0
