"""The line: one radiograph in, one analysis out. Pure: no files, no network."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from service.domain.analysis import Analysis
from service.domain.image import SourceImage, ViewPosition
from service.domain.measurement import Measurement, QualityCheck
from service.domain.segmentation import Segmentation
from service.inference.manifest import ModelPackage
from service.inference.perturbation import (
    PERTURBATIONS,
    perturbed_inputs,
    restored_segmentation,
)
from service.inference.plausibility import check_plausible
from service.inference.postprocess import to_segmentation
from service.inference.preprocess import ModelInput, to_model_input
from service.inference.session import Segmenter
from service.locations.imagenome import locate_all
from service.measurements.registry import Subject, measure_all
from service.measurements.repeatability import spacing_on, with_intervals


def analyse(image: SourceImage, segmenter: Segmenter) -> Analysis:
    """Return masks, measurements and quality checks of one radiograph.

    Raises NotEligible(not_frontal_chest) when the result shows that it is none.
    """
    package, timings = segmenter.package, dict[str, float]()
    form = package.manifest.input
    with _timed(timings, "preprocess"):
        given = to_model_input(image.pixels, form.size, form.intensity, image.spacing.aspect)
    with _timed(timings, "infer"):
        probabilities = segmenter.probabilities(given.tensor)[0]
    with _timed(timings, "postprocess"):
        segmentation = to_segmentation(probabilities, given.resampling, package.labels)
    with _timed(timings, "measure"):
        quality = _quality(image, segmentation, package)
        subject = Subject(segmentation, image.spacing, image.view, quality)
        measurements = measure_all(subject)
    with _timed(timings, "repeat"):
        measurements = with_intervals(measurements, _repeats(subject, given, segmenter))
    with _timed(timings, "locate"):
        locations = locate_all(subject)
    return Analysis(
        image,
        package.identity,
        segmentation,
        measurements,
        quality,
        timings,
        locations=locations,
        runtime=segmenter.runtime,
    )


def _repeats(
    subject: Subject, given: ModelInput, segmenter: Segmenter
) -> Iterator[tuple[Measurement, ...]]:
    """Yield what is measured on each perturbed input, on a grid of its own with its own spacing."""
    grid, labels = given.resampling, segmenter.package.labels
    batch = segmenter.probabilities(perturbed_inputs(given.tensor))
    for probabilities, perturbation in zip(batch, PERTURBATIONS, strict=True):
        repeated = restored_segmentation(probabilities, perturbation, grid, labels)
        rows, columns = repeated.masks.shape[1:]
        spacing = spacing_on(subject.spacing, grid.rows / rows, grid.columns / columns)
        yield measure_all(subject.of(repeated, spacing))


def _quality(
    image: SourceImage, segmentation: Segmentation, package: ModelPackage
) -> tuple[QualityCheck, ...]:
    limits = package.manifest.plausibility
    checks = check_plausible(segmentation, limits) if limits else ()
    header = tuple(QualityCheck("header", "warning", warning) for warning in image.warnings)
    return (*checks, _view_check(image.view), *header)


def _view_check(view: ViewPosition) -> QualityCheck:
    """Only a postero-anterior view shows the heart in its size; others are said, not refused."""
    status = "passed" if view is ViewPosition.POSTERO_ANTERIOR else "warning"
    return QualityCheck("view", status, view.value)


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = perf_counter()
    yield
    timings[stage] = perf_counter() - started
