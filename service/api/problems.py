"""Problem documents (RFC 9457): the one shape of every error answer, and the table behind it.

`code` is stable and is what a program should look at; `detail` is a sentence for people. Neither
ever holds a value of the request or of a data set.
"""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse

from service.errors import (
    ConflictingInstance,
    NotEligible,
    OutOfResources,
    RejectedInstance,
    ServiceError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "5"

STATUS_OF_ERROR: dict[type[ServiceError], int] = {
    RejectedInstance: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotEligible: HTTPStatus.UNPROCESSABLE_ENTITY,
    ConflictingInstance: HTTPStatus.CONFLICT,
    OutOfResources: HTTPStatus.SERVICE_UNAVAILABLE,
    ServiceError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
STATUS_OF_CODE: dict[str, int] = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "no_space": HTTPStatus.INSUFFICIENT_STORAGE,
    "conflict": HTTPStatus.CONFLICT,
    "not_dead": HTTPStatus.CONFLICT,
    "instance_not_kept": HTTPStatus.GONE,
}
"""Codes whose status is more exact than their class' status."""

RETRIED_LATER = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE})


class Problem(Exception):
    """An error answer, raised by a route or made from a ServiceError."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.extensions = dict(extensions or {})

    def document(self) -> dict[str, object]:
        """Return the members of the document."""
        return {
            "type": f"urn:thorax:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": int(self.status),
            "code": self.code,
            "detail": self.detail,
            **self.extensions,
        }

    def response(self) -> JSONResponse:
        """Return the answer."""
        return JSONResponse(
            self.document(), self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def problem_of(error: ServiceError) -> Problem:
    """Return the answer to an error of ours, by its code or else by its class."""
    status = STATUS_OF_CODE.get(error.code) or _status_of_class(type(error))
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal_error()
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if status in RETRIED_LATER else {}
    extensions = {"job_id": error.job_id} if isinstance(error, ConflictingInstance) else {}
    return Problem(status, error.code, error.text, headers, extensions)


def internal_error() -> Problem:
    """Return the answer to what should not have happened; the log has the rest."""
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "The request failed; the service's log has the reason under this answer's X-Request-ID.",
    )


def _status_of_class(kind: type[ServiceError]) -> int:
    return next(STATUS_OF_ERROR[base] for base in kind.__mro__ if base in STATUS_OF_ERROR)
