"""What a newcomer reads about the API is complete and says what the API does."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Client

from service.api.problems import MEDIA_TYPE


@pytest.fixture
def operations(app: FastAPI) -> dict[str, Any]:
    """Operations by `METHOD /path`."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_promised_route_is_described(operations: dict[str, Any]) -> None:
    assert set(operations) == {
        "POST /api/v1/instances",
        "GET /api/v1/jobs",
        "GET /api/v1/jobs/{job_id}",
        "POST /api/v1/jobs/{job_id}/reanalyse",
        "POST /api/v1/jobs/{job_id}/retry",
        "GET /api/v1/jobs/{job_id}/result",
        "GET /api/v1/jobs/{job_id}/objects/{kind}",
        "GET /api/v1/jobs/{job_id}/overlay.png",
        "GET /api/v1/jobs/{job_id}/explanation",
        "GET /api/v1/jobs/{job_id}/explanation/{measurement}.png",
        "GET /api/v1/jobs/{job_id}/scene",
        "GET /api/v1/jobs/{job_id}/fhir",
        "GET /api/v1/measurements",
        "GET /api/v1/models",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
    }


def test_every_operation_and_parameter_says_what_it_is(operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        assert operation["description"], name
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (name, parameter["name"])


def test_every_error_is_described_as_a_problem_document(operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and not name.endswith("/health/ready"):
                assert list(answer["content"]) == [MEDIA_TYPE], (name, status)


def test_results_are_described_by_their_media_type(operations: dict[str, Any]) -> None:
    expected = {
        "result": "application/json",
        "objects/{kind}": "application/dicom",
        "overlay.png": "image/png",
        "scene": "application/json",
        "explanation": "application/json",
        "explanation/{measurement}.png": "image/png",
    }
    for route, media_type in expected.items():
        answer = operations[f"GET /api/v1/jobs/{{job_id}}/{route}"]["responses"]["200"]
        assert list(answer["content"]) == [media_type]


def test_the_key_can_be_given_in_both_ways(operations: dict[str, Any]) -> None:
    assert operations["GET /api/v1/jobs"]["security"] == [{"APIKeyHeader": []}, {"HTTPBearer": []}]


def test_the_page_shows_every_operation_and_loads_nothing(
    client: Client, operations: dict[str, Any]
) -> None:
    answer = client.get("/docs")

    assert answer.status_code == 200
    for name in operations:
        assert f"<code>{name}</code>" in answer.text
    assert "<script" not in answer.text
    assert not re.search(r"(src|href)=\"(https?:)?//", answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
