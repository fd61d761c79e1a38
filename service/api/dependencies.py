"""What routes ask for, as annotated aliases."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Request

from service.api.problems import Problem
from service.bootstrap import Services
from service.domain.identifiers import JobId
from service.domain.job import Job

JOB_ID_PATTERN = "^[0-9a-f]{32}$"


def services_of(request: Request) -> Services:
    """Return the parts that the app was made with."""
    services: Services = request.app.state.services
    return services


ServicesDependency = Annotated[Services, Depends(services_of)]
JobIdInPath = Annotated[
    str,
    Path(
        pattern=JOB_ID_PATTERN,
        description="The job id that the intake answered with.",
        examples=["3f2b8c1d9e4a4f6f8f3e2d1c0b9a8f7e"],
    ),
]


def job_in_path(job_id: JobIdInPath, services: ServicesDependency) -> Job:
    """Return the job that the path names; raises a 404 Problem."""
    with services.database.reading() as unit:
        job = unit.jobs.get(JobId(job_id))
    if job is None:
        raise Problem(HTTPStatus.NOT_FOUND, "job_not_found", "There is no job with this id.")
    return job


JobInPath = Annotated[Job, Depends(job_in_path)]
