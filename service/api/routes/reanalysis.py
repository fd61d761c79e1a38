"""Asking for an instance to be analysed again."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from service.api.access import AccessChecked
from service.api.dependencies import JobInPath, ServicesDependency
from service.api.documentation import problems
from service.api.schemas import JOBS, ReceiptDocument, job_link

router = APIRouter(prefix=f"{JOBS}/{{job_id}}", tags=["jobs"], dependencies=[AccessChecked])

_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {"model": ReceiptDocument, "description": "An analysis of it is under way; that job."},
    202: {"model": ReceiptDocument, "description": "The new job is queued."},
}


@router.post(
    "/reanalyse",
    status_code=HTTPStatus.ACCEPTED,
    response_model=ReceiptDocument,
    responses=_ANSWERS | problems(401, 403, 404, 409, 410, 422, 503),
)
def reanalyse(job: JobInPath, services: ServicesDependency) -> JSONResponse:
    """Analyse the job's instance once more, with the models of today.

    The old job and its results stay; the new ones name what they supersede.
    """
    accepted = services.reanalysis.again(job.id)
    link = job_link(accepted.job_id)
    receipt = ReceiptDocument(job_id=accepted.job_id, duplicate=accepted.duplicate, link=link)
    status = HTTPStatus.OK if accepted.duplicate else HTTPStatus.ACCEPTED
    return JSONResponse(receipt.model_dump(), status, headers={"Location": link})
