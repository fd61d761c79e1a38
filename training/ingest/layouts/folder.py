"""A plain folder: `NAME/ct.nii.gz` and, where known, `NAME/labels.nii.gz` (v2 ids)."""

from collections.abc import Iterator

from training.ingest.layout import LAYOUTS, NOT_STATED, Request
from training.ingest.scan import Candidate
from training.ingest.single import single_candidate
from training.ingest.sources import folder_subjects


@LAYOUTS.register("folder")
def folder(request: Request) -> Iterator[Candidate]:
    """One volume for every folder that holds a `ct.nii.gz`; the folder's name is the subject's."""
    for subject in folder_subjects(request.folder, {}):
        yield single_candidate(
            subject.name, subject.image, subject.labels, subject.name, NOT_STATED
        )
