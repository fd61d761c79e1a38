"""What a source is asked, and which of its answers are worth fetching."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydicom import Dataset

from service.dimse.negotiation import RECEIVED_SOP_CLASSES
from service.domain.film import Film
from service.domain.identifiers import checked_uid
from service.domain.image import ViewPosition
from service.errors import NotEligible, RejectedInstance
from service.imaging.orientation import view_position
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

_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
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
    """An instance that may be the prior, as far as the source says.

    acquired: "" when it does not say. may_be_capture: a secondary capture, or of an unsaid class.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    acquired: str
    may_be_capture: bool


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
    """Return the answers that may be the prior, as the source describes them.

    The newest day first; of a day, secondary captures last: most are pictures of results.
    """
    found = (candidate_of(answer, question) for answer in answers)
    candidates = {each.sop_instance_uid: each for each in found if each is not None}
    return tuple(sorted(candidates.values(), key=_rank, reverse=True))


def candidate_of(answer: Dataset, question: Question) -> Candidate | None:
    """Return the candidate; None for an answer that cannot be the prior, or makes no sense.

    Only the UIDs must be there: archives answer no more than they must (PS3.4 C.2.2.1.2).
    """
    try:
        study, series, instance = (
            checked_uid(plain_text(answer, keyword), keyword) for keyword in _UIDS
        )
    except RejectedInstance:
        return None
    moment, sop_class_uid = acquired(answer) or "", plain_text(answer, "SOPClassUID")
    described = Film(question.film.patient, moment or None, view_position(answer))
    is_other_view = described.view not in (ViewPosition.UNKNOWN, question.film.view)
    is_not_earlier = bool(moment) and not described.is_before(question.film)
    is_itself = instance == question.sop_instance_uid
    is_other_class = bool(sop_class_uid) and sop_class_uid not in RECEIVED_SOP_CLASSES
    if is_other_view or is_not_earlier or is_itself or is_other_class:
        return None
    may_be_capture = sop_class_uid not in RECEIVED_SOP_CLASSES[:3]
    return Candidate(study, series, instance, moment, may_be_capture)


def _rank(candidate: Candidate) -> tuple[str, bool, str]:
    return candidate.acquired, not candidate.may_be_capture, candidate.sop_instance_uid


def image_identifier(wanted: Candidate) -> Dataset:
    """Return the identifier that names one instance."""
    identifier = level_identifier("IMAGE")
    identifier.StudyInstanceUID = wanted.study_instance_uid
    identifier.SeriesInstanceUID = wanted.series_instance_uid
    identifier.SOPInstanceUID = wanted.sop_instance_uid
    return identifier


def level_identifier(name: str) -> Dataset:
    """Return an identifier for one level of the Study Root model, with nothing asked yet."""
    identifier = Dataset()
    identifier.SpecificCharacterSet = "ISO_IR 192"
    identifier.QueryRetrieveLevel = name
    return identifier
