"""Source kind `dicomweb`: QIDO-RS for studies and instances, WADO-RS for the film (PS3.18).

Searching puts the Patient ID into the URL, and so perhaps into the source's and a proxy's log;
there is no other way in DICOMweb. We write those URLs nowhere: libraries' log lines are reduced to
their place, and errors of requests, whose text holds the URL, become ours without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from dicomweb_client import DICOMwebClient
from pydantic import Field, SecretStr
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from requests import HTTPError, Response

from service.errors import PeerError
from service.inbound.spooling import TemporaryFiles
from service.priors.bounded_http import BoundedSession, first_part
from service.priors.patience import Deadline
from service.priors.question import ANSWERED, MODALITIES, Candidate, Question, newest_first
from service.priors.source import SOURCES, SourceOptions, Surroundings

STUDIES_LOOKED_AT = 6
_ANSWERS = 100
_GONE = (404, 410)
_ORIGINAL = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_LONGEST_VALUE = 256

Answer = dict[str, Any]


class DicomwebOptions(SourceOptions):
    """Where the service is, such as https://pacs.example/dicom-web, and how we prove who we are.

    Either `user` and `password`, or a bearer `token`. `ca_file`: whom to believe, the system's
    certificate authorities by default.
    """

    url: str = Field(pattern=r"^https?://[^\s?#]+$")
    user: str | None = None
    password: SecretStr | None = None
    token: SecretStr | None = None
    ca_file: Path | None = None


@SOURCES.register("dicomweb")
class DicomwebPeer:
    """An origin server."""

    Options: ClassVar[type[SourceOptions]] = DicomwebOptions

    def __init__(self, options: DicomwebOptions, surroundings: Surroundings) -> None:
        self._options = options
        self._files = surroundings.files

    @contextmanager
    def session(self, deadline: Deadline) -> Iterator["DicomwebSession"]:
        """Give a conversation over connections that are closed afterwards."""
        with BoundedSession(deadline, self._options.maximum_bytes) as session:
            _authenticate(session, self._options)
            client = DICOMwebClient(self._options.url.rstrip("/"), session=session)
            client.set_http_retry_params(retry=False)
            with _translated():
                yield DicomwebSession(client, session, self._files)


class DicomwebSession:
    """One conversation."""

    def __init__(
        self, client: DICOMwebClient, session: BoundedSession, files: TemporaryFiles
    ) -> None:
        self._client = client
        self._session = session
        self._files = files

    def search(self, question: Question) -> Iterator[Candidate]:
        """Yield candidates, study by study, the newest study first."""
        for study in self._studies(question)[:STUDIES_LOOKED_AT]:
            uid = str(study.StudyInstanceUID)
            found = self._client.search_for_instances(uid, fields=ANSWERED, limit=_ANSWERS)
            answers = (answer_of(each, study) for each in found[:_ANSWERS])
            yield from newest_first(answers, question)

    def fetch(self, candidate: Candidate) -> Path | None:
        """Return the instance as it is stored, its bytes not yet looked at.

        The client's own retrieve_instance would have pydicom parse them unbounded.
        """
        place = (
            f"studies/{candidate.study_instance_uid}/series/{candidate.series_instance_uid}"
            f"/instances/{candidate.sop_instance_uid}"
        )
        url = f"{self._client.base_url}/{place}"
        response: Response = self._session.get(url, headers={"Accept": _ORIGINAL})
        if response.status_code in _GONE:
            return None
        response.raise_for_status()
        content = first_part(response)
        path = self._files.temporary_file()
        path.write_bytes(content)
        return path

    def _studies(self, question: Question) -> list[Dataset]:
        filters = {"PatientID": question.patient_id, "StudyDate": f"-{question.until}"}
        if question.issuer:
            filters["IssuerOfPatientID"] = question.issuer
        found = [
            answer_of(each, Dataset())
            for modality in MODALITIES
            for each in self._client.search_for_studies(
                search_filters=filters | {"ModalitiesInStudy": modality}, limit=_ANSWERS
            )[:_ANSWERS]
        ]
        named = {str(each.get("StudyInstanceUID", "")): each for each in found}
        named.pop("", None)
        return sorted(named.values(), key=lambda each: str(each.get("StudyDate", "")), reverse=True)


def answer_of(answer: Answer, study: Dataset) -> Dataset:
    """Return what is wanted of an answer in the DICOM JSON model, on top of that of its study.

    Only short texts of known attributes are taken over.
    """
    made = Dataset()
    made.update(study)
    for keyword in ANSWERED:
        element = answer.get(f"{tag_for_keyword(keyword):08X}")
        values = element.get("Value") if isinstance(element, dict) else None
        text = values[0] if isinstance(values, list) and values else None
        if isinstance(text, str) and len(text) <= _LONGEST_VALUE:
            setattr(made, keyword, text)
    return made


def _authenticate(session: BoundedSession, options: DicomwebOptions) -> None:
    if options.ca_file is not None:
        session.verify = str(options.ca_file)
    if options.user is not None and options.password is not None:
        session.auth = (options.user, options.password.get_secret_value())
    if options.token is not None:
        session.headers["Authorization"] = f"Bearer {options.token.get_secret_value()}"


@contextmanager
def _translated() -> Iterator[None]:
    """Turn refusals into ours: the text of HTTPError holds the URL, and that the Patient ID."""
    try:
        yield
    except HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise PeerError(f"the source answered {status}", code="peer_refused") from error
