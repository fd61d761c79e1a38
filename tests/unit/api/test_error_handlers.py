"""Every way in which a request can fail ends in a problem document."""

import pytest
from fastapi import FastAPI
from httpx import Client

from service.api.problems import MEDIA_TYPE

SENTINEL = "SENTINEL-PATIENT"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/api/v1/jobs/", 404, "not_found"),
        ("DELETE", "/api/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/api/v1/instances", 405, "method_not_allowed"),
        ("GET", "/api/v1/jobs?limit=0", 422, "invalid_request"),
        ("GET", "/api/v1/jobs?state=lost", 422, "invalid_request"),
        ("GET", "/api/v1/jobs?before=yesterday", 422, "invalid_request"),
        ("GET", "/api/v1/jobs?before=0.5", 422, "invalid_request"),
        ("GET", "/api/v1/jobs/..%2f..%2fetc", 404, "not_found"),
        ("GET", "/api/v1/jobs/notahexid", 422, "invalid_request"),
        ("GET", f"/api/v1/jobs/{'0' * 32}", 404, "job_not_found"),
        ("POST", "/api/v1/instances", 415, "unsupported_media_type"),
    ],
)
def test_an_error_is_a_problem_document_with_a_stable_code(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = client.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["status"] == status


def test_a_wrong_method_names_the_right_one(client: Client) -> None:
    assert client.delete("/api/v1/jobs").headers["allow"] == "GET"


@pytest.mark.parametrize(
    "path", [f"/{SENTINEL}", f"/api/v1/jobs/{SENTINEL}", f"/api/v1/jobs?state={SENTINEL}"]
)
def test_what_was_asked_is_not_repeated(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code in {404, 422}
    assert SENTINEL not in answer.text


def test_a_wrong_parameter_is_named_by_its_place(client: Client) -> None:
    errors = client.get("/api/v1/jobs?limit=1000").json()["errors"]

    assert errors == [{"where": "query.limit", "what": "less_than_equal"}]


def test_a_bug_is_an_internal_error_without_its_text(app: FastAPI, client: Client) -> None:
    def broken() -> None:
        raise ValueError(SENTINEL)

    app.add_api_route("/broken", broken)

    answer = client.get("/broken")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert SENTINEL not in answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
