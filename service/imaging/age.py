"""Whether the patient is a child, as the header says. The age itself goes no further."""

import re
from datetime import date

from pydicom import Dataset

from service.imaging.attributes import text

ADULT_YEARS = 16
_AGE = re.compile(r"(\d{3})([DWMY])")
_PER_YEAR = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_STUDY_DATES = ("AcquisitionDate", "ContentDate", "StudyDate")


def patient_is_under_16(header: Dataset) -> bool | None:
    """Return whether the patient was under 16 years; None when the header does not say.

    PatientAge as the standard writes it (`012Y`), else PatientBirthDate at the image's or the
    study's date. A number without a unit is not guessed at.
    """
    age = _AGE.fullmatch(text(header, "PatientAge"))
    if age:
        return int(age[1]) / _PER_YEAR[age[2]] < ADULT_YEARS
    born = _date(text(header, "PatientBirthDate"))
    taken = next((day for day in (_date(text(header, k)) for k in _STUDY_DATES) if day), None)
    if born is None or taken is None or taken < born:
        return None
    had_birthday = (taken.month, taken.day) >= (born.month, born.day)
    return taken.year - born.year - (not had_birthday) < ADULT_YEARS


def _date(stated: str) -> date | None:
    parts = _DATE.fullmatch(stated)
    try:
        return date(int(parts[1]), int(parts[2]), int(parts[3])) if parts else None
    except ValueError:
        return None
