import json
from http import HTTPStatus

import pytest

from service.api.problems import MEDIA_TYPE, Problem, problem_of
from service.errors import (
    ConflictingInstance,
    LeaseLost,
    ModelPackageError,
    NotEligible,
    OutOfResources,
    PeerError,
    RejectedInstance,
    ServiceError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RejectedInstance(code="truncated"), 422),
        (NotEligible(), 422),
        (RejectedInstance(code="too_large"), 413),
        (ConflictingInstance("known", job_id="ab"), 409),
        (OutOfResources(code="database_unavailable"), 503),
        (OutOfResources(code="no_space"), 507),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_an_error_of_ours_has_the_status_of_its_code_or_class(
    error: ServiceError, status: int
) -> None:
    problem = problem_of(error)

    assert (problem.status, problem.code) == (status, error.code)


@pytest.mark.parametrize("error", [LeaseLost(), PeerError(), ModelPackageError("/srv/models/x")])
def test_what_the_client_cannot_help_says_nothing_but_internal_error(error: ServiceError) -> None:
    problem = problem_of(error)

    assert (problem.status, problem.code) == (500, "internal_error")
    assert error.text not in problem.detail


@pytest.mark.parametrize("code", ["no_space", "database_unavailable"])
def test_what_passes_says_when_to_try_again(code: str) -> None:
    assert int(problem_of(OutOfResources(code=code)).headers["Retry-After"]) > 0


def test_a_conflict_names_its_job() -> None:
    error = ConflictingInstance("known with other content", job_id="ab")

    assert problem_of(error).document()["job_id"] == "ab"


def test_a_document_has_the_members_of_rfc_9457() -> None:
    response = Problem(404, "job_not_found", "There is none.").response()

    assert response.media_type == MEDIA_TYPE
    assert json.loads(bytes(response.body)) == {
        "type": "urn:thorax:problem:job_not_found",
        "title": HTTPStatus.NOT_FOUND.phrase,
        "status": 404,
        "code": "job_not_found",
        "detail": "There is none.",
    }
