"""Identifiers, and which of them are safe to use."""

import re
from dataclasses import dataclass
from typing import NewType
from uuid import uuid4

from service.errors import RejectedInstance

JobId = NewType("JobId", str)
StudyInstanceUID = NewType("StudyInstanceUID", str)
SeriesInstanceUID = NewType("SeriesInstanceUID", str)
SOPInstanceUID = NewType("SOPInstanceUID", str)
SOPClassUID = NewType("SOPClassUID", str)

MAXIMUM_UID_LENGTH = 64
# PS3.5 section 9.1 forbids a leading zero in a component; real films have it, so it only warns.
_ACCEPTED_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_STRICT_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*")


def new_job_id() -> JobId:
    """Return a random job id: the only identifier in task messages and logs."""
    return JobId(uuid4().hex)


def checked_uid(text: str, keyword: str) -> str:
    """Return `text` without its one trailing NUL pad when it is a usable UID.

    Raises RejectedInstance(code="invalid_uid") when empty, longer than 64 characters,
    or made of anything but digits and dots. The message names `keyword`, never the value.
    """
    candidate = text.removesuffix("\0")
    if not 0 < len(candidate) <= MAXIMUM_UID_LENGTH or not _ACCEPTED_UID.fullmatch(candidate):
        raise RejectedInstance(f"{keyword} is not a valid UID", code="invalid_uid")
    return candidate


def has_leading_zero(uid: str) -> bool:
    """Return whether an accepted UID breaks the leading-zero rule (a warning, not an error)."""
    return not _STRICT_UID.fullmatch(uid)


@dataclass(frozen=True, slots=True)
class InstanceReference:
    """Which SOP Instance this is about. All UIDs have passed `checked_uid`."""

    study_instance_uid: StudyInstanceUID
    series_instance_uid: SeriesInstanceUID
    sop_instance_uid: SOPInstanceUID
    sop_class_uid: SOPClassUID
