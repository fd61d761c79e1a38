"""The model packages in use."""

from fastapi import APIRouter

from service.api.access import AccessChecked
from service.api.dependencies import ServicesDependency
from service.api.documentation import problems
from service.api.schemas import ModelDocument, ModelsDocument
from service.inference.manifest import ModelPackage

router = APIRouter(prefix="/api/v1/models", tags=["models"], dependencies=[AccessChecked])


@router.get("", responses=problems(401, 403))
def list_models(services: ServicesDependency) -> ModelsDocument:
    """List the model packages: which views they read, which segments they find, how well."""
    return ModelsDocument(models=[_document(package) for package in services.model_packages])


def _document(package: ModelPackage) -> ModelDocument:
    manifest = package.manifest
    return ModelDocument(
        name=manifest.name,
        version=manifest.version,
        sha256=package.weights.sha256,
        license=manifest.license,
        views=[view.value for view in manifest.eligible.views],
        segments=[segment.key for segment in package.segments],
        metrics=manifest.metrics,
    )
