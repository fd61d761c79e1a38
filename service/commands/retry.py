"""`thorax retry`: dead jobs once more, when the reason of their death is gone."""

from collections.abc import Sequence

from rich.console import Console

from service.bootstrap import Services, build_services
from service.domain.identifiers import JobId
from service.errors import StateError
from service.settings import Settings

EXIT_DONE, EXIT_SOME_FAILED = 0, 1


def retry_jobs(job_ids: Sequence[str], settings: Settings, console: Console) -> int:
    """Have each tried again, print its state now, and return the exit status."""
    services = build_services(settings)
    try:
        done = [_retry(JobId(job_id), services, console) for job_id in job_ids]
    finally:
        services.database.close()
    return EXIT_DONE if all(done) else EXIT_SOME_FAILED


def _retry(job_id: JobId, services: Services, console: Console) -> bool:
    try:
        said, done = str(services.retrying.retry(job_id)), True
    except StateError as error:
        said, done = error.text, False
    console.print(f"{job_id}  {said}", highlight=False, markup=False)
    return done
