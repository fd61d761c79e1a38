"""The door in by HTTP: a Part 10 file is spooled, identified and handed to the intake."""

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from service.api.access import AccessChecked
from service.api.body import BodyLimits, receive
from service.api.dependencies import ServicesDependency
from service.api.documentation import UPLOAD_BODY, upload_responses
from service.api.problems import Problem, problem_of
from service.api.schemas import PartDocument, PartsDocument, ReceiptDocument, job_link
from service.api.upload import Upload
from service.bootstrap import Services
from service.errors import ServiceError
from service.inbound.identify import received_file
from service.telemetry.logging import exception_fields, get_logger
from service.telemetry.metrics import INSTANCES_RECEIVED

MEGABYTE = 1024 * 1024
SOURCE = "api"

log = get_logger(__name__)
router = APIRouter(prefix="/api/v1", tags=["instances"], dependencies=[AccessChecked])


@router.post(
    "/instances",
    status_code=HTTPStatus.ACCEPTED,
    response_model=ReceiptDocument,
    responses=upload_responses(),
    openapi_extra=UPLOAD_BODY,
)
async def store_instances(request: Request, services: ServicesDependency) -> JSONResponse:
    """Hand over one radiograph, or several in a form.

    202 or 200 means that the instance is stored durably. A form with one file is answered like
    a raw body; one with several by 207 with one entry per file, in order.
    """
    with Upload(services.spool.temporary_file) as upload:
        await run_in_threadpool(services.intake.require_space)  # before the body is read
        limits = BodyLimits(services.settings.maximum_object_mb * MEGABYTE)
        await receive(request, upload, limits)
        taken = [await run_in_threadpool(_take, services, file.path) for file in upload.files]
    return _answer_for_one(taken[0]) if len(taken) == 1 else _answer_for_several(taken)


def _take(services: Services, path: Path) -> ReceiptDocument | Problem:
    """Identify and accept one complete file."""
    try:
        accepted = services.intake.accept(received_file(path, SOURCE, datetime.now(UTC)))
    except ServiceError as error:
        INSTANCES_RECEIVED.labels("rest", error.code).inc()
        log.warning("instance_refused", **exception_fields(error))
        return problem_of(error)
    INSTANCES_RECEIVED.labels("rest", "duplicate" if accepted.duplicate else "accepted").inc()
    return ReceiptDocument(
        job_id=accepted.job_id, duplicate=accepted.duplicate, link=job_link(accepted.job_id)
    )


def _answer_for_one(taken: ReceiptDocument | Problem) -> JSONResponse:
    if isinstance(taken, Problem):
        return taken.response()
    return JSONResponse(taken.model_dump(), _status(taken), headers={"Location": taken.link})


def _answer_for_several(taken: list[ReceiptDocument | Problem]) -> JSONResponse:
    parts = [_part(number, each) for number, each in enumerate(taken, start=1)]
    return JSONResponse(PartsDocument(parts=parts).model_dump(), HTTPStatus.MULTI_STATUS)


def _part(number: int, taken: ReceiptDocument | Problem) -> PartDocument:
    if isinstance(taken, Problem):
        return PartDocument(part=number, status=taken.status, problem=taken.document())
    return PartDocument(part=number, status=_status(taken), receipt=taken)


def _status(receipt: ReceiptDocument) -> int:
    return HTTPStatus.OK if receipt.duplicate else HTTPStatus.ACCEPTED
