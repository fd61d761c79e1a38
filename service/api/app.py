"""The FastAPI application, made from ready parts."""

from fastapi import FastAPI

from service import __version__
from service.api.documentation import DESCRIPTION, TAGS
from service.api.error_handlers import add_error_handlers
from service.api.gate import Gate
from service.api.routes import (
    description,
    fhir,
    health,
    instances,
    jobs,
    measurements,
    metrics,
    models,
    reanalysis,
    results,
)
from service.bootstrap import Services

_OF_JOBS = (instances, jobs, results, fhir, measurements, reanalysis)


def create_app(services: Services) -> FastAPI:
    """Return the API over `services`; /openapi.json and /docs describe it."""
    app = FastAPI(
        title="Thorax",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    for module in (*_OF_JOBS, models, health, metrics, description):
        app.include_router(module.router)
    add_error_handlers(app)
    app.add_middleware(Gate)
    return app
