"""A result as FHIR, for systems that speak no DICOM."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from service.api.access import AccessChecked
from service.api.dependencies import JobInPath, ServicesDependency
from service.api.documentation import problems
from service.api.routes.results import nothing_there
from service.api.schemas import JOBS

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MEDIA_TYPE = "application/fhir+json"

router = APIRouter(
    prefix=f"{JOBS}/{{job_id}}",
    tags=["jobs"],
    dependencies=[AccessChecked],
    responses=problems(401, 403, 404, 422, 503),
)


@router.get(
    "/fhir",
    response_class=JSONResponse,
    responses={200: {"description": "A FHIR R5 Bundle.", "content": {MEDIA_TYPE: {}}}},
)
def fetch_bundle(job: JobInPath, services: ServicesDependency) -> JSONResponse:
    """Fetch DiagnosticReport, Observations and ImagingSelections of an analysed instance."""
    # FHIR's models are many, and no other route needs them.
    from service.encoders.fhir_bundle import fhir_bundle

    folder = services.spool.result_folder(job.id)
    if not (folder / "result.json").is_file():
        raise nothing_there(job)
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    if result["model"] is None:
        raise nothing_there(job)
    bundle = fhir_bundle(result, _header(folder / "sr.dcm"), _header(folder / "seg.dcm"))
    return JSONResponse(bundle, media_type=MEDIA_TYPE)


def _header(path: Path) -> "Dataset | None":
    """Return what one of our own objects says; None where it was not made."""
    from pydicom import dcmread

    return dcmread(path, stop_before_pixels=True) if path.is_file() else None
