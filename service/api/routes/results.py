"""The results of a job as files: JSON, DICOM objects and the overlay picture."""

import json
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse, JSONResponse, Response

from service.api.access import AccessChecked
from service.api.dependencies import JobInPath, ServicesDependency
from service.api.documentation import problems
from service.api.problems import Problem
from service.api.schemas import JOBS
from service.domain.analysis import ObjectKind
from service.domain.job import Job, JobState
from service.errors import MissingSegment

ASK_AGAIN_SECONDS = "2"
KindInPath = Annotated[ObjectKind, Path(description="Which result.")]
MeasurementInPath = Annotated[
    str, Path(description="Key of a measurement.", pattern=r"^[a-z0-9_]{1,64}$")
]
UNFINISHED = frozenset({JobState.QUEUED, JobState.ANALYSING})

router = APIRouter(
    prefix=f"{JOBS}/{{job_id}}",
    tags=["jobs"],
    dependencies=[AccessChecked],
    responses=problems(401, 403, 404, 422, 503),
    default_response_class=FileResponse,
)


def _content(media_type: str, description: str) -> dict[int | str, dict[str, object]]:
    return {200: {"description": description, "content": {media_type: {}}}}


@router.get("/result", responses=_content("application/json", "See docs/result.schema.json."))
def fetch_result(job: JobInPath, services: ServicesDependency) -> FileResponse:
    """Fetch result.json: segments, measurements, quality checks, or the reason for none."""
    return _file(job, services.spool.result_folder(job.id) / "result.json", "application/json")


@router.get("/objects/{kind}", responses=_content("application/dicom", "A Part 10 file."))
def fetch_object(job: JobInPath, kind: KindInPath, services: ServicesDependency) -> FileResponse:
    """Fetch a DICOM result: `seg`mentation, structured report `sr`, secondary capture `sc`, ..."""
    path = services.spool.result_folder(job.id) / f"{kind}.dcm"
    return _file(job, path, "application/dicom")


@router.get("/overlay.png", responses=_content("image/png", "Contours on the radiograph."))
def fetch_overlay(job: JobInPath, services: ServicesDependency) -> FileResponse:
    """Fetch the radiograph with the contours drawn in."""
    return _file(job, services.spool.result_folder(job.id) / "overlay.png", "image/png")


@router.get("/scene", responses=_content("application/json", "See docs/scene-graph.md."))
def fetch_scene(job: JobInPath, services: ServicesDependency) -> FileResponse:
    """Fetch the scene graph: anatomical locations as boxes, measurements on them, changes."""
    return _file(job, services.spool.result_folder(job.id) / "scene.json", "application/json")


@router.get(
    "/explanation",
    response_class=JSONResponse,
    responses=_content("application/json", "See docs/api.md."),
)
def fetch_explanation(job: JobInPath, services: ServicesDependency) -> JSONResponse:
    """Fetch why each value is what it is: definition, masks, points, checks, provenance."""
    # The measurements' mathematics are heavy, and no other route needs them.
    from service.explaining import explanation

    path = services.spool.result_folder(job.id) / "result.json"
    if not path.is_file():
        raise nothing_there(job)
    return JSONResponse(explanation(json.loads(path.read_text(encoding="utf-8"))))


@router.get(
    "/explanation/{measurement}.png",
    response_class=Response,
    responses=_content("image/png", "One measurement on the radiograph."),
)
def fetch_explained_picture(
    job: JobInPath, measurement: MeasurementInPath, services: ServicesDependency
) -> Response:
    """Fetch one measurement drawn on the radiograph: its structures, points and construction."""
    from service.encoders.explained_picture import FILM, explained_picture

    folder = services.spool.result_folder(job.id)
    if not (folder / FILM).is_file():
        raise nothing_there(job)
    try:
        return Response(explained_picture(folder, measurement), media_type="image/png")
    except MissingSegment as error:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_measurement", error.text) from error


def _file(job: Job, path: FilePath, media_type: str) -> FileResponse:
    """Return the file, named by the job; raises a 404 Problem that says whether to ask again."""
    if not path.is_file():
        raise nothing_there(job)
    name = f"{job.id}-{path.name}"
    return FileResponse(path, media_type=media_type, filename=name)


def nothing_there(job: Job) -> Problem:
    """Return the 404 of a result that is not there: not yet, or never."""
    if job.state in UNFINISHED:
        return Problem(
            HTTPStatus.NOT_FOUND,
            "result_not_ready",
            "The job has not been analysed yet.",
            {"Retry-After": ASK_AGAIN_SECONDS},
        )
    return Problem(
        HTTPStatus.NOT_FOUND, "no_such_result", "The job ended without this; see its reason."
    )
