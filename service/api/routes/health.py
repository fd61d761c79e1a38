"""Whether the process lives, and whether it can take instances; open to everyone, naming nobody."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from starlette.status import HTTP_503_SERVICE_UNAVAILABLE

from service import __version__
from service.api.dependencies import ServicesDependency
from service.api.problems import RETRY_AFTER_SECONDS
from service.api.schemas import LiveDocument, ReadyDocument
from service.errors import ServiceError

OK = "ok"
NEEDED = ("database", "spool")
"""Without these nothing can be taken; without the broker it is taken, and waits."""

router = APIRouter(prefix="/health", tags=["operations"])


@router.get("/live")
def live() -> LiveDocument:
    """Answer as long as the process runs; for restarts."""
    return LiveDocument(version=__version__)


@router.get("/ready", responses={503: {"model": ReadyDocument, "description": "Takes nothing."}})
def ready(services: ServicesDependency, response: Response) -> ReadyDocument:
    """Answer 200 when instances are taken (`ready`, `degraded`), else 503 with what is missing."""
    checks = {
        "database": _outcome(services.database.ping),
        "spool": _outcome(services.intake.require_space),
        "broker": _outcome(services.queue.waiting_analyses),
    }
    status = _status(checks)
    if status == "unavailable":
        response.status_code = HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return ReadyDocument(status=status, checks=checks)


def _status(checks: dict[str, str]) -> str:
    if any(checks[name] != OK for name in NEEDED):
        return "unavailable"
    return "ready" if all(outcome == OK for outcome in checks.values()) else "degraded"


def _outcome(check: Callable[[], object]) -> str:
    try:
        check()
    except ServiceError as error:
        return error.code
    return OK
