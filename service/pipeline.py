"""The line: one radiograph in, one analysis out. Pure: no files, no network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter

from service.domain.analysis import Analysis
from service.domain.image import SourceImage
from service.domain.measurement import Measurement, QualityCheck
from service.gates.evidence import gather
from service.gates.registry import check_all, refuse
from service.inference.perturbation import (
    PERTURBATIONS,
    perturbed_inputs,
    restored_segmentation,
)
from service.inference.postprocess import to_segmentation
from service.inference.preprocess import ModelInput, to_model_input
from service.inference.session import Segmenter
from service.locations.imagenome import locate_all
from service.measurements.registry import Subject, measure_all
from service.measurements.repeatability import repeated_segments, spacing_on, with_intervals

Timings = dict[str, float]
"""Seconds per stage."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A radiograph's masks with how the gates came out, and what the model was given."""

    subject: Subject
    given: ModelInput


def analyse(image: SourceImage, segmenter: Segmenter) -> Analysis:
    """Return masks, measurements and quality checks of one radiograph.

    Raises NotEligible when a gate says that it is none that the model reads: empty_exposure,
    not_frontal_chest, view_mismatch.
    """
    timings: Timings = {}
    examined = examine(image, segmenter, timings)
    subject = examined.subject
    refuse(subject.checks)
    with _timed(timings, "measure"):
        measurements = measure_all(subject)
    with _timed(timings, "repeat"):
        wanted = repeated_segments(measurements)
        repeats = _repeats(subject, examined.given, segmenter, wanted)
        measurements = with_intervals(measurements, repeats)
    with _timed(timings, "locate"):
        locations = locate_all(subject)
    return Analysis(
        image,
        segmenter.package.identity,
        subject.segmentation,
        measurements,
        subject.checks,
        timings,
        locations=locations,
        runtime=segmenter.runtime,
    )


def examine(image: SourceImage, segmenter: Segmenter, timings: Timings) -> Examined:
    """Return the masks of a radiograph and how the gates came out; refuses nothing."""
    package = segmenter.package
    form = package.manifest.input
    with _timed(timings, "preprocess"):
        given = to_model_input(image.pixels, form.size, form.intensity, image.spacing.aspect)
    with _timed(timings, "infer"):
        probabilities = segmenter.probabilities(given.tensor)[0]
    with _timed(timings, "postprocess"):
        segmentation = to_segmentation(probabilities, given.resampling, package.labels)
    with _timed(timings, "gates"):
        subject = Subject(segmentation, image.spacing, image.view)
        evidence = gather(image, subject, given, probabilities, segmenter)
        header = (QualityCheck("header", "warning", warning) for warning in image.warnings)
        return Examined(replace(subject, checks=(*check_all(evidence), *header)), given)


def _repeats(
    subject: Subject, given: ModelInput, segmenter: Segmenter, wanted: frozenset[str]
) -> Iterator[tuple[Measurement, ...]]:
    """Yield what is measured on each perturbed input, on a grid of its own with its own spacing."""
    grid, known = given.resampling, enumerate(segmenter.package.labels)
    labels = {channel: label for channel, label in known if label.key in wanted}
    batch = segmenter.probabilities(perturbed_inputs(given.tensor))
    for probabilities, perturbation in zip(batch, PERTURBATIONS, strict=True):
        repeated = restored_segmentation(probabilities, perturbation, grid, labels)
        rows, columns = repeated.masks.shape[1:]
        spacing = spacing_on(subject.spacing, grid.rows / rows, grid.columns / columns)
        yield measure_all(subject.of(repeated, spacing))


@contextmanager
def _timed(timings: Timings, stage: str) -> Iterator[None]:
    started = perf_counter()
    yield
    timings[stage] = perf_counter() - started
