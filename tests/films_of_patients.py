"""Radiographs of made-up people on made-up days, and a whole service in one process to send to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from service.bootstrap import Services, build_processing, build_services
from service.domain.identifiers import JobId
from service.domain.job import Job, JobState
from service.inbound.identify import received_file
from service.persistence.migrations import migrate
from service.processing import Processing
from service.settings import Settings
from tests.fakes import RecordingQueue
from tests.peers import REPOSITORY

SAMPLES = REPOSITORY / "samples"


@cache
def _sample(number: int) -> bytes:
    return (SAMPLES / f"simulated-{number}.dcm").read_bytes()


def film(number: int = 1, **keywords: object) -> Dataset:
    """Return a simulated chest, PA, as a new instance; keywords override, None removes."""
    dataset = dcmread(BytesIO(_sample(number)))
    values: dict[str, object] = {
        "PatientID": "P-1",
        "AcquisitionDate": "20260101",
        "AcquisitionTime": "120000",
        "ViewPosition": "PA",
    } | keywords
    for keyword, value in values.items():
        if value is None:
            dataset.pop(keyword, None)
        else:
            setattr(dataset, keyword, value)
    named = str(sorted((key, str(value)) for key, value in values.items()))
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        if keyword not in keywords:
            setattr(dataset, keyword, generate_uid(entropy_srcs=[keyword, str(number), named]))
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


@dataclass(frozen=True)
class Line:
    """A service without processes: what is sent is analysed at once."""

    services: Services
    processing: Processing

    def send(self, dataset: Dataset) -> JobId:
        """Take the film in as the listener does."""
        path = self.services.spool.temporary_file()
        dataset.save_as(path, enforce_file_format=True)
        received = received_file(path, "TEST", datetime.now(UTC))
        return self.services.intake.accept(received).job_id

    def analyse(self, dataset: Dataset) -> dict[str, Any]:
        """Send the film, analyse it, and return its result.json."""
        return self.run(self.send(dataset))

    def run(self, job_id: JobId) -> dict[str, Any]:
        """Analyse a queued job and return its result.json."""
        self.processing.run_analysis(job_id)
        assert self.job(job_id).state is JobState.DONE, self.job(job_id).reason
        return self.result(job_id)

    def job(self, job_id: JobId) -> Job:
        with self.services.database.reading() as unit:
            found = unit.jobs.get(job_id)
        assert found is not None
        return found

    def folder(self, job_id: JobId) -> Path:
        return self.services.spool.result_folder(job_id)

    def result(self, job_id: JobId) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder(job_id) / "result.json").read_text())
        return document

    def objects(self, job_id: JobId) -> dict[str, bytes]:
        """Return the DICOM results by file name."""
        return {path.name: path.read_bytes() for path in sorted(self.folder(job_id).glob("*.dcm"))}


@contextmanager
def line(home: Path, **settings: object) -> Iterator[Line]:
    """Give a service on an empty database in `home`, with the repository's models."""
    chosen = Settings.model_validate({"home": home, "reserve_mb": 0} | settings)
    home.mkdir(parents=True, exist_ok=True)
    migrate(chosen.effective_database_url)
    services = replace(build_services(chosen), queue=RecordingQueue())
    services = replace(services, intake=replace(services.intake, queue=services.queue))
    try:
        yield Line(services, build_processing(services))
    finally:
        services.database.close()
        services.spool.close()
