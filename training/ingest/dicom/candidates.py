"""CT series of a folder as candidates; shared by all layouts that are trees of DICOM files."""

import re
from collections.abc import Iterator
from functools import partial

from training.ingest.dicom.index import Series, index
from training.ingest.dicom.series import read_series
from training.ingest.layout import Request
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Candidate, Scan


def series_candidates(
    request: Request, source: str, licence: str, published: re.Pattern[str] | None = None
) -> Iterator[Candidate]:
    """One candidate for every CT series, however deep it lies.

    Patient IDs that fully match `published` are the public names of a collection and are kept;
    all others become pseudonyms. Files that are called DICOM and cannot be read are candidates
    too, so that they are listed.
    """
    found = index(request.folder)
    several = [series.patient_id for series in found.series]
    for series in found.series:
        patient = _patient(series, request, published)
        alone = several.count(series.patient_id) == 1
        name = patient if alone else f"{patient}-{request.pseudonyms.series(series.uid)}"
        read = partial(read_series, series.files, series.segmentations)
        files = (*series.files, *series.segmentations)
        yield Candidate(name, patient, files, source, licence, read)
    for path in found.unreadable:
        relative = str(path.relative_to(request.folder))
        name = f"unreadable-{request.pseudonyms.series(relative)}"
        yield Candidate(name, name, (path,), source, licence, _refuse)


def _patient(series: Series, request: Request, published: re.Pattern[str] | None) -> str:
    if published is not None and published.fullmatch(series.patient_id):
        return series.patient_id.lower()
    return request.pseudonyms.patient(series.patient_id)


def _refuse() -> Scan:
    raise Refused(Reason.UNREADABLE, "called DICOM, but no header can be read")
