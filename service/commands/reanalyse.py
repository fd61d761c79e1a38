"""`thorax reanalyse`: kept instances once more, with the models of today."""

from collections.abc import Sequence

from rich.console import Console

from service.bootstrap import Services, build_services
from service.domain.identifiers import JobId
from service.domain.image import ViewPosition
from service.errors import StateError
from service.inference.manifest import ModelPackage
from service.settings import Settings

EXIT_DONE, EXIT_SOME_FAILED = 0, 1


def reanalyse_jobs(job_ids: Sequence[str], settings: Settings, console: Console) -> int:
    """Make a new job of each, print both ids, and return the exit status."""
    services = build_services(settings)
    try:
        done = [_reanalyse(JobId(job_id), services, console) for job_id in job_ids]
    finally:
        services.database.close()
    return EXIT_DONE if all(done) else EXIT_SOME_FAILED


def reanalyse_all(settings: Settings, console: Console) -> int:
    """Make a new job of each instance that models of today have not seen; print how many."""
    services = build_services(settings)
    try:
        count = services.reanalysis.of_other_models(current_weights(services.model_packages))
    finally:
        services.database.close()
    console.print(f"{count} instances will be analysed again")
    return EXIT_DONE


def current_weights(packages: Sequence[ModelPackage]) -> frozenset[str]:
    """Return the hashes of the weights that read some view today: of each view the newest."""
    newest = {
        view: package.weights.sha256
        for package in packages
        for view in ViewPosition
        if view in package.manifest.eligible.views
    }
    return frozenset(newest.values())


def _reanalyse(job_id: JobId, services: Services, console: Console) -> bool:
    try:
        accepted = services.reanalysis.again(job_id)
    except StateError as error:
        console.print(f"{job_id}  {error.text}", highlight=False, markup=False)
        return False
    how = "under way already" if accepted.duplicate else "queued"
    console.print(f"{job_id}  {accepted.job_id}  {how}", highlight=False, markup=False)
    return True
