"""Turns every error that a route can end with into a problem document."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.api.problems import Problem, problem_of
from service.errors import ServiceError
from service.telemetry.logging import exception_fields, get_logger

log = get_logger(__name__)

CODES_OF_STATUS = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
}


def add_error_handlers(app: FastAPI) -> None:
    """Register one handler per family of errors."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(ServiceError, _answer_service_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_error)


def _answer_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - Starlette calls by class; this is for mypy
    return error.response()


def _answer_service_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101
    problem = problem_of(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request_failed", **exception_fields(error))
    return problem.response()


def _answer_invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    problem = Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid_request",
        "A parameter of the request is not as described; see `errors`.",
        extensions={"errors": _places(error.errors())},
    )
    return problem.response()


def _places(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Return where and what, without the offending value that pydantic adds as `input`."""
    return [
        {"where": ".".join(str(part) for part in each["loc"]), "what": each["type"]}
        for each in errors
    ]


def _answer_http_error(_request: Request, error: Exception) -> Response:
    """Answer what the router itself refuses: an unknown path, a wrong method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    status = HTTPStatus(error.status_code)
    code = CODES_OF_STATUS.get(status, "http_error")
    return Problem(status, code, f"{status.description}.", dict(error.headers or {})).response()
