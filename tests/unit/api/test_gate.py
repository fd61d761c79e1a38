import json
import re
from io import StringIO

import pytest
from fastapi import FastAPI
from httpx import Client, get, request

from service.api.gate import SECURITY_HEADERS
from service.settings import Settings
from service.telemetry.metrics import REGISTRY
from tests.unit.api.serving import serving


def requests(method: str, route: str, status: int) -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("thorax_http_requests_total", labels) or 0.0


@pytest.mark.parametrize("path", ["/health/live", "/api/v1/jobs", "/nowhere", "/broken"])
def test_every_answer_has_the_security_headers_and_a_request_id(
    app: FastAPI, client: Client, path: str
) -> None:
    def broken() -> None:
        raise ValueError

    app.add_api_route("/broken", broken)

    headers = client.get(path).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])


def test_the_clients_request_id_is_not_used(client: Client) -> None:
    answer = client.get("/health/live", headers={"X-Request-ID": "Doe^Jane"})

    assert answer.headers["x-request-id"] != "Doe^Jane"


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        (f"/api/v1/jobs/{'0' * 32}", "/api/v1/jobs/{job_id}", 404),
        ("/api/v1/jobs/Doe^Jane/result", "/api/v1/jobs/{job_id}/result", 422),
        ("/Doe^Jane", "unmatched", 404),
    ],
)
def test_requests_are_counted_by_template_and_not_by_path(
    app: FastAPI, settings: Settings, path: str, route: str, status: int
) -> None:
    before = requests("GET", route, status)

    with serving(app, settings) as port:
        get(f"http://127.0.0.1:{port}{path}")

    assert requests("GET", route, status) == before + 1


def test_requests_are_logged_by_template_under_their_request_id(
    app: FastAPI, settings: Settings, log: StringIO
) -> None:
    with serving(app, settings) as port:
        answer = get(f"http://127.0.0.1:{port}/api/v1/jobs/Doe^Jane/result")

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (ended,) = [line for line in lines if line["event"] == "request_ended"]
    assert (ended["route"], ended["status"]) == ("/api/v1/jobs/{job_id}/result", 422)
    assert ended["request_id"] == answer.headers["x-request-id"]


def test_an_unknown_method_is_not_a_label_of_its_own(app: FastAPI, settings: Settings) -> None:
    before = requests("other", "unmatched", 405) + requests("other", "/api/v1/jobs", 405)

    with serving(app, settings) as port:
        request("FROBNICATE", f"http://127.0.0.1:{port}/api/v1/jobs")

    after = requests("other", "unmatched", 405) + requests("other", "/api/v1/jobs", 405)
    assert after == before + 1
