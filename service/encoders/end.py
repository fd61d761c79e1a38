"""The result.json of a job that ended without an analysis to tell of it.

Apart from what analyses, and light to import: the listener and the API write it too.
"""

from pathlib import Path

from service.domain.job import Job
from service.encoders.files import write_json
from service.encoders.result_json import ended_document


def write_end(folder: Path, job: Job) -> None:
    """Write result.json into `folder` for a job that ended with a reason; nothing without one."""
    if job.reason is not None:
        write_json(ended_document(job.state, job.reason, job.reference), folder / "result.json")
