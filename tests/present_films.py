"""A film that looks for its prior; measuring another one reads its header and runs no model."""

from dataclasses import replace
from pathlib import Path

from pydicom import Dataset

from service.domain.analysis import Analysis
from service.domain.image import ViewPosition
from service.imaging.read import read_header, reference_of
from service.priors.history import Check, MeasuredFilm, Present
from service.priors.identity import film_of
from tests.films_of_patients import film
from tests.phantoms import phantom_analysis

KEY = b"k" * 32
PA = ViewPosition.POSTERO_ANTERIOR
EARLIER = film(1, AcquisitionDate="20250101", StudyDate="20250101")
NOW = film(2, StudyDate="20260101")


def analysis_of(header: Dataset) -> Analysis:
    analysis = phantom_analysis(24, 20)
    return replace(analysis, image=replace(analysis.image, reference=reference_of(header)))


def measure(path: Path, check: Check) -> MeasuredFilm:
    header = read_header(path)
    check(header)
    return MeasuredFilm(header, analysis_of(header))


def present(header: Dataset = NOW) -> Present:
    return Present(header, film_of(header, PA, KEY), analysis_of(header), measure)
