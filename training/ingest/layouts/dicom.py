"""CT series as DICOM files in any nesting: an export of a PACS, a CD, a folder of a scanner."""

from collections.abc import Iterator

from training.ingest.dicom.candidates import series_candidates
from training.ingest.layout import LAYOUTS, NOT_STATED, Request
from training.ingest.scan import Candidate


@LAYOUTS.register("dicom")
def dicom(request: Request) -> Iterator[Candidate]:
    """One volume for every Series Instance UID; all names are pseudonyms."""
    return series_candidates(request, "DICOM series", NOT_STATED)
