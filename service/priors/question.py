"""What a source is asked, and which of its answers are worth fetching."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydicom import Dataset

from service.dimse.negotiation import RECEIVED_SOP_CLASSES
from service.domain.film import Film
from service.domain.identifiers import InstanceReference
from service.domain.image import ViewPosition
from service.errors import NotEligible, RejectedInstance
from service.imaging.orientation import view_position
from service.imaging.read import reference_of
from service.priors.history import Present
from service.priors.identity import acquired, plain_text

MODALITIES = ("CR", "DX")
ANSWERED = (
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "StudyDate",
    "StudyTime",
    "AcquisitionDate",
    "AcquisitionTime",
    "ContentDate",
    "ContentTime",
    "ViewPosition",
)
"""What is wanted of each instance; all of it is read again in the instance itself."""

_WILDCARDS = frozenset("*?\\")


@dataclass(frozen=True, slots=True)
class Question:
    """Whose earlier films are wanted. `patient_id` and `issuer` are in clear: never log them.

    until: the last day (YYYYMMDD) on which they may have been taken.
    """

    patient_id: str
    issuer: str
    until: str
    film: Film
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An instance that may be the prior, as far as the source says."""

    reference: InstanceReference
    acquired: str


def question_of(present: Present) -> Question:
    """Return what to ask; raises NotEligible (id_not_searchable) for an ID with wildcards in it."""
    patient_id = plain_text(present.header, "PatientID")
    if not _WILDCARDS.isdisjoint(patient_id):
        raise NotEligible("the Patient ID holds a wildcard", code="id_not_searchable")
    return Question(
        patient_id=patient_id,
        issuer=plain_text(present.header, "IssuerOfPatientID"),
        until=present.film.date,
        film=present.film,
        sop_instance_uid=present.analysis.image.reference.sop_instance_uid,
    )


def newest_first(answers: Iterable[Dataset], question: Question) -> tuple[Candidate, ...]:
    """Return the answers that may be the prior, as the source describes them."""
    found = (candidate_of(answer, question) for answer in answers)
    candidates = {each.reference.sop_instance_uid: each for each in found if each is not None}
    return tuple(
        sorted(
            candidates.values(),
            key=_rank,
            reverse=True,
        )
    )


def candidate_of(answer: Dataset, question: Question) -> Candidate | None:
    """Return the candidate; None for an answer that cannot be the prior, or makes no sense."""
    try:
        reference = reference_of(answer)
    except RejectedInstance:
        return None
    moment = acquired(answer) or ""
    described = Film(question.film.patient, moment or None, view_position(answer))
    is_other_view = described.view not in (ViewPosition.UNKNOWN, question.film.view)
    is_not_earlier = bool(moment) and not described.is_before(question.film)
    is_itself = reference.sop_instance_uid == question.sop_instance_uid
    is_other_class = str(reference.sop_class_uid) not in RECEIVED_SOP_CLASSES
    if is_other_view or is_not_earlier or is_itself or is_other_class:
        return None
    return Candidate(reference, moment)


def _rank(candidate: Candidate) -> tuple[str, bool, str]:
    """The newest day first; of a day, secondary captures last: most are pictures of results."""
    is_film = str(candidate.reference.sop_class_uid) in RECEIVED_SOP_CLASSES[:3]
    return candidate.acquired, is_film, candidate.reference.sop_instance_uid


def image_identifier(wanted: Candidate) -> Dataset:
    """Return the identifier that names one instance."""
    identifier, reference = level_identifier("IMAGE"), wanted.reference
    identifier.StudyInstanceUID = reference.study_instance_uid
    identifier.SeriesInstanceUID = reference.series_instance_uid
    identifier.SOPInstanceUID = reference.sop_instance_uid
    return identifier


def level_identifier(name: str) -> Dataset:
    """Return an identifier for one level of the Study Root model, with nothing asked yet."""
    identifier = Dataset()
    identifier.SpecificCharacterSet = "ISO_IR 192"
    identifier.QueryRetrieveLevel = name
    return identifier
